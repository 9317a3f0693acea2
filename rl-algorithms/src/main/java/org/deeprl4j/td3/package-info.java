/** Twin delayed deep deterministic policy gradient. */
@NullMarked
package org.deeprl4j.td3;

import org.jspecify.annotations.NullMarked;
