/** Running statistics and normalisation. */
@NullMarked
package org.deeprl4j.stats;

import org.jspecify.annotations.NullMarked;
