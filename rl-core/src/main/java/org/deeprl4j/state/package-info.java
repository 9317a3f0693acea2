/** The contract by which everything stateful enters a checkpoint. */
@NullMarked
package org.deeprl4j.state;

import org.jspecify.annotations.NullMarked;
