/** Training: one driver per data regime, with evaluation, checkpoints and listeners. */
@NullMarked
package org.deeprl4j.training;

import org.jspecify.annotations.NullMarked;
