/** Spaces of observations and actions. */
@NullMarked
package org.deeprl4j.space;

import org.jspecify.annotations.NullMarked;
