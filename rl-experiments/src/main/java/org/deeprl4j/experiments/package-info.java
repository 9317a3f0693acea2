/** Studies: many runs, on one machine or more, and what can be said of them together. */
@NullMarked
package org.deeprl4j.experiments;

import org.jspecify.annotations.NullMarked;
