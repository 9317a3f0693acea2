/** Policies, value functions and action-value functions. */
@NullMarked
package org.deeprl4j.policy;

import org.jspecify.annotations.NullMarked;
