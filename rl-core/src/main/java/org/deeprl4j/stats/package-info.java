/** Running statistics, normalisation, and figures of merit. */
@NullMarked
package org.deeprl4j.stats;

import org.jspecify.annotations.NullMarked;
