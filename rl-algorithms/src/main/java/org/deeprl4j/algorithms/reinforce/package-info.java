/** REINFORCE, with and without a baseline (Williams 1992). */
@NullMarked
package org.deeprl4j.algorithms.reinforce;

import org.jspecify.annotations.NullMarked;
