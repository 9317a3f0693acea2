package org.deeprl4j.envs.dynamics;

import java.util.List;

/**
 * The equations of motion of a chain,
 *
 * <pre>
 *   M(q) q̈ + b(q, q̇) = τ
 * </pre>
 *
 * with M the mass matrix, the joints' armature on its diagonal, and b the forces of gravity,
 * Coriolis and centrifugal. Forward dynamics is the articulated-body algorithm, inverse dynamics
 * the recursive Newton-Euler algorithm, the mass matrix that of composite rigid bodies
 * (Featherstone 2008, "Rigid body dynamics algorithms", tables 7.1, 5.1 and 6.2). Friction and
 * stops are forces like others: {@link ChainIntegrator} adds them.
 *
 * <p>All spatial vectors are in the world's axes and taken at the world's origin, so that nothing
 * is transformed between bodies: a spatial velocity [ω; v] holds the velocity v of the body-fixed
 * point that passes the origin, a spatial force [n; f] the moment n about the origin.
 *
 * <p>Arrays are [n], one element a joint in the order of {@link Chain#joints()}; angles in rad,
 * positions in m. Nothing is allocated once it is made. Not thread-safe.
 */
public final class ChainDynamics {
  private final int n;
  private final Chain chain;
  private final double gx;
  private final double gy;
  private final double gz;

  // Data of each joint's link. Its frame stands on the joint, z along the axis; a link between two
  // joints of one body has no mass.
  private final boolean[] revolute;
  private final double[] offset; // [n, 3] of the joint in the parent link's frame
  private final double[] turn; // [n, 3, 3] of the frame against the parent link's, at the reference
  private final double[] reference;
  private final double[] armature;
  private final double[] mass;
  private final double[] com; // [n, 3] in the link's frame
  private final double[] inertia; // [n, 6] xx xy xz yy yz zz about the com, in the link's frame
  private final int[] bodyLink; // [bodies] the link that carries it
  private final double[] bodyOrigin; // [bodies, 3] in that link's frame
  private final double[] tipInLink;
  private final double[] noForce;

  // Set by kinematics(): rotation [n, 3, 3] and origin [n, 3] of each link.
  private final double[] rotation;
  private final double[] origin;
  private final double[] tip = new double[3];

  // Set by inertias(): mass times centre [n, 3] and inertia about the origin [n, 6] of each link.
  private final double[] moment;
  private final double[] spatial;

  // Of each joint: its axis S, the link's velocity v, S's rate of change times q̇ (c), the bias
  // force, and U = I S.
  private final double[] axis; // [n, 6]
  private final double[] velocity; // [n, 6]
  private final double[] rate; // [n, 6]
  private final double[] bias; // [n, 6]
  private final double[] u; // [n, 6]
  private final double[] d;
  private final double[] residual;

  /** The dynamics of a chain. */
  public ChainDynamics(Chain chain) {
    this.chain = chain;
    List<Joint> joints = chain.joints();
    n = joints.size();
    gx = chain.gravity().x();
    gy = chain.gravity().y();
    gz = chain.gravity().z();
    revolute = new boolean[n];
    offset = new double[3 * n];
    turn = new double[9 * n];
    reference = new double[n];
    armature = new double[n];
    mass = new double[n];
    com = new double[3 * n];
    inertia = new double[6 * n];
    bodyLink = new int[chain.bodies().size()];
    bodyOrigin = new double[3 * bodyLink.length];
    rotation = new double[9 * n];
    origin = new double[3 * n];
    moment = new double[3 * n];
    spatial = new double[6 * n];
    axis = new double[6 * n];
    velocity = new double[6 * n];
    rate = new double[6 * n];
    bias = new double[6 * n];
    u = new double[6 * n];
    d = new double[n];
    residual = new double[n];
    noForce = new double[n];

    // Where the previous link's frame stands in the frame of its body.
    Rotation previous = Rotation.NONE;
    Vec3 previousAnchor = Vec3.ZERO;
    int i = 0;
    for (int b = 0; b < bodyLink.length; b++) {
      Body body = chain.bodies().get(b);
      // The frame that the next joint moves, in the frame the previous link's is given in.
      Vec3 position = body.position();
      Rotation frame = body.rotation();
      for (Joint joint : body.joints()) {
        Rotation alignment = Rotation.zTo(joint.axis());
        Vec3 anchor = frame.apply(joint.anchor());
        put(previous.inverse().apply(position.plus(anchor).minus(previousAnchor)), offset, 3 * i);
        System.arraycopy(
            previous.inverse().times(frame).times(alignment).matrix(), 0, turn, 9 * i, 9);
        revolute[i] = joint.type() == Joint.Type.REVOLUTE;
        reference[i] = joint.reference();
        armature[i] = joint.armature();
        previous = alignment;
        previousAnchor = joint.anchor();
        position = Vec3.ZERO;
        frame = Rotation.NONE;
        i++;
      }
      int link = i - 1;
      bodyLink[b] = link;
      put(previous.inverse().apply(previousAnchor.times(-1)), bodyOrigin, 3 * b);
      mass[link] = body.mass();
      put(previous.inverse().apply(body.com().minus(previousAnchor)), com, 3 * link);
      putInertia(previous.inverse().times(body.inertiaRotation()), body.inertia(), 6 * link);
    }
    tipInLink = new double[3];
    put(previous.inverse().apply(chain.tip().minus(previousAnchor)), tipInLink, 0);
  }

