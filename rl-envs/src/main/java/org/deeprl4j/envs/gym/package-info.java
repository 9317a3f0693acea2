/** Gymnasium's environments, run by the user's own Python in child processes. */
@NullMarked
package org.deeprl4j.envs.gym;

import org.jspecify.annotations.NullMarked;
