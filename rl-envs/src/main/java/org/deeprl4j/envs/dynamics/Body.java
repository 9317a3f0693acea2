package org.deeprl4j.envs.dynamics;

import java.util.List;

/**
 * A rigid body and the joints that move it against its parent.
 *
 * @param name for messages
 * @param position of its frame's origin in the parent's frame, m, with every joint at its reference
 * @param rotation of its frame against the parent's, with every joint at its reference
 * @param joints that move it, at least one, in order: each one moves the axes of those after it
 * @param mass kg
 * @param com the centre of mass in its frame, m
 * @param inertia the principal moments about the centre of mass, kg m²
 * @param inertiaRotation the principal axes in its frame
 */
public record Body(
    String name,
    Vec3 position,
    Rotation rotation,
    List<Joint> joints,
    double mass,
    Vec3 com,
    Vec3 inertia,
    Rotation inertiaRotation) {

  /** Checks that such a body can exist. */
  public Body {
    joints = List.copyOf(joints);
    if (joints.isEmpty()) {
      throw new IllegalArgumentException(
          "body " + name + " has no joint: make it a part of its parent's mass and inertia");
    }
    Joint.requireNotNegative("body " + name + ": mass", mass);
    Joint.requireNotNegative("body " + name + ": the first moment of inertia", inertia.x());
    Joint.requireNotNegative("body " + name + ": the second moment of inertia", inertia.y());
    Joint.requireNotNegative("body " + name + ": the third moment of inertia", inertia.z());
    double largest = Math.max(inertia.x(), Math.max(inertia.y(), inertia.z()));
    double sum = inertia.x() + inertia.y() + inertia.z();
    // Of a flat body the two sides are equal, up to the digits that were written.
    if (2 * largest > sum * (1 + 1e-4)) {
      throw new IllegalArgumentException(
          "body %s: no mass has the moments of inertia (%s, %s, %s), the largest more than the other two together"
              .formatted(name, inertia.x(), inertia.y(), inertia.z()));
    }
  }

  /** A body with its principal axes along its frame's, and its frame along its parent's. */
  public static Body of(
      String name, Vec3 position, List<Joint> joints, double mass, Vec3 com, Vec3 inertia) {
    return new Body(name, position, Rotation.NONE, joints, mass, com, inertia, Rotation.NONE);
  }
}
