/** First-order optimisers and gradient clipping. */
@NullMarked
package org.deeprl4j.optim;

import org.jspecify.annotations.NullMarked;
