/**
 * Studies: variants of algorithms and settings, each with several seeds, as files and as
 * directories.
 */
@NullMarked
package org.deeprl4j.experiments.study;

import org.jspecify.annotations.NullMarked;
