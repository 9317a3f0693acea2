package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.Function;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.theory.FiniteEnvironment;
import org.deeprl4j.theory.FiniteMdp;
import org.deeprl4j.theory.PolicyValues;

/**
 * What sampled policy gradients are held against: a random MDP of four states and a terminal one,
 * three actions, on which everything is known.
 *
 * <p>The exact gradient of η is Σ_s ρ(s) Σ_a ∇π(a|s) A(s, a) (Sutton et al. 2000), which is checked
 * against finite differences of η itself. Samples are batches of whole episodes.
 */
public final class GradientOracle {
  public static final int STATES = 5;
  public static final int ACTIONS = 3;
  public static final double GAMMA = 0.8;

  /** Episodes of a batch, and batches of an estimate. */
  public static final int EPISODES = 50;

  private static final int BATCHES = 400;
  private static final int CAPACITY = 4096;

  public final FiniteMdp mdp;
  public final ActorCritic model;
  public final PolicyValues values;
  private final FiniteEnvironment environment;
  private final Rng random = new Rng(5);
  private final Rollout rollout;

  /** An oracle for the policy of a model whose inputs are one-hot states, whose actions three. */
  public GradientOracle(ActorCritic model) {
    this.model = model;
    Rng make = new Rng(3);
    FiniteMdp running = FiniteMdp.random(STATES, ACTIONS, GAMMA, make);
    double[][][] transition = running.transition();
    double[][] reward = running.reward();
    int terminal = STATES - 1;
    for (int a = 0; a < ACTIONS; a++) {
      transition[terminal][a] = new double[STATES];
      transition[terminal][a][terminal] = 1;
      reward[terminal][a] = 0;
    }
    double[] initial = {0.4, 0.3, 0.2, 0.1, 0};
    mdp = new FiniteMdp(initial, transition, reward, GAMMA);
    // Far from the uniform policy a model starts with.
    Tensor theta = model.network().parameters();
    Tensor move = theta.like(1, theta.size());
    make.fillGaussian(move.floatsForWriting(), 0, move.size());
    theta.axpy(0.3, move);
    values = PolicyValues.of(mdp, policy());
    environment = new FiniteEnvironment(mdp);
    rollout = new Rollout(CAPACITY, 1, STATES, 1, ACTIONS);
  }

  /** Rows to which a learner's batches must be able to grow. */
  public static int capacity() {
    return CAPACITY;
  }

  private Tensor states() {
    Tensor x = Tensor.host(STATES, STATES);
    for (int s = 0; s < STATES; s++) {
      x.floatsForWriting()[s * STATES + s] = 1;
    }
    return x;
  }

  /** π(a|s) of the model. */
  public double[][] policy() {
    model.predict(states());
    double[][] policy = new double[STATES][ACTIONS];
    for (int s = 0; s < STATES; s++) {
      double sum = 0;
      for (int a = 0; a < ACTIONS; a++) {
        policy[s][a] = Math.exp(model.distributionParameters()[s * ACTIONS + a]);
        sum += policy[s][a];
      }
      for (int a = 0; a < ACTIONS; a++) {
        policy[s][a] /= sum;
      }
    }
    return policy;
  }

  /** V(s) of the model, 0 for the terminal state. */
  public double[] modelValues() {
    model.predict(states());
    double[] v = new double[STATES];
    for (int s = 0; s < STATES - 1; s++) {
      v[s] = model.values()[s];
    }
    return v;
  }

  /** ∇η by θ, exact, checked against finite differences. */
  public double[] exactGradient() {
    double[] gradient = gradient(values.visits(), values::advantage);
    Tensor theta = model.network().parameters();
    Tensor direction = theta.like(1, theta.size());
    new Rng(11).fillGaussian(direction.floatsForWriting(), 0, direction.size());
    direction.scale(1 / direction.norm2());
    double h = 1e-2;
    theta.axpy(h, direction);
    double plus = PolicyValues.of(mdp, policy()).expectedReturn();
    theta.axpy(-2 * h, direction);
    double minus = PolicyValues.of(mdp, policy()).expectedReturn();
    theta.axpy(h, direction);
    double along = 0;
    for (int i = 0; i < gradient.length; i++) {
      along += gradient[i] * direction.floats()[i];
    }
    assertEquals((plus - minus) / (2 * h), along, 1e-3 * Math.abs(along) + 1e-5);
    return gradient;
  }

  /** What counts how much an action is better. */
  @FunctionalInterface
  public interface Advantage {
    double of(int s, int a);
  }

  /** Σ_s weight(s) Σ_a ∇π(a|s) A(s, a), by back-propagation. */
  public double[] gradient(double[] weights, Advantage advantage) {
    double[][] policy = policy();
    model.forward(states());
    Arrays.fill(model.valueGradient(), 0);
    float[] zGradient = model.zGradient();
    for (int s = 0; s < STATES - 1; s++) {
      double mean = 0;
      for (int a = 0; a < ACTIONS; a++) {
        mean += policy[s][a] * advantage.of(s, a);
      }
      for (int a = 0; a < ACTIONS; a++) {
        // ∂/∂z_a of Σ_b π_b A_b for a softmax
        zGradient[s * ACTIONS + a] =
            (float) (weights[s] * policy[s][a] * (advantage.of(s, a) - mean));
      }
    }
    model.network().gradient().fill(0);
    model.backward();
    return doubles(model.network().gradient());
  }

