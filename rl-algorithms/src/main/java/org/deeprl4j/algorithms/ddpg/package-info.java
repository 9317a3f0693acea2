/** Deep deterministic policy gradient. */
@NullMarked
package org.deeprl4j.algorithms.ddpg;

import org.jspecify.annotations.NullMarked;