  private static void put(Vec3 v, double[] out, int at) {
    out[at] = v.x();
    out[at + 1] = v.y();
    out[at + 2] = v.z();
  }

  private void putInertia(Rotation axes, Vec3 moments, int at) {
    double[] r = axes.matrix();
    double[] m = {moments.x(), moments.y(), moments.z()};
    int k = at;
    for (int row = 0; row < 3; row++) {
      for (int column = row; column < 3; column++) {
        double sum = 0;
        for (int j = 0; j < 3; j++) {
          sum += r[3 * row + j] * m[j] * r[3 * column + j];
        }
        inertia[k++] = sum;
      }
    }
  }

  /** The chain. */
  public Chain chain() {
    return chain;
  }

  /** The number n of degrees of freedom. */
  public int size() {
    return n;
  }

  // ---- Positions ----

  /**
   * Places every body: {@link #tip}, {@link #bodyPosition} and {@link #jacobian} then answer for
   * these positions. The dynamics do so themselves.
   *
   * @param q joint positions [n]
   */
  public void kinematics(double[] q) {
    double px = 0;
    double py = 0;
    double pz = 0;
    double r00 = 1;
    double r01 = 0;
    double r02 = 0;
    double r10 = 0;
    double r11 = 1;
    double r12 = 0;
    double r20 = 0;
    double r21 = 0;
    double r22 = 1;
    for (int i = 0; i < n; i++) {
      int k = 3 * i;
      int m = 9 * i;
      double ox = offset[k];
      double oy = offset[k + 1];
      double oz = offset[k + 2];
      px += r00 * ox + r01 * oy + r02 * oz;
      py += r10 * ox + r11 * oy + r12 * oz;
      pz += r20 * ox + r21 * oy + r22 * oz;
      double t00 = turn[m];
      double t01 = turn[m + 1];
      double t02 = turn[m + 2];
      double t10 = turn[m + 3];
      double t11 = turn[m + 4];
      double t12 = turn[m + 5];
      double t20 = turn[m + 6];
      double t21 = turn[m + 7];
      double t22 = turn[m + 8];
      double x0 = r00 * t00 + r01 * t10 + r02 * t20;
      double y0 = r00 * t01 + r01 * t11 + r02 * t21;
      double x1 = r10 * t00 + r11 * t10 + r12 * t20;
      double y1 = r10 * t01 + r11 * t11 + r12 * t21;
      double x2 = r20 * t00 + r21 * t10 + r22 * t20;
      double y2 = r20 * t01 + r21 * t11 + r22 * t21;
      double z0 = r00 * t02 + r01 * t12 + r02 * t22;
      double z1 = r10 * t02 + r11 * t12 + r12 * t22;
      double z2 = r20 * t02 + r21 * t12 + r22 * t22;
      double moved = q[i] - reference[i];
      if (revolute[i]) {
        double c = Math.cos(moved);
        double s = Math.sin(moved);
        r00 = x0 * c + y0 * s;
        r01 = y0 * c - x0 * s;
        r10 = x1 * c + y1 * s;
        r11 = y1 * c - x1 * s;
        r20 = x2 * c + y2 * s;
        r21 = y2 * c - x2 * s;
        int a = 6 * i;
        axis[a] = z0;
        axis[a + 1] = z1;
        axis[a + 2] = z2;
        axis[a + 3] = py * z2 - pz * z1;
        axis[a + 4] = pz * z0 - px * z2;
        axis[a + 5] = px * z1 - py * z0;
      } else {
        px += moved * z0;
        py += moved * z1;
        pz += moved * z2;
        r00 = x0;
        r01 = y0;
        r10 = x1;
        r11 = y1;
        r20 = x2;
        r21 = y2;
        int a = 6 * i;
        axis[a + 3] = z0;
        axis[a + 4] = z1;
        axis[a + 5] = z2;
      }
      r02 = z0;
      r12 = z1;
      r22 = z2;
      rotation[m] = r00;
      rotation[m + 1] = r01;
      rotation[m + 2] = r02;
      rotation[m + 3] = r10;
      rotation[m + 4] = r11;
      rotation[m + 5] = r12;
      rotation[m + 6] = r20;
      rotation[m + 7] = r21;
      rotation[m + 8] = r22;
      origin[k] = px;
      origin[k + 1] = py;
      origin[k + 2] = pz;
    }
    toWorld(n - 1, tipInLink, 0, tip);
  }

