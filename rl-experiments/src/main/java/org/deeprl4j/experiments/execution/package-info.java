/** Runs as data, and who executes them: threads of this program, or other machines. */
@NullMarked
package org.deeprl4j.experiments.execution;

import org.jspecify.annotations.NullMarked;
