/** Memories of transitions, and how batches are drawn from them. */
@NullMarked
package org.deeprl4j.replay;

import org.jspecify.annotations.NullMarked;