  private void toWorld(int link, double[] point, int at, double[] out) {
    int m = 9 * link;
    for (int row = 0; row < 3; row++) {
      out[row] =
          origin[3 * link + row]
              + rotation[m + 3 * row] * point[at]
              + rotation[m + 3 * row + 1] * point[at + 1]
              + rotation[m + 3 * row + 2] * point[at + 2];
    }
  }

  /** Coordinate 0, 1 or 2 of the tip in the world, m, after {@link #kinematics}. */
  public double tip(int coordinate) {
    return tip[coordinate];
  }

  /**
   * Writes the position of a body's frame in the world, m, after {@link #kinematics}.
   *
   * @param body its index
   * @param out receives the position [3]. Modified.
   */
  public void bodyPosition(int body, double[] out) {
    toWorld(bodyLink[body], bodyOrigin, 3 * body, out);
  }

  /**
   * The derivatives of the tip's position by the joints', after {@link #kinematics}.
   *
   * @param out receives the matrix [3, n], row by row. Modified.
   */
  public void jacobian(double[] out) {
    for (int i = 0; i < n; i++) {
      int a = 6 * i;
      // The velocity of the point at the tip: v + ω × tip.
      out[i] = axis[a + 3] + axis[a + 1] * tip[2] - axis[a + 2] * tip[1];
      out[n + i] = axis[a + 4] + axis[a + 2] * tip[0] - axis[a] * tip[2];
      out[2 * n + i] = axis[a + 5] + axis[a] * tip[1] - axis[a + 1] * tip[0];
    }
  }

  /**
   * Adds the joint forces that are equal to a force at the tip, Jᵀ f, after {@link #kinematics}.
   *
   * @param fx the force along the world's x axis, N
   * @param fy the force along y, N
   * @param fz the force along z, N
   * @param tau joint forces [n]. Modified.
   */
  public void addTipForce(double fx, double fy, double fz, double[] tau) {
    double nx = tip[1] * fz - tip[2] * fy;
    double ny = tip[2] * fx - tip[0] * fz;
    double nz = tip[0] * fy - tip[1] * fx;
    for (int i = 0; i < n; i++) {
      tau[i] += dot(axis, 6 * i, nx, ny, nz, fx, fy, fz);
    }
  }

  // ---- Dynamics ----

