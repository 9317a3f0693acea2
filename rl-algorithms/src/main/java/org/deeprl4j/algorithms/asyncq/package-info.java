/** Asynchronous one-step Q-learning, one-step Sarsa and n-step Q-learning. */
@NullMarked
package org.deeprl4j.algorithms.asyncq;

import org.jspecify.annotations.NullMarked;
