/**
 * Studies and rollouts on Apache Spark: a task is a run, or a part of a rollout. What travels is
 * bytes; what executes them is what executes a run, or gathers a rollout, in one program.
 */
@NullMarked
package org.deeprl4j.spark;

import org.jspecify.annotations.NullMarked;