  /** Masses and inertias about the origin, in the world's axes. */
  private void inertias() {
    for (int i = 0; i < n; i++) {
      double m = mass[i];
      int k = 3 * i;
      int s = 6 * i;
      if (m == 0) {
        continue; // zeros from the start
      }
      int r = 9 * i;
      double r00 = rotation[r];
      double r01 = rotation[r + 1];
      double r02 = rotation[r + 2];
      double r10 = rotation[r + 3];
      double r11 = rotation[r + 4];
      double r12 = rotation[r + 5];
      double r20 = rotation[r + 6];
      double r21 = rotation[r + 7];
      double r22 = rotation[r + 8];
      double cx = origin[k] + r00 * com[k] + r01 * com[k + 1] + r02 * com[k + 2];
      double cy = origin[k + 1] + r10 * com[k] + r11 * com[k + 1] + r12 * com[k + 2];
      double cz = origin[k + 2] + r20 * com[k] + r21 * com[k + 1] + r22 * com[k + 2];
      double xx = inertia[s];
      double xy = inertia[s + 1];
      double xz = inertia[s + 2];
      double yy = inertia[s + 3];
      double yz = inertia[s + 4];
      double zz = inertia[s + 5];
      // R I, then (R I) Rᵀ, of which six elements are wanted.
      double a00 = r00 * xx + r01 * xy + r02 * xz;
      double a01 = r00 * xy + r01 * yy + r02 * yz;
      double a02 = r00 * xz + r01 * yz + r02 * zz;
      double a10 = r10 * xx + r11 * xy + r12 * xz;
      double a11 = r10 * xy + r11 * yy + r12 * yz;
      double a12 = r10 * xz + r11 * yz + r12 * zz;
      double a20 = r20 * xx + r21 * xy + r22 * xz;
      double a21 = r20 * xy + r21 * yy + r22 * yz;
      double a22 = r20 * xz + r21 * yz + r22 * zz;
      double mx = m * cx;
      double my = m * cy;
      double mz = m * cz;
      spatial[s] = a00 * r00 + a01 * r01 + a02 * r02 + my * cy + mz * cz;
      spatial[s + 1] = a00 * r10 + a01 * r11 + a02 * r12 - mx * cy;
      spatial[s + 2] = a00 * r20 + a01 * r21 + a02 * r22 - mx * cz;
      spatial[s + 3] = a10 * r10 + a11 * r11 + a12 * r12 + mx * cx + mz * cz;
      spatial[s + 4] = a10 * r20 + a11 * r21 + a12 * r22 - my * cz;
      spatial[s + 5] = a20 * r20 + a21 * r21 + a22 * r22 + mx * cx + my * cy;
      moment[k] = mx;
      moment[k + 1] = my;
      moment[k + 2] = mz;
    }
  }

  /** Velocities, the rates c = v × S q̇, and the bias forces v ×* I v. */
  private void velocities(double[] qd) {
    double wx = 0;
    double wy = 0;
    double wz = 0;
    double vx = 0;
    double vy = 0;
    double vz = 0;
    for (int i = 0; i < n; i++) {
      int a = 6 * i;
      double speed = qd[i];
      double sx = axis[a] * speed;
      double sy = axis[a + 1] * speed;
      double sz = axis[a + 2] * speed;
      double tx = axis[a + 3] * speed;
      double ty = axis[a + 4] * speed;
      double tz = axis[a + 5] * speed;
      rate[a] = wy * sz - wz * sy;
      rate[a + 1] = wz * sx - wx * sz;
      rate[a + 2] = wx * sy - wy * sx;
      rate[a + 3] = wy * tz - wz * ty + vy * sz - vz * sy;
      rate[a + 4] = wz * tx - wx * tz + vz * sx - vx * sz;
      rate[a + 5] = wx * ty - wy * tx + vx * sy - vy * sx;
      wx += sx;
      wy += sy;
      wz += sz;
      vx += tx;
      vy += ty;
      vz += tz;
      velocity[a] = wx;
      velocity[a + 1] = wy;
      velocity[a + 2] = wz;
      velocity[a + 3] = vx;
      velocity[a + 4] = vy;
      velocity[a + 5] = vz;
      if (mass[i] == 0) {
        continue; // zeros from the start
      }
      applyInertia(i, wx, wy, wz, vx, vy, vz);
      double nx = u[a];
      double ny = u[a + 1];
      double nz = u[a + 2];
      double fx = u[a + 3];
      double fy = u[a + 4];
      double fz = u[a + 5];
      bias[a] = wy * nz - wz * ny + vy * fz - vz * fy;
      bias[a + 1] = wz * nx - wx * nz + vz * fx - vx * fz;
      bias[a + 2] = wx * ny - wy * nx + vx * fy - vy * fx;
      bias[a + 3] = wy * fz - wz * fy;
      bias[a + 4] = wz * fx - wx * fz;
      bias[a + 5] = wx * fy - wy * fx;
    }
  }

