/** Deep deterministic policy gradient. */
@NullMarked
package org.deeprl4j.ddpg;

import org.jspecify.annotations.NullMarked;
