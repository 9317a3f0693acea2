/** What can be said of runs from their numbers: figures of merit with intervals. Pure functions. */
@NullMarked
package org.deeprl4j.experiments.statistics;

import org.jspecify.annotations.NullMarked;
