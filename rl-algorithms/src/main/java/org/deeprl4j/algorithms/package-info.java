/** The algorithms by name. */
@NullMarked
package org.deeprl4j.algorithms;

import org.jspecify.annotations.NullMarked;
