/** Hyper-parameters as functions of training progress. */
@NullMarked
package org.deeprl4j.schedule;

import org.jspecify.annotations.NullMarked;
