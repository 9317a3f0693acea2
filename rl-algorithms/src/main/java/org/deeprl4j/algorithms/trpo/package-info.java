/** Trust region policy optimisation, and the natural policy gradient that it refines. */
@NullMarked
package org.deeprl4j.algorithms.trpo;

import org.jspecify.annotations.NullMarked;
