/** One driver per data regime, and the contracts of its learners. */
@NullMarked
package org.deeprl4j.algorithms.training;

import org.jspecify.annotations.NullMarked;
