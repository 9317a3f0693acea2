/**
 * Studies on Apache Spark: a task is a run. What travels is bytes, {@link
 * org.deeprl4j.spark.RunParcel}; what executes them is what executes a run in one program.
 */
@NullMarked
package org.deeprl4j.spark;

import org.jspecify.annotations.NullMarked;
