/** A run around a trainer: its loop, directory and evaluations. */
@NullMarked
package org.deeprl4j.algorithms.run;

import org.jspecify.annotations.NullMarked;