  /**
   * Accelerations from forces, by the articulated-body algorithm.
   *
   * @param q joint positions
   * @param qd joint velocities
   * @param tau joint forces, N m or N
   * @param qdd receives the joint accelerations. Modified.
   */
  public void forward(double[] q, double[] qd, double[] tau, double[] qdd) {
    kinematics(q);
    solve(qd, tau, noForce, qdd);
  }

  /**
   * As {@link #forward}, for the positions of the last {@link #kinematics}, with more inertia at
   * the joints.
   *
   * @param extra added to the diagonal of the mass matrix, [n]
   */
  void solve(double[] qd, double[] tau, double[] extra, double[] qdd) {
    inertias();
    velocities(qd);
    // Of the links from i on: the articulated inertia [A, B; Bᵀ, C], A and C symmetric, and the
    // bias force.
    double a00 = 0;
    double a01 = 0;
    double a02 = 0;
    double a11 = 0;
    double a12 = 0;
    double a22 = 0;
    double b00 = 0;
    double b01 = 0;
    double b02 = 0;
    double b10 = 0;
    double b11 = 0;
    double b12 = 0;
    double b20 = 0;
    double b21 = 0;
    double b22 = 0;
    double c00 = 0;
    double c01 = 0;
    double c02 = 0;
    double c11 = 0;
    double c12 = 0;
    double c22 = 0;
    double p0 = 0;
    double p1 = 0;
    double p2 = 0;
    double p3 = 0;
    double p4 = 0;
    double p5 = 0;
    for (int i = n - 1; i >= 0; i--) {
      int s = 6 * i;
      double m = mass[i];
      if (m != 0) {
        a00 += spatial[s];
        a01 += spatial[s + 1];
        a02 += spatial[s + 2];
        a11 += spatial[s + 3];
        a12 += spatial[s + 4];
        a22 += spatial[s + 5];
        double hx = moment[3 * i];
        double hy = moment[3 * i + 1];
        double hz = moment[3 * i + 2];
        b01 -= hz;
        b02 += hy;
        b10 += hz;
        b12 -= hx;
        b20 -= hy;
        b21 += hx;
        c00 += m;
        c11 += m;
        c22 += m;
        p0 += bias[s];
        p1 += bias[s + 1];
        p2 += bias[s + 2];
        p3 += bias[s + 3];
        p4 += bias[s + 4];
        p5 += bias[s + 5];
      }
      double wx = axis[s];
      double wy = axis[s + 1];
      double wz = axis[s + 2];
      double vx = axis[s + 3];
      double vy = axis[s + 4];
      double vz = axis[s + 5];
      double u0 = a00 * wx + a01 * wy + a02 * wz + b00 * vx + b01 * vy + b02 * vz;
      double u1 = a01 * wx + a11 * wy + a12 * wz + b10 * vx + b11 * vy + b12 * vz;
      double u2 = a02 * wx + a12 * wy + a22 * wz + b20 * vx + b21 * vy + b22 * vz;
      double u3 = b00 * wx + b10 * wy + b20 * wz + c00 * vx + c01 * vy + c02 * vz;
      double u4 = b01 * wx + b11 * wy + b21 * wz + c01 * vx + c11 * vy + c12 * vz;
      double u5 = b02 * wx + b12 * wy + b22 * wz + c02 * vx + c12 * vy + c22 * vz;
      double di =
          u0 * wx + u1 * wy + u2 * wz + u3 * vx + u4 * vy + u5 * vz + armature[i] + extra[i];
      double left = tau[i] - (p0 * wx + p1 * wy + p2 * wz + p3 * vx + p4 * vy + p5 * vz);
      u[s] = u0;
      u[s + 1] = u1;
      u[s + 2] = u2;
      u[s + 3] = u3;
      u[s + 4] = u4;
      u[s + 5] = u5;
      d[i] = di;
      residual[i] = left;
      // What the joint cannot take up goes on to the parent:
      // I − U Uᵀ/d, and p + I c + U (left / d).
      double w = 1 / di;
      double w0 = u0 * w;
      double w1 = u1 * w;
      double w2 = u2 * w;
      double w3 = u3 * w;
      double w4 = u4 * w;
      double w5 = u5 * w;
      a00 -= w0 * u0;
      a01 -= w0 * u1;
      a02 -= w0 * u2;
      a11 -= w1 * u1;
      a12 -= w1 * u2;
      a22 -= w2 * u2;
      b00 -= w0 * u3;
      b01 -= w0 * u4;
      b02 -= w0 * u5;
      b10 -= w1 * u3;
      b11 -= w1 * u4;
      b12 -= w1 * u5;
      b20 -= w2 * u3;
      b21 -= w2 * u4;
      b22 -= w2 * u5;
      c00 -= w3 * u3;
      c01 -= w3 * u4;
      c02 -= w3 * u5;
      c11 -= w4 * u4;
      c12 -= w4 * u5;
      c22 -= w5 * u5;
      double r0 = rate[s];
      double r1 = rate[s + 1];
      double r2 = rate[s + 2];
      double r3 = rate[s + 3];
      double r4 = rate[s + 4];
      double r5 = rate[s + 5];
      p0 += a00 * r0 + a01 * r1 + a02 * r2 + b00 * r3 + b01 * r4 + b02 * r5 + w0 * left;
      p1 += a01 * r0 + a11 * r1 + a12 * r2 + b10 * r3 + b11 * r4 + b12 * r5 + w1 * left;
      p2 += a02 * r0 + a12 * r1 + a22 * r2 + b20 * r3 + b21 * r4 + b22 * r5 + w2 * left;
      p3 += b00 * r0 + b10 * r1 + b20 * r2 + c00 * r3 + c01 * r4 + c02 * r5 + w3 * left;
      p4 += b01 * r0 + b11 * r1 + b21 * r2 + c01 * r3 + c11 * r4 + c12 * r5 + w4 * left;
      p5 += b02 * r0 + b12 * r1 + b22 * r2 + c02 * r3 + c12 * r4 + c22 * r5 + w5 * left;
    }
    // A base that accelerates upwards stands for gravity.
    double ax = 0;
    double ay = 0;
    double az = 0;
    double lx = -gx;
    double ly = -gy;
    double lz = -gz;
    for (int i = 0; i < n; i++) {
      int s = 6 * i;
      ax += rate[s];
      ay += rate[s + 1];
      az += rate[s + 2];
      lx += rate[s + 3];
      ly += rate[s + 4];
      lz += rate[s + 5];
      double acceleration = (residual[i] - dot(u, s, ax, ay, az, lx, ly, lz)) / d[i];
      qdd[i] = acceleration;
      ax += axis[s] * acceleration;
      ay += axis[s + 1] * acceleration;
      az += axis[s + 2] * acceleration;
      lx += axis[s + 3] * acceleration;
      ly += axis[s + 4] * acceleration;
      lz += axis[s + 5] * acceleration;
    }
  }

