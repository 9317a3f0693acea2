/** Threads that share work of microseconds. */
@NullMarked
package org.deeprl4j.threads;

import org.jspecify.annotations.NullMarked;
