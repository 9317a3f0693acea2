package org.deeprl4j.algorithms.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

  /**
   * Checks losses over a masked rollout by hand: log π(a) = z_a − log Σ exp z_k over the legal k.
   *
   * @param model the policy that was learned from; not that which acted
   * @param share of each step in the policy's loss
   */
  public static void assertMaskedLosses(
      ActorCritic model, Rollout rollout, double share, Averages averages) {
    model.predict(observations(rollout));
    float[] z = model.distributionParameters();
    int n = rollout.parameterSize();
    double policyLoss = 0;
    double entropy = 0;
    for (int b = 0; b < rollout.rows(); b++) {
      double sum = 0;
      for (int k = b * n; k < (b + 1) * n; k++) {
        sum += rollout.distribution()[k] == Float.NEGATIVE_INFINITY ? 0 : Math.exp(z[k]);
      }
      for (int k = b * n; k < (b + 1) * n; k++) {
        double log = z[k] - Math.log(sum);
        boolean legal = rollout.distribution()[k] > Float.NEGATIVE_INFINITY;
        entropy -= legal ? Math.exp(log) * log / rollout.rows() : 0;
        boolean taken = k == b * n + (int) rollout.actions()[b];
        policyLoss -= taken ? share * log * rollout.advantages()[b] : 0;
      }
    }
    assertEquals(policyLoss, averages.of("policy_loss"), 1e-5);
    assertEquals(entropy, averages.of("entropy"), 1e-5);
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
