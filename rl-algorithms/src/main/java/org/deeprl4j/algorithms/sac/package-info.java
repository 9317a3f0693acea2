/** Soft actor-critic. */
@NullMarked
package org.deeprl4j.algorithms.sac;

import org.jspecify.annotations.NullMarked;
