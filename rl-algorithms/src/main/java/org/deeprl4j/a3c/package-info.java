/** Asynchronous advantage actor-critic. */
@NullMarked
package org.deeprl4j.a3c;

import org.jspecify.annotations.NullMarked;
