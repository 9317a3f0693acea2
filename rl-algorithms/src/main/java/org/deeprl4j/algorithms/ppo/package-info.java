/** Proximal policy optimisation (Schulman et al. 2017). */
@NullMarked
package org.deeprl4j.algorithms.ppo;

import org.jspecify.annotations.NullMarked;
