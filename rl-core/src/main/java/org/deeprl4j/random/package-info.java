/** Savable, splittable randomness. */
@NullMarked
package org.deeprl4j.random;

import org.jspecify.annotations.NullMarked;