  /** ρ without a discount: how often states are visited in an episode. */
  public double[] undiscountedVisits() {
    double nearlyOne = 1 - 1e-9;
    return PolicyValues.of(
            new FiniteMdp(mdp.initial(), mdp.transition(), mdp.reward(), nearlyOne), policy())
        .visits();
  }

  /** Gradients of many batches. */
  public record Estimate(double[] mean, double[] standardError) {
    /** The largest distance from something, in standard errors. */
    public double distance(double[] expected) {
      double most = 0;
      for (int i = 0; i < expected.length; i++) {
        double error = Math.abs(mean[i] - expected[i]);
        // Parameters that no gradient reaches have an error of rounding only.
        most = Math.max(most, error / Math.max(standardError[i], 1e-6));
      }
      return most;
    }

    /** Asserts that every parameter's gradient agrees within four standard errors. */
    public void assertAgrees(double[] expected) {
      assertTrue(distance(expected) <= 4, "off by " + distance(expected) + " standard errors");
    }

    /** Asserts that some parameter's gradient is beyond what chance explains. */
    public void assertDiffers(double[] expected) {
      assertTrue(distance(expected) > 6, "only " + distance(expected) + " standard errors apart");
    }
  }

  /**
   * Samples batches.
   *
   * @param advantage what each step counts, by state and action
   * @param discounted whether times γᵗ
   * @param sum computes, from a batch whose advantages are set, the sum of ∇ log π · Â over its
   *     rows, divided by {@link #EPISODES}
   */
  public Estimate estimate(
      Advantage advantage, boolean discounted, Function<Rollout, double[]> sum) {
    return estimate(
        batch -> {
          double discount = 1;
          for (int t = 0; t < batch.rows(); t++) {
            int a = (int) batch.actions()[t];
            batch.advantages()[t] = (float) (discount * advantage.of(state(batch, t), a));
            batch.returns()[t] = batch.values()[t];
            discount = batch.ended()[t] || !discounted ? 1 : discount * GAMMA;
          }
          return sum.apply(batch);
        });
  }

  /** Samples batches; nothing but what the environment gave and V of the model is set. */
  public Estimate estimate(Function<Rollout, double[]> gradient) {
    double[] sum = new double[model.network().parameters().size()];
    double[] squares = new double[sum.length];
    for (int k = 0; k < BATCHES; k++) {
      gather();
      double[] one = gradient.apply(rollout);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += one[i];
        squares[i] += one[i] * one[i];
      }
    }
    double[] error = new double[sum.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] /= BATCHES;
      double variance = Math.max(0, squares[i] / BATCHES - sum[i] * sum[i]);
      error[i] = Math.sqrt(variance / (BATCHES - 1));
    }
    return new Estimate(sum, error);
  }

  private void gather() {
    double[][] policy = policy();
    double[] v = modelValues();
    float[] z = model.distributionParameters().clone();
    float[] observation = new float[1];
    float[] action = new float[1];
    Step step = new Step(1);
    rollout.setSteps(CAPACITY);
    int row = 0;
    for (int e = 0; e < EPISODES; e++) {
      environment.reset(random, observation);
      boolean ended = false;
      while (!ended) {
        int s = (int) observation[0];
        double u = random.nextDouble();
        int a = u < policy[s][0] ? 0 : u < policy[s][0] + policy[s][1] ? 1 : 2;
        for (int i = 0; i < STATES; i++) {
          rollout.observations()[row * STATES + i] = i == s ? 1 : 0;
        }
        action[0] = a;
        rollout.actions()[row] = a;
        rollout.logProbs()[row] = (float) Math.log(policy[s][a]);
        System.arraycopy(z, s * ACTIONS, rollout.distribution(), row * ACTIONS, ACTIONS);
        rollout.values()[row] = (float) v[s];
        step.clear();
        environment.step(action, step);
        System.arraycopy(step.observation(), 0, observation, 0, 1);
        ended = step.ended();
        rollout.rewards()[row] = (float) step.reward();
        rollout.terminated()[row] = ended;
        rollout.ended()[row] = ended;
        rollout.nextValues()[row] = (float) v[(int) observation[0]];
        row++;
      }
    }
    rollout.setSteps(row);
  }

  private static int state(Rollout batch, int t) {
    for (int s = 0; s < STATES; s++) {
      if (batch.observations()[t * STATES + s] == 1) {
        return s;
      }
    }
    throw new AssertionError();
  }

  /** A gradient times a factor, as doubles. */
  public static double[] scaled(Tensor gradient, double factor) {
    double[] values = doubles(gradient);
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    return values;
  }

  private static double[] doubles(Tensor gradient) {
    double[] values = new double[gradient.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = gradient.floats()[i];
    }
    return values;
  }
}
