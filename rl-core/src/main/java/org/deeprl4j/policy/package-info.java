/**
 * Policies, value functions and action-value functions: what training leaves behind. A policy in a
 * network's columns needs neither its algorithm nor its environment, in memory or from its file.
 */
@NullMarked
package org.deeprl4j.policy;

import org.jspecify.annotations.NullMarked;
