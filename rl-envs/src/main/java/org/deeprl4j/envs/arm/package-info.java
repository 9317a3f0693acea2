/** The 7-DOF arms and their tasks: reaching, tracking, holding. */
@NullMarked
package org.deeprl4j.envs.arm;

import org.jspecify.annotations.NullMarked;