  private static double dot(
      double[] v, int at, double x, double y, double z, double a, double b, double c) {
    return v[at] * x
        + v[at + 1] * y
        + v[at + 2] * z
        + v[at + 3] * a
        + v[at + 4] * b
        + v[at + 5] * c;
  }

  /**
   * The forces that cause given accelerations, M q̈ + b, by the recursive Newton-Euler algorithm;
   * with q̈ = 0 and q̇ = 0 they are those that hold the chain against gravity.
   *
   * @param q joint positions
   * @param qd joint velocities
   * @param qdd joint accelerations
   * @param tau receives the joint forces. Modified.
   */
  public void inverse(double[] q, double[] qd, double[] qdd, double[] tau) {
    kinematics(q);
    inertias();
    velocities(qd);
    double ax = 0;
    double ay = 0;
    double az = 0;
    double lx = -gx;
    double ly = -gy;
    double lz = -gz;
    for (int i = 0; i < n; i++) {
      int s = 6 * i;
      ax += rate[s] + axis[s] * qdd[i];
      ay += rate[s + 1] + axis[s + 1] * qdd[i];
      az += rate[s + 2] + axis[s + 2] * qdd[i];
      lx += rate[s + 3] + axis[s + 3] * qdd[i];
      ly += rate[s + 4] + axis[s + 4] * qdd[i];
      lz += rate[s + 5] + axis[s + 5] * qdd[i];
      applyInertia(i, ax, ay, az, lx, ly, lz);
      for (int k = s; k < s + 6; k++) {
        u[k] += bias[k];
      }
    }
    for (int i = n - 1; i >= 0; i--) {
      int s = 6 * i;
      tau[i] =
          dot(axis, s, u[s], u[s + 1], u[s + 2], u[s + 3], u[s + 4], u[s + 5])
              + armature[i] * qdd[i];
      if (i > 0) {
        for (int k = s; k < s + 6; k++) {
          u[k - 6] += u[k];
        }
      }
    }
  }

