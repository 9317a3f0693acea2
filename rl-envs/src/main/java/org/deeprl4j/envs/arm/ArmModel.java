package org.deeprl4j.envs.arm;

import java.util.ArrayList;
import java.util.List;
import org.deeprl4j.envs.dynamics.Body;
import org.deeprl4j.envs.dynamics.Chain;
import org.deeprl4j.envs.dynamics.Joint;
import org.deeprl4j.envs.dynamics.Rotation;
import org.deeprl4j.envs.dynamics.Vec3;

/**
 * An arm of seven joints, for the tasks of this package.
 *
 * @param chain its bodies; every joint has stops
 * @param torque the torque of each joint at an action of 1, Nm, [7]
 * @param posture where episodes start, rad, [7]
 */
public record ArmModel(Chain chain, List<Double> torque, List<Double> posture) {
  /** The number of joints. */
  public static final int JOINTS = 7;

  // Of the strongest joint's stops; the others' are in proportion to their torques. Stable in the
  // semi-implicit integrator up to steps of 10 ms.
  private static final double STIFFNESS = 3000;
  private static final double STOP_DAMPING = 20;

  /** Checks the numbers of joints. */
  public ArmModel {
    torque = List.copyOf(torque);
    posture = List.copyOf(posture);
    if (chain.joints().size() != JOINTS || torque.size() != JOINTS || posture.size() != JOINTS) {
      throw new IllegalArgumentException(
          "an arm must have %d joints, torques and start positions, not %d, %d and %d"
              .formatted(JOINTS, chain.joints().size(), torque.size(), posture.size()));
    }
    for (Joint joint : chain.joints()) {
      if (joint.stop() == null) {
        throw new IllegalArgumentException("joint " + joint.name() + " of an arm must have stops");
      }
    }
  }

  /**
   * The right arm of a man of 73 kg and 1.741 m, after de Leva 1996 ("Adjustments to
   * Zatsiorsky-Seluyanov's segment inertia parameters"): masses, centres and radii of gyration of
   * upper arm, forearm and hand. x points forward, y left, z up; the shoulder is the origin; at 0
   * the arm hangs with the palm towards the body.
   *
   * <p>Armature 0.01 kg m² keeps the mass matrix regular where shoulder axes align, at an abduction
   * of 90°.
   */
  public static ArmModel human() {
    Vec3 back = new Vec3(-1, 0, 0);
    Vec3 right = new Vec3(0, -1, 0);
    double[] k = {30, 30, 15, 25, 4, 5, 5};
    double[] damping = {1, 1, 0.5, 0.5, 0.1, 0.1, 0.1};
    double[][] degrees = {
      {-60, 180}, {-30, 150}, {-90, 70}, {0, 150}, {-80, 80}, {-70, 80}, {-30, 20}
    };
    String[] names = {
      "shoulder flexion",
      "shoulder abduction",
      "shoulder rotation",
      "elbow flexion",
      "pronation",
      "wrist flexion",
      "radial deviation"
    };
    Vec3[] axes = {right, back, Vec3.Z, right, Vec3.Z, Vec3.X, right};
    List<Joint> joints = new ArrayList<>();
    for (int i = 0; i < JOINTS; i++) {
      double lower = Math.toRadians(degrees[i][0]);
      double upper = Math.toRadians(degrees[i][1]);
      joints.add(joint(names[i], axes[i], 0.01, damping[i], lower, upper, k[i] / 30));
    }
    Chain chain =
        new Chain(
            "human arm",
            List.of(
                Body.of(
                    "upper arm",
                    Vec3.ZERO,
                    joints.subList(0, 3),
                    1.9783,
                    new Vec3(0, 0, -0.16259724),
                    new Vec3(0.01275133234, 0.01135979267, 0.003919042912)),
                Body.of(
                    "forearm",
                    new Vec3(0, 0, -0.2817),
                    joints.subList(3, 5),
                    1.1826,
                    new Vec3(0, 0, -0.12299486),
                    new Vec3(0.006513848347, 0.006004975322, 0.001251959326)),
                Body.of(
                    "hand",
                    new Vec3(0, 0, -0.2689),
                    joints.subList(5, 7),
                    0.4453,
                    new Vec3(0, 0, -0.068098),
                    new Vec3(0.0008707669901, 0.001304927893, 0.0005320543178))),
            new Vec3(0, 0, -0.0862),
            Chain.EARTH);
    return new ArmModel(chain, list(k), List.of(0.3, 0.2, 0.0, 1.2, 0.0, 0.0, 0.0));
  }

  /**
   * The KUKA LBR iiwa 14, with kinematics and inertias of Drake's URDF, on a table at the origin; a
   * third of the drives' largest torques.
   */
  public static ArmModel iiwa14() {
    // pos (3), quat (4), mass, com (3), inertia (3), largest torque, limit
    double[][] links = {
      {0, 0, 0.1575, 1, 0, 0, 0, 5.76, 0, -0.03, 0.12, 0.033, 0.0333, 0.0123, 320, 2.96706},
      {0, 0, 0.2025, 0, 0, 1, 1, 6.35, 0.0003, 0.059, 0.042, 0.0305, 0.0304, 0.011, 320, 2.0944},
      {0, 0.2045, 0, 0, 0, 1, 1, 3.5, 0, 0.03, 0.13, 0.025, 0.0238, 0.0076, 176, 2.96706},
      {0, 0, 0.2155, 1, 1, 0, 0, 3.5, 0, 0.067, 0.034, 0.017, 0.0164, 0.006, 176, 2.0944},
      {0, 0.1845, 0, 0, 0, 1, 1, 3.5, 0.0001, 0.021, 0.076, 0.01, 0.0087, 0.00449, 110, 2.96706},
      {0, 0, 0.2155, 1, 1, 0, 0, 1.8, 0, 0.0006, 0.0004, 0.0049, 0.0047, 0.0036, 40, 2.0944},
      {0, 0.081, 0, 0, 0, 1, 1, 1.2, 0, 0, 0.02, 0.001, 0.001, 0.001, 40, 3.05433}
    };
    List<Body> bodies = new ArrayList<>();
    double[] k = new double[JOINTS];
    for (int i = 0; i < JOINTS; i++) {
      double[] l = links[i];
      k[i] = l[14] / 3;
      Joint joint = joint("joint " + (i + 1), Vec3.Z, 0.1, 0.5, -l[15], l[15], l[14] / 320);
      bodies.add(
          new Body(
              "link " + (i + 1),
              new Vec3(l[0], l[1], l[2]),
              new Rotation(l[3], l[4], l[5], l[6]),
              List.of(joint),
              l[7],
              new Vec3(l[8], l[9], l[10]),
              new Vec3(l[11], l[12], l[13]),
              Rotation.NONE));
    }
    Chain chain = new Chain("iiwa 14", bodies, new Vec3(0, 0, 0.045), Chain.EARTH);
    return new ArmModel(chain, list(k), List.of(0.0, 0.5, 0.0, -1.2, 0.0, 0.8, 0.0));
  }

  private static Joint joint(
      String name,
      Vec3 axis,
      double armature,
      double damping,
      double lower,
      double upper,
      double strength) {
    return Joint.of(name, Joint.Type.REVOLUTE, axis)
        .withDrive(armature, damping)
        .withStop(new Joint.Stop(lower, upper, STIFFNESS * strength, STOP_DAMPING * strength));
  }

  private static List<Double> list(double[] values) {
    List<Double> list = new ArrayList<>();
    for (double value : values) {
      list.add(value);
    }
    return list;
  }
}
