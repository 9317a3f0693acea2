/** The command line. */
@NullMarked
package org.deeprl4j.cli;

import org.jspecify.annotations.NullMarked;
