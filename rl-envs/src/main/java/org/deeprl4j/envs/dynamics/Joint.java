package org.deeprl4j.envs.dynamics;

import org.jspecify.annotations.Nullable;

/**
 * A joint with one degree of freedom.
 *
 * @param name for messages
 * @param type what it does
 * @param axis the direction, in the frame of the body it moves, of any length but zero: rotation is
 *     positive counter-clockwise about it
 * @param anchor a point on the axis, m, in the same frame
 * @param reference its position, rad or m, at which the body stands as {@link Body} says
 * @param armature inertia of the drive, reflected to the joint: kg m² for a revolute joint, kg for
 *     a prismatic one
 * @param damping viscous friction, N m s/rad or N s/m
 * @param frictionLoss dry friction: the largest force that it resists motion with, N m or N
 * @param spring that pulls it to a position, null for none
 * @param stop where its range ends, null for an unlimited joint
 */
public record Joint(
    String name,
    Type type,
    Vec3 axis,
    Vec3 anchor,
    double reference,
    double armature,
    double damping,
    double frictionLoss,
    @Nullable Spring spring,
    @Nullable Stop stop) {

  /** Revolute joints turn about their axis, prismatic ones slide along it. */
  public enum Type {
    REVOLUTE,
    PRISMATIC
  }

  /**
   * A spring, of force −K (q − rest).
   *
   * @param stiffness K, N m/rad or N/m
   * @param rest where it is at ease, rad or m
   */
  public record Spring(double stiffness, double rest) {
    /** Checks every range. */
    public Spring {
      requireNotNegative("a spring's stiffness", stiffness);
      requireFinite("a spring's rest", rest);
    }
  }

  /**
   * The stops of a range, as springs with dampers: beyond a limit by δ, a force K δ + C q̇ acts
   * against it.
   *
   * @param lower the joint's smallest position, rad or m
   * @param upper its largest
   * @param stiffness K, N m/rad or N/m
   * @param damping C, N m s/rad or N s/m
   */
  public record Stop(double lower, double upper, double stiffness, double damping) {
    /** Checks every range. */
    public Stop {
      if (!(lower < upper)) {
        throw new IllegalArgumentException(
            "a joint's range must not be empty, but is [%s, %s]".formatted(lower, upper));
      }
      requireNotNegative("a stop's stiffness", stiffness);
      requireNotNegative("a stop's damping", damping);
    }
  }

  /** Checks every range. */
  public Joint {
    if (!(axis.norm() > 0)) {
      throw new IllegalArgumentException("joint " + name + ": the axis must not be zero");
    }
    requireFinite("joint " + name + ": reference", reference);
    requireNotNegative("joint " + name + ": armature", armature);
    requireNotNegative("joint " + name + ": damping", damping);
    requireNotNegative("joint " + name + ": frictionLoss", frictionLoss);
  }

  /** A joint through its body's origin, without armature, friction, spring or stops. */
  public static Joint of(String name, Type type, Vec3 axis) {
    return new Joint(name, type, axis, Vec3.ZERO, 0, 0, 0, 0, null, null);
  }

  /** The same joint with another drive inertia and viscous friction. */
  public Joint withDrive(double newArmature, double newDamping) {
    return new Joint(
        name, type, axis, anchor, reference, newArmature, newDamping, frictionLoss, spring, stop);
  }

  /** The same joint with other stops, or none. */
  public Joint withStop(@Nullable Stop newStop) {
    return new Joint(
        name, type, axis, anchor, reference, armature, damping, frictionLoss, spring, newStop);
  }

  private static void requireFinite(String what, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(what + " must be finite, not " + value);
    }
  }

  static void requireNotNegative(String what, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(what + " must be finite and not negative, not " + value);
    }
  }
}
