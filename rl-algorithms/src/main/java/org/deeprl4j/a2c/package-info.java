/** Advantage actor-critic. */
@NullMarked
package org.deeprl4j.a2c;

import org.jspecify.annotations.NullMarked;
