package org.deeprl4j.envs.dynamics;

/**
 * A rotation, as the unit quaternion w + xi + yj + zk.
 *
 * <p>It turns a vector's coordinates in a frame into those in the frame's parent.
 */
public record Rotation(double w, double x, double y, double z) {
  /** No rotation. */
  public static final Rotation NONE = new Rotation(1, 0, 0, 0);

  /**
   * The rotation of a quaternion of any length but zero, which is normalised.
   *
   * @throws IllegalArgumentException if the quaternion is zero or not finite
   */
  public Rotation {
    double norm = Math.sqrt(w * w + x * x + y * y + z * z);
    if (!(norm > 0) || !Double.isFinite(norm)) {
      throw new IllegalArgumentException(
          "a rotation's quaternion must be finite and not zero, not (%s, %s, %s, %s)"
              .formatted(w, x, y, z));
    }
    w /= norm;
    x /= norm;
    y /= norm;
    z /= norm;
  }

  /** The rotation that turns the z axis into a direction of any length but zero. */
  static Rotation zTo(Vec3 direction) {
    Vec3 d = direction.times(1 / direction.norm());
    // Half-way between z and d; for d = −z any horizontal axis will do.
    return d.z() < -1 + 1e-12
        ? new Rotation(0, 1, 0, 0)
        : new Rotation(1 + d.z(), -d.y(), d.x(), 0);
  }

  /** The rotation by an angle in rad about an axis of any length but zero, counter-clockwise. */
  public static Rotation about(Vec3 axis, double angle) {
    double s = Math.sin(angle / 2) / axis.norm();
    return new Rotation(Math.cos(angle / 2), s * axis.x(), s * axis.y(), s * axis.z());
  }

  /**
   * The rotation that turns the axes of a frame into three orthonormal, right-handed directions.
   */
  static Rotation ofAxes(Vec3 x, Vec3 y, Vec3 z) {
    // Shepperd's method: the largest of the four squares is far from 0.
    double trace = x.x() + y.y() + z.z();
    if (trace > 0) {
      return new Rotation(1 + trace, y.z() - z.y(), z.x() - x.z(), x.y() - y.x());
    }
    if (x.x() >= y.y() && x.x() >= z.z()) {
      return new Rotation(y.z() - z.y(), 1 + x.x() - y.y() - z.z(), y.x() + x.y(), z.x() + x.z());
    }
    if (y.y() >= z.z()) {
      return new Rotation(z.x() - x.z(), y.x() + x.y(), 1 + y.y() - x.x() - z.z(), z.y() + y.z());
    }
    return new Rotation(x.y() - y.x(), z.x() + x.z(), z.y() + y.z(), 1 + z.z() - x.x() - y.y());
  }

  /** The inverse. */
  Rotation inverse() {
    return new Rotation(w, -x, -y, -z);
  }

  /** This rotation after another one. */
  Rotation times(Rotation o) {
    return new Rotation(
        w * o.w - x * o.x - y * o.y - z * o.z,
        w * o.x + x * o.w + y * o.z - z * o.y,
        w * o.y - x * o.z + y * o.w + z * o.x,
        w * o.z + x * o.y - y * o.x + z * o.w);
  }

  /** The rotated vector. */
  Vec3 apply(Vec3 v) {
    double[] m = matrix();
    return new Vec3(
        m[0] * v.x() + m[1] * v.y() + m[2] * v.z(),
        m[3] * v.x() + m[4] * v.y() + m[5] * v.z(),
        m[6] * v.x() + m[7] * v.y() + m[8] * v.z());
  }

  /** The matrix, [3, 3] row by row, a new array. */
  double[] matrix() {
    return new double[] {
      1 - 2 * (y * y + z * z),
      2 * (x * y - w * z),
      2 * (x * z + w * y),
      2 * (x * y + w * z),
      1 - 2 * (x * x + z * z),
      2 * (y * z - w * x),
      2 * (x * z - w * y),
      2 * (y * z + w * x),
      1 - 2 * (x * x + y * y)
    };
  }
}
