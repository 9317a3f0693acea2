/** Advantage actor-critic. */
@NullMarked
package org.deeprl4j.algorithms.a2c;

import org.jspecify.annotations.NullMarked;
