/** The environments by name, and traces of them. */
@NullMarked
package org.deeprl4j.envs;

import org.jspecify.annotations.NullMarked;
