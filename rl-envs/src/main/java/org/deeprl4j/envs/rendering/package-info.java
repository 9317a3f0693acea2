/** Pictures of environments: what they show, painted without a display or in a window. */
@NullMarked
package org.deeprl4j.envs.rendering;

import org.jspecify.annotations.NullMarked;
