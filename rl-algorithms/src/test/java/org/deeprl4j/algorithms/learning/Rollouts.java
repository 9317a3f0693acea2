package org.deeprl4j.algorithms.learning;

import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;

/** Rollouts of one environment for tests of learners. */
public final class Rollouts {
  private Rollouts() {}

  /**
   * What a model's policy draws at random observations, and its values; rewards and the values of
   * the next observations are random.
   */
  public static Rollout drawn(ActorCritic model, int rows, int inputs, Rng random) {
    return drawn(model, rows, inputs, false, random);
  }

  /**
   * The same with random advantages, and returns that fit them.
   *
   * @param masked whether one of the first three actions and one of the next two are forbidden
   */
  public static Rollout judged(
      ActorCritic model, int rows, int inputs, boolean masked, Rng random) {
    Rollout rollout = drawn(model, rows, inputs, masked, random);
    random.fillGaussian(rollout.advantages(), 0, rows);
    for (int b = 0; b < rows; b++) {
      rollout.returns()[b] = rollout.values()[b] + rollout.advantages()[b];
    }
    return rollout;
  }

  private static Rollout drawn(
      ActorCritic model, int rows, int inputs, boolean masked, Rng random) {
    int parameters = model.distribution().parameterSize();
    Rollout rollout = new Rollout(rows, 1, inputs, model.distribution().actionSize(), parameters);
    random.fillGaussian(rollout.observations(), 0, rows * inputs);
    model.predict(observations(rollout));
    System.arraycopy(model.values(), 0, rollout.values(), 0, rows);
    float[] z = model.distributionParameters();
    for (int b = 0; b < rows && masked; b++) {
      z[b * parameters + b % 3] = Float.NEGATIVE_INFINITY;
      z[b * parameters + 3 + b % 2] = Float.NEGATIVE_INFINITY;
    }
    System.arraycopy(z, 0, rollout.distribution(), 0, rows * parameters);
    model.distribution().sample(z, rows, random, rollout.actions());
    model.distribution().logProb(z, rollout.actions(), rows, rollout.logProbs());
    random.fillGaussian(rollout.rewards(), 0, rows);
    random.fillGaussian(rollout.nextValues(), 0, rows);
    return rollout;
  }

  /** The observations of all rows, as a network takes them. */
  public static Tensor observations(Rollout rollout) {
    Tensor x = Tensor.host(rollout.rows(), rollout.observationSize());
    System.arraycopy(rollout.observations(), 0, x.floatsForWriting(), 0, x.size());
    return x;
  }

  /** Moves a model's parameters by a random step, away from the policy of its rollouts. */
  public static void move(ActorCritic model, double size) {
    Tensor theta = model.network().parameters();
    float[] step = new float[theta.size()];
    new Rng(4).fillGaussian(step, 0, step.length);
    float[] moved = theta.floatsForWriting();
    for (int i = 0; i < step.length; i++) {
      moved[i] += (float) (size * step[i]);
    }
  }
}
