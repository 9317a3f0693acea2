/** One driver a data regime, and what a learner owes it. */
@NullMarked
package org.deeprl4j.algorithms.training;

import org.jspecify.annotations.NullMarked;
