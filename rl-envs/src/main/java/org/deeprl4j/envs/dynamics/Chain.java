package org.deeprl4j.envs.dynamics;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A serial chain of bodies: the first one moves relative to the world, every other relative to the
 * one before it.
 *
 * @param name for messages
 * @param bodies from the base on, at least one
 * @param tip the point of interest, m, in the last body's frame
 * @param gravity the acceleration of free fall, m/s², in the world's frame
 */
public record Chain(String name, List<Body> bodies, Vec3 tip, Vec3 gravity) {
  /** Gravity along −z, 9.81 m/s² as MuJoCo has it. */
  public static final Vec3 EARTH = new Vec3(0, 0, -9.81);

  /** Checks that there is a body. */
  public Chain {
    bodies = List.copyOf(bodies);
    if (bodies.isEmpty()) {
      throw new IllegalArgumentException("chain " + name + " must have at least one body");
    }
  }

  /** Every joint, from the base on: a chain's degrees of freedom in their order. */
  public List<Joint> joints() {
    return bodies.stream().flatMap(body -> body.joints().stream()).toList();
  }

  /** The same chain with every joint replaced. */
  public Chain withJoints(UnaryOperator<Joint> change) {
    return new Chain(
        name,
        bodies.stream()
            .map(
                b ->
                    new Body(
                        b.name(),
                        b.position(),
                        b.rotation(),
                        b.joints().stream().map(change).toList(),
                        b.mass(),
                        b.com(),
                        b.inertia(),
                        b.inertiaRotation()))
            .toList(),
        tip,
        gravity);
  }
}
