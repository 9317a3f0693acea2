/** Results of runs, and what is said of them together: statistics, curves, tables, plots, pages. */
@NullMarked
package org.deeprl4j.experiments.report;

import org.jspecify.annotations.NullMarked;
