package org.deeprl4j.envs.dynamics;

/** A vector of three finite numbers, for the data of a chain. */
public record Vec3(double x, double y, double z) {
  /** The zero vector. */
  public static final Vec3 ZERO = new Vec3(0, 0, 0);

  /** The unit vector along x. */
  public static final Vec3 X = new Vec3(1, 0, 0);

  /** The unit vector along y. */
  public static final Vec3 Y = new Vec3(0, 1, 0);

  /** The unit vector along z. */
  public static final Vec3 Z = new Vec3(0, 0, 1);

  /** Checks that the three are finite. */
  public Vec3 {
    if (!Double.isFinite(x + y + z)) {
      throw new IllegalArgumentException(
          "a vector must be finite, not (%s, %s, %s)".formatted(x, y, z));
    }
  }

  /** The Euclidean length. */
  public double norm() {
    return Math.sqrt(x * x + y * y + z * z);
  }

  /** The sum with another. */
  Vec3 plus(Vec3 other) {
    return new Vec3(x + other.x, y + other.y, z + other.z);
  }

  /** This vector less another. */
  Vec3 minus(Vec3 other) {
    return new Vec3(x - other.x, y - other.y, z - other.z);
  }

  /** The scalar product with another. */
  double dot(Vec3 other) {
    return x * other.x + y * other.y + z * other.z;
  }

  /** The cross product with another. */
  Vec3 cross(Vec3 other) {
    return new Vec3(
        y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x);
  }

  /** This vector times a number. */
  Vec3 times(double factor) {
    return new Vec3(factor * x, factor * y, factor * z);
  }
}
