/**
 * Finite Markov decision processes, on which everything that algorithms estimate has an exact
 * value: the theorems under policy gradients, trust regions and soft actor-critic, as programs.
 */
@NullMarked
package org.deeprl4j.theory;

import org.jspecify.annotations.NullMarked;
