package org.deeprl4j.envs.dynamics;

/**
 * A mass, its centre, and its inertia as principal moments about the centre and their axes.
 *
 * @param mass kg
 * @param com the centre, m
 * @param moments kg m²
 * @param axes the principal axes
 */
record MassProperties(double mass, Vec3 com, Vec3 moments, Rotation axes) {
  static final MassProperties NONE = new MassProperties(0, Vec3.ZERO, Vec3.ZERO, Rotation.NONE);

  /** Enough for a symmetric matrix of 3 rows to become diagonal to the last bit. */
  private static final int SWEEPS = 50;

  /**
   * Of an inertia about the centre that need not be diagonal.
   *
   * @param inertia xx, yy, zz, xy, xz, yz, kg m²
   */
  static MassProperties of(double mass, Vec3 com, double[] inertia) {
    double[][] a = {
      {inertia[0], inertia[3], inertia[4]},
      {inertia[3], inertia[1], inertia[5]},
      {inertia[4], inertia[5], inertia[2]}
    };
    // Jacobi's method: one off-diagonal element after the other is turned away.
    Rotation axes = Rotation.NONE;
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      double off = Math.abs(a[0][1]) + Math.abs(a[0][2]) + Math.abs(a[1][2]);
      if (off == 0) {
        break;
      }
      for (int p = 0; p < 2; p++) {
        for (int r = p + 1; r < 3; r++) {
          if (a[p][r] == 0) {
            continue;
          }
          double angle = 0.5 * Math.atan2(2 * a[p][r], a[p][p] - a[r][r]);
          double c = Math.cos(angle);
          double s = Math.sin(angle);
          for (int k = 0; k < 3; k++) {
            double kp = a[k][p];
            a[k][p] = c * kp + s * a[k][r];
            a[k][r] = c * a[k][r] - s * kp;
          }
          for (int k = 0; k < 3; k++) {
            double pk = a[p][k];
            a[p][k] = c * pk + s * a[r][k];
            a[r][k] = c * a[r][k] - s * pk;
          }
          a[p][r] = 0;
          a[r][p] = 0;
          axes = axes.times(turn(p, r, angle));
        }
      }
    }
    double rounding = 1e-15 * Math.max(a[0][0], Math.max(a[1][1], a[2][2]));
    return new MassProperties(
        mass,
        com,
        new Vec3(
            notBelowZero(a[0][0], rounding),
            notBelowZero(a[1][1], rounding),
            notBelowZero(a[2][2], rounding)),
        axes);
  }

  /** A moment of 0 may come out as a little less. */
  private static double notBelowZero(double moment, double rounding) {
    return moment < 0 && moment > -rounding ? 0 : moment;
  }

  /** The rotation that turns axis p towards axis r. */
  private static Rotation turn(int p, int r, double angle) {
    if (p == 0 && r == 2) {
      return Rotation.about(Vec3.Y, -angle); // the third axis of z and x is y: from z to x
    }
    return Rotation.about(p == 0 ? Vec3.Z : Vec3.X, angle);
  }

  /** The same mass as seen from a frame in which this one's frame has a pose. */
  MassProperties in(Vec3 position, Rotation rotation) {
    return new MassProperties(
        mass, position.plus(rotation.apply(com)), moments, rotation.times(axes));
  }

  /** Two masses as one. */
  MassProperties plus(MassProperties other) {
    if (other.mass == 0 && other.moments.norm() == 0) {
      return this;
    }
    if (mass == 0 && moments.norm() == 0) {
      return other;
    }
    double sum = mass + other.mass;
    Vec3 centre =
        sum == 0 ? Vec3.ZERO : com.times(mass / sum).plus(other.com.times(other.mass / sum));
    double[] inertia = new double[6];
    add(this, centre, inertia);
    add(other, centre, inertia);
    return of(sum, centre, inertia);
  }

  /** Adds the inertia of a part about a point (Steiner). */
  private static void add(MassProperties part, Vec3 about, double[] inertia) {
    double[] r = part.axes.matrix();
    double[] m = {part.moments.x(), part.moments.y(), part.moments.z()};
    Vec3 d = part.com.minus(about);
    double[] at = {d.x(), d.y(), d.z()};
    double square = d.x() * d.x() + d.y() * d.y() + d.z() * d.z();
    int[][] elements = {{0, 0}, {1, 1}, {2, 2}, {0, 1}, {0, 2}, {1, 2}};
    for (int e = 0; e < 6; e++) {
      int i = elements[e][0];
      int j = elements[e][1];
      double sum = part.mass * ((i == j ? square : 0) - at[i] * at[j]);
      for (int k = 0; k < 3; k++) {
        sum += r[3 * i + k] * m[k] * r[3 * j + k];
      }
      inertia[e] += sum;
    }
  }
}
