/** Trained policies in the formats of other runtimes. */
@NullMarked
package org.deeprl4j.export;

import org.jspecify.annotations.NullMarked;
