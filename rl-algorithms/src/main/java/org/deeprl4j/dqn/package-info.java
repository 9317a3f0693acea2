/** Deep Q-learning. */
@NullMarked
package org.deeprl4j.dqn;

import org.jspecify.annotations.NullMarked;
