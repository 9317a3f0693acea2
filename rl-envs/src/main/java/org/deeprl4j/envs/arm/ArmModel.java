package org.deeprl4j.envs.arm;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.deeprl4j.envs.dynamics.Body;
import org.deeprl4j.envs.dynamics.Chain;
import org.deeprl4j.envs.dynamics.ChainModel;
import org.deeprl4j.envs.dynamics.Joint;
import org.deeprl4j.envs.dynamics.Rotation;
import org.deeprl4j.envs.dynamics.Vec3;
import org.jspecify.annotations.Nullable;

/**
 * An arm of hinges, for the tasks of this package.
 *
 * @param chain its bodies
 * @param torque the torque of each joint at an action of 1, Nm
 * @param posture where episodes start, rad
 * @param holdsItself whether the drives add the torques that hold the arm against gravity, as the
 *     torque interfaces of many industrial arms do
 */
public record ArmModel(
    Chain chain, List<Double> torque, List<Double> posture, boolean holdsItself) {
  /** The arguments of {@link #of}, each with what it means. */
  public static final Map<String, String> PARAMETERS = parameters();

  // Of the strongest joint's stops; the others' are in proportion to their torques. Stable in the
  // semi-implicit integrator up to steps of 10 ms.
  private static final double STIFFNESS = 3000;
  private static final double STOP_DAMPING = 20;

  // Of drives of which a file does not say more, those of the iiwa: wrists without an armature are
  // too light for torques that are held for 20 ms.
  private static final double ARMATURE = 0.1;
  private static final double DAMPING = 0.5;

  /** Checks the numbers and types of joints. */
  public ArmModel {
    torque = List.copyOf(torque);
    posture = List.copyOf(posture);
    int n = chain.joints().size();
    if (torque.size() != n || posture.size() != n) {
      throw new IllegalArgumentException(
          "an arm of %d joints must have as many torques and start positions, not %d and %d"
              .formatted(n, torque.size(), posture.size()));
    }
    for (int i = 0; i < n; i++) {
      Joint joint = chain.joints().get(i);
      if (joint.type() != Joint.Type.REVOLUTE) {
        throw new IllegalArgumentException(
            "joint %s of an arm must be a hinge, not prismatic".formatted(joint.name()));
      }
      if (!(torque.get(i) > 0) || torque.get(i).isInfinite()) {
        throw new IllegalArgumentException(
            "the torque of joint %s must be finite and positive, not %s"
                .formatted(joint.name(), torque.get(i)));
      }
      if (!Double.isFinite(posture.get(i))) {
        throw new IllegalArgumentException(
            "the start position of joint %s must be finite, not %s"
                .formatted(joint.name(), posture.get(i)));
      }
    }
  }

  private static Map<String, String> parameters() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("model", "an MJCF or URDF file of the arm; default: the human arm");
    all.put(
        "hand",
        "the site or body to reach with, whose path from the world is the arm; joints off it are locked");
    all.put(
        "torque",
        "Nm at an action of 1, a number for all joints or one for each; default: the file's limits");
    all.put(
        "posture",
        "where episodes start, rad for each joint; default: the file's first keyframe, or the middle of the ranges");
    all.put(
        "gravity",
        "'compensated' adds the torques that hold the arm to those of the action; default: 'felt'");
    all.put(
        "armature",
        "kg m2, a number for all joints or one for each; default: the file's, for 0 " + ARMATURE);
    all.put(
        "damping",
        "N m s/rad, a number for all joints or one for each; default: the file's, for 0 "
            + DAMPING);
    return Collections.unmodifiableMap(all);
  }

  /**
   * The arm that arguments describe: the human one if there are none.
   *
   * @param arguments of {@link #PARAMETERS}
   * @throws IllegalArgumentException if the file cannot be read or holds no such arm, or a value is
   *     not as {@link #PARAMETERS} says
   */
  public static ArmModel of(Map<String, String> arguments) {
    if (arguments.isEmpty()) {
      return human();
    }
    String file = arguments.get("model");
    if (file == null) {
      throw new IllegalArgumentException(
          "%s describes the arm of a file: name one, model=arm.xml".formatted(arguments.keySet()));
    }
    ChainModel read;
    try {
      read =
          ChainModel.read(
              Path.of(file),
              ChainModel.Options.STRICT
                  .withTip(arguments.get("hand"))
                  .withStops(STIFFNESS, STOP_DAMPING)
                  .withoutContacts());
    } catch (IOException | InvalidPathException e) {
      throw new IllegalArgumentException("model=" + file + " cannot be read: " + e, e);
    }
    Chain chain = read.chain();
    int n = chain.joints().size();
    double[] torque = list(arguments, "torque", n);
    if (torque == null) {
      torque = read.forceLimits().stream().mapToDouble(Double::doubleValue).toArray();
      for (int i = 0; i < n; i++) {
        if (!(torque[i] > 0)) {
          throw new IllegalArgumentException(
              "%s gives no force limit for joint %s: add the argument torque, in Nm for each of its %d joints"
                  .formatted(file, chain.joints().get(i).name(), n));
        }
      }
    }
    double[] posture = list(arguments, "posture", n);
    if (posture == null) {
      posture = new double[n];
      for (int i = 0; i < n; i++) {
        List<Double> home = read.home();
        Joint joint = chain.joints().get(i);
        posture[i] = home == null ? (lower(joint) + upper(joint)) / 2 : home.get(i);
      }
    }
    List<Joint> joints = chain.joints();
    double[] armature = drive(arguments, "armature", joints, Joint::armature, ARMATURE);
    double[] damping = drive(arguments, "damping", joints, Joint::damping, DAMPING);
    double[] torques = torque;
    double strongest = Arrays.stream(torques).max().orElseThrow();
    int[] next = {0};
    Chain driven =
        chain.withJoints(
            joint -> {
              int i = next[0]++;
              double strength = torques[i] / strongest;
              Joint.Stop stop = joint.stop();
              Joint result = joint.withDrive(armature[i], damping[i]);
              return stop == null
                  ? result
                  : result.withStop(
                      new Joint.Stop(
                          stop.lower(),
                          stop.upper(),
                          STIFFNESS * strength,
                          STOP_DAMPING * strength));
            });
    String gravity = arguments.getOrDefault("gravity", "felt");
    if (!gravity.equals("felt") && !gravity.equals("compensated")) {
      throw new IllegalArgumentException(
          "gravity must be felt or compensated, not '" + gravity + "'");
    }
    return new ArmModel(driven, list(torques), list(posture), gravity.equals("compensated"));
  }

  /** A joint's smallest position; −π for one without stops. */
  static double lower(Joint joint) {
    Joint.Stop stop = joint.stop();
    return stop == null ? -Math.PI : stop.lower();
  }

  /** A joint's largest position; π for one without stops. */
  static double upper(Joint joint) {
    Joint.Stop stop = joint.stop();
    return stop == null ? Math.PI : stop.upper();
  }

  private static double @Nullable [] list(Map<String, String> arguments, String name, int n) {
    String text = arguments.get(name);
    if (text == null) {
      return null;
    }
    String[] parts = text.strip().split("[,\\s]+");
    if (parts.length != n && !(parts.length == 1 && !name.equals("posture"))) {
      throw new IllegalArgumentException(
          "%s must hold %d numbers, one for each joint, not %d: %s"
              .formatted(name, n, parts.length, text));
    }
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = number(name, parts[parts.length == 1 ? 0 : i]);
    }
    return values;
  }

  /** A property of the drives: what the arguments say, else the file, else the default. */
  private static double[] drive(
      Map<String, String> arguments,
      String name,
      List<Joint> joints,
      ToDoubleFunction<Joint> ofFile,
      double otherwise) {
    double[] values = list(arguments, name, joints.size());
    if (values == null) {
      return joints.stream()
          .mapToDouble(ofFile)
          .map(value -> value == 0 ? otherwise : value)
          .toArray();
    }
    for (double value : values) {
      if (!(value >= 0) || Double.isInfinite(value)) {
        throw new IllegalArgumentException(
            name + " must be finite and not negative, not " + arguments.get(name));
      }
    }
    return values;
  }

  private static double number(String name, String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " must be a number, not '" + text + "'", e);
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
    for (int i = 0; i < names.length; i++) {
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
    return new ArmModel(chain, list(k), List.of(0.3, 0.2, 0.0, 1.2, 0.0, 0.0, 0.0), false);
  }

  /**
   * The KUKA LBR iiwa 14, with kinematics and inertias of Drake's URDF, on a table at the origin; a
   * third of the drives' largest torques is an action of 1.
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
    double[] k = new double[links.length];
    for (int i = 0; i < links.length; i++) {
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
    return new ArmModel(chain, list(k), List.of(0.0, 0.5, 0.0, -1.2, 0.0, 0.8, 0.0), false);
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
