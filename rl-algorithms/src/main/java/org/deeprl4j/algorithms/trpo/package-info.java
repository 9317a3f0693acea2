/** Trust region policy optimisation, and the natural policy gradient it refines. */
@NullMarked
package org.deeprl4j.algorithms.trpo;

import org.jspecify.annotations.NullMarked;
