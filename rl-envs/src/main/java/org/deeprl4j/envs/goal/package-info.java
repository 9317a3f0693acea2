/** Tasks with goals. */
@NullMarked
package org.deeprl4j.envs.goal;

import org.jspecify.annotations.NullMarked;
