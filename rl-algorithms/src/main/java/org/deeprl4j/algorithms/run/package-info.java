/** A run around a trainer: its loop, its directory, its evaluations. */
@NullMarked
package org.deeprl4j.algorithms.run;

import org.jspecify.annotations.NullMarked;
