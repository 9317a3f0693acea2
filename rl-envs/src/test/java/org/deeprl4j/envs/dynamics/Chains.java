package org.deeprl4j.envs.dynamics;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Chains to test with. */
final class Chains {
  private Chains() {}

  /** A model of the reference data. */
  static Chain read(String model) {
    try {
      return ChainModel.read(
              Path.of(Chains.class.getResource("/refs/" + model + ".xml").toURI()),
              ChainModel.Options.STRICT)
          .chain();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** A chain that has everything: several joints a body, sliders, anchors, turned axes. */
  static Chain random(RandomGenerator random, int bodies) {
    List<Body> list = new ArrayList<>();
    for (int b = 0; b < bodies; b++) {
      List<Joint> joints = new ArrayList<>();
      int count = 1 + random.nextInt(2);
      for (int j = 0; j < count; j++) {
        Joint.Type type = random.nextInt(3) == 0 ? Joint.Type.PRISMATIC : Joint.Type.REVOLUTE;
        joints.add(
            new Joint(
                "j" + b + j, type, vector(random), vector(random), 0, 0.02, 0, 0, null, null));
      }
      list.add(
          new Body(
              "b" + b,
              vector(random),
              rotation(random),
              joints,
              random.nextDouble(0.5, 3),
              vector(random),
              new Vec3(
                  random.nextDouble(0.05, 0.08),
                  random.nextDouble(0.05, 0.08),
                  random.nextDouble(0.05, 0.08)),
              rotation(random)));
    }
    return new Chain("random", list, vector(random), new Vec3(0.3, -1, -9));
  }

  private static Vec3 vector(RandomGenerator random) {
    return new Vec3(
        random.nextDouble(-0.4, 0.4), random.nextDouble(-0.4, 0.4), random.nextDouble(-0.4, 0.4));
  }

  private static Rotation rotation(RandomGenerator random) {
    return new Rotation(
        random.nextGaussian(), random.nextGaussian(), random.nextGaussian(), random.nextGaussian());
  }

  static double[] draw(RandomGenerator random, int n, double scale) {
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = random.nextDouble(-scale, scale);
    }
    return values;
  }
}
