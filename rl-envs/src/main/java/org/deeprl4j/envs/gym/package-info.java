/** Gymnasium's environments, run by the user's own Python in a child process. */
@NullMarked
package org.deeprl4j.envs.gym;

import org.jspecify.annotations.NullMarked;
