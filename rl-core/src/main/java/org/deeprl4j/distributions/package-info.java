/** Action distributions as pure functions of network outputs. */
@NullMarked
package org.deeprl4j.distributions;

import org.jspecify.annotations.NullMarked;
