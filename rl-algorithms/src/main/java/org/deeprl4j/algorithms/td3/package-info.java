/** Twin delayed deep deterministic policy gradient. */
@NullMarked
package org.deeprl4j.algorithms.td3;

import org.jspecify.annotations.NullMarked;