  /** Link i's rigid inertia times a motion, [J ω + h × v; m v − h × ω], into u. */
  private void applyInertia(
      int i, double wx, double wy, double wz, double vx, double vy, double vz) {
    int s = 6 * i;
    double hx = moment[3 * i];
    double hy = moment[3 * i + 1];
    double hz = moment[3 * i + 2];
    double m = mass[i];
    u[s] = spatial[s] * wx + spatial[s + 1] * wy + spatial[s + 2] * wz + hy * vz - hz * vy;
    u[s + 1] = spatial[s + 1] * wx + spatial[s + 3] * wy + spatial[s + 4] * wz + hz * vx - hx * vz;
    u[s + 2] = spatial[s + 2] * wx + spatial[s + 4] * wy + spatial[s + 5] * wz + hx * vy - hy * vx;
    u[s + 3] = m * vx - hy * wz + hz * wy;
    u[s + 4] = m * vy - hz * wx + hx * wz;
    u[s + 5] = m * vz - hx * wy + hy * wx;
  }

  /**
   * The mass matrix, armature included.
   *
   * @param q joint positions
   * @param out receives the matrix [n, n], row by row. Modified.
   */
  public void massMatrix(double[] q, double[] out) {
    kinematics(q);
    inertias();
    double m = 0;
    double hx = 0;
    double hy = 0;
    double hz = 0;
    double xx = 0;
    double xy = 0;
    double xz = 0;
    double yy = 0;
    double yz = 0;
    double zz = 0;
    for (int i = n - 1; i >= 0; i--) {
      int s = 6 * i;
      m += mass[i];
      hx += moment[3 * i];
      hy += moment[3 * i + 1];
      hz += moment[3 * i + 2];
      xx += spatial[s];
      xy += spatial[s + 1];
      xz += spatial[s + 2];
      yy += spatial[s + 3];
      yz += spatial[s + 4];
      zz += spatial[s + 5];
      double wx = axis[s];
      double wy = axis[s + 1];
      double wz = axis[s + 2];
      double vx = axis[s + 3];
      double vy = axis[s + 4];
      double vz = axis[s + 5];
      // The force that moves all links from i on as one body.
      double n0 = xx * wx + xy * wy + xz * wz + hy * vz - hz * vy;
      double n1 = xy * wx + yy * wy + yz * wz + hz * vx - hx * vz;
      double n2 = xz * wx + yz * wy + zz * wz + hx * vy - hy * vx;
      double f0 = m * vx - hy * wz + hz * wy;
      double f1 = m * vy - hz * wx + hx * wz;
      double f2 = m * vz - hx * wy + hy * wx;
      for (int j = i; j >= 0; j--) {
        double value = dot(axis, 6 * j, n0, n1, n2, f0, f1, f2);
        out[i * n + j] = value;
        out[j * n + i] = value;
      }
      out[i * n + i] += armature[i];
    }
  }

  /**
   * The kinetic energy, that of the drives' armature included, J.
   *
   * @param q joint positions
   * @param qd joint velocities
   */
  public double kineticEnergy(double[] q, double[] qd) {
    kinematics(q);
    inertias();
    velocities(qd);
    double twice = 0;
    for (int i = 0; i < n; i++) {
      int s = 6 * i;
      applyInertia(
          i,
          velocity[s],
          velocity[s + 1],
          velocity[s + 2],
          velocity[s + 3],
          velocity[s + 4],
          velocity[s + 5]);
      twice +=
          dot(velocity, s, u[s], u[s + 1], u[s + 2], u[s + 3], u[s + 4], u[s + 5])
              + armature[i] * qd[i] * qd[i];
    }
    return twice / 2;
  }

  /**
   * The potential energy in the field of gravity, J, zero for a mass at the world's origin.
   *
   * @param q joint positions
   */
  public double potentialEnergy(double[] q) {
    kinematics(q);
    inertias();
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum -= gx * moment[3 * i] + gy * moment[3 * i + 1] + gz * moment[3 * i + 2];
    }
    return sum;
  }
}
