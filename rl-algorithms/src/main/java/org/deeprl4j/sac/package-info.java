/** Soft actor-critic. */
@NullMarked
package org.deeprl4j.sac;

import org.jspecify.annotations.NullMarked;
