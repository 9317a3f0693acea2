/** Asynchronous advantage actor-critic. */
@NullMarked
package org.deeprl4j.algorithms.a3c;

import org.jspecify.annotations.NullMarked;
