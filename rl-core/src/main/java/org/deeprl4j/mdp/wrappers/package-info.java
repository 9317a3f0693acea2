/** Wrappers that change one thing about an environment. */
@NullMarked
package org.deeprl4j.mdp.wrappers;

import org.jspecify.annotations.NullMarked;
