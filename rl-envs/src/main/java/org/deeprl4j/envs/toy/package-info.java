/** Tasks whose optimum is known by construction, for checking that an algorithm learns at all. */
@NullMarked
package org.deeprl4j.envs.toy;

import org.jspecify.annotations.NullMarked;
