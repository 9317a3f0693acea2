/** Deep Q-learning. */
@NullMarked
package org.deeprl4j.algorithms.dqn;

import org.jspecify.annotations.NullMarked;
