/**
 * Rigid-body dynamics of serial chains of revolute and prismatic joints (Featherstone 2008, "Rigid
 * body dynamics algorithms"): what a chain is, its equations of motion, and their integration.
 */
@NullMarked
package org.deeprl4j.envs.dynamics;

import org.jspecify.annotations.NullMarked;
