/** On-policy experience and its advantages. */
@NullMarked
package org.deeprl4j.rollout;

import org.jspecify.annotations.NullMarked;
