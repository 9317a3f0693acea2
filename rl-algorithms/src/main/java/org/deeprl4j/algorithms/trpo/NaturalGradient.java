package org.deeprl4j.algorithms.trpo;

import java.util.Arrays;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.distributions.Categorical;
import org.deeprl4j.memory.Heap;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.ConjugateGradient;
import org.deeprl4j.optim.FisherProduct;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.state.DivergenceException;
import org.jspecify.annotations.Nullable;

/**
 * The mathematics that TRPO and the natural policy gradient share, on one batch of s_t, a_t, Â_t
 * drawn from π_old:
 *
 * <pre>
 * L(θ)   = Ê_t[ π_θ(a_t|s_t) / π_old(a_t|s_t) · Â_t ]
 * KL(θ)  = Ê_t[ KL(π_old(·|s_t) ‖ π_θ(·|s_t)) ]
 * g      = ∇L(θ_old)
 * H      = ∇²KL(θ_old) = Ê_t[ J_tᵀ F(z_t) J_t ],  J = ∂z/∂θ
 * Δ      = √(2δ / gᵀH⁻¹g) · H⁻¹g
 * </pre>
 *
 * <p>Only products with H are computed, see {@link FisherProduct}.
 */
final class NaturalGradient {
  private final ActionDistribution distribution;
  private final Network policy;
  private final FisherProduct fisher;
  private final ConjugateGradient conjugateGradient;
  private final Tensor observations;
  private final Tensor zTensor;
  private final Tensor gradient;
  private final Tensor step;
  private final float[] oldZ;
  private final float[] oldLogProb;
  private final float[] actions;
  private final float[] advantages;
  private final float[] perRow;
  private final float @Nullable [] forbidding; // z of who acted, for the rows of observations
  private final float[] forbiddenZ; // as long as needed only where actions may be illegal
  private float[] z = new float[0];
  private int rows;
  private double surrogate;
  private double kl;

  /**
   * Allocates the memory.
   *
   * @param model its policy network is separate from its value network
   * @param capacity the maximum number of rows of a batch
   */
  NaturalGradient(Compute compute, ActorCritic model, int capacity) {
    distribution = model.distribution();
    policy = model.policyNetwork();
    double numbers = (double) policy.inputSize() + 2.0 * policy.outputSize();
    Heap.require(
        "the trust region of %d rows of %d inputs and %d outputs"
            .formatted(capacity, policy.inputSize(), policy.outputSize()),
        (double) capacity * Math.max(policy.inputSize(), policy.outputSize()),
        Float.BYTES * numbers * capacity,
        "lower rolloutSteps or environments");
    observations = compute.tensor(capacity, policy.inputSize());
    zTensor = compute.tensor(capacity, policy.outputSize());
    Tensor parameters = policy.parameters();
    fisher = new FisherProduct(policy, distribution);
    conjugateGradient = new ConjugateGradient(parameters);
    gradient = parameters.like(1, parameters.size());
    step = parameters.like(1, parameters.size());
    int columns = policy.outputSize();
    oldZ = new float[capacity * columns];
    forbidding = model.masksActions() ? new float[oldZ.length] : null;
    forbiddenZ = model.masksActions() ? new float[oldZ.length] : new float[0];
    oldLogProb = new float[capacity];
    actions = new float[capacity * distribution.actionSize()];
    advantages = new float[capacity];
    perRow = new float[capacity];
  }

  /**
   * Starts with a batch and the current policy as π_old: computes g, and L and KL at θ_old.
   *
   * @param rollout with computed advantages
   * @return g, [1, P]
   */
  Tensor begin(Rollout rollout) {
    rows = rollout.rows();
    System.arraycopy(rollout.actions(), 0, actions, 0, rows * distribution.actionSize());
    System.arraycopy(rollout.advantages(), 0, advantages, 0, rows);
    load(rollout, 1);
    float[] output = policy.forward(observations).floats();
    System.arraycopy(forbidden(output), 0, oldZ, 0, rows * policy.outputSize());
    distribution.logProb(oldZ, actions, rows, oldLogProb);
    double sum = 0;
    for (int b = 0; b < rows; b++) {
      perRow[b] = advantages[b] / rows;
      sum += advantages[b];
    }
    surrogate = sum / rows;
    kl = 0;
    zTensor.setRows(rows);
    float[] zGradient = zTensor.floatsForWriting();
    Arrays.fill(zGradient, 0, rows * policy.outputSize(), 0);
    distribution.addLogProbGradient(oldZ, actions, rows, perRow, zGradient);
    policy.gradient().fill(0);
    policy.backward(zTensor);
    gradient.copyFrom(policy.gradient());
    return gradient;
  }

  /**
   * Solves Hx = g and scales x to the boundary of the trust region.
   *
   * @param rollout that of {@link #begin}
   * @param every k: H is estimated on every k-th step of each environment e, those t where k
   *     divides t + e
   * @param delta δ
   * @return the result of the solution; the step is in {@link #step}, and is 0 if gᵀx is not
   *     positive
   * @throws DivergenceException if g or H's products are not finite
   */
  ConjugateGradient.Result solve(
      Rollout rollout, int every, double damping, int iterations, double tolerance, double delta) {
    if (every > 1) {
      load(rollout, every);
    }
    fisher.at(observations, forbidding, damping);
    ConjugateGradient.Result result;
    try {
      result = conjugateGradient.solve(fisher, gradient, step, iterations, tolerance);
    } catch (ArithmeticException e) {
      throw new DivergenceException(String.valueOf(e.getMessage()));
    }
    // gᵀx is xᵀHx for every iterate of conjugate gradients, as its residual is orthogonal to x.
    double curvature = gradient.dot(step);
    if (curvature > 0) {
      step.scale(Math.sqrt(2 * delta / curvature));
    } else {
      step.fill(0);
    }
    return result;
  }

  /** Δ, [1, P]. */
  Tensor step() {
    return step;
  }

  /** Measures L(θ) and KL(θ) at the current parameters over the whole batch. */
  void measure(Rollout rollout) {
    load(rollout, 1);
    z = forbidden(policy.predict(observations).floats());
    distribution.logProb(z, actions, rows, perRow);
    double sum = 0;
    for (int b = 0; b < rows; b++) {
      sum += Math.exp((double) perRow[b] - oldLogProb[b]) * advantages[b];
    }
    surrogate = sum / rows;
    distribution.kl(oldZ, z, rows, perRow);
    sum = 0;
    for (int b = 0; b < rows; b++) {
      sum += perRow[b];
    }
    kl = sum / rows;
  }

  /** z of all rows, with what was forbidden when the rollout was gathered. */
  private float[] forbidden(float[] output) {
    if (forbidding == null) {
      return output;
    }
    System.arraycopy(output, 0, forbiddenZ, 0, rows * policy.outputSize());
    Categorical.forbidAs(forbidding, forbiddenZ, rows * policy.outputSize());
    return forbiddenZ;
  }

  /** The last measured L(θ). */
  double surrogate() {
    return surrogate;
  }

  /** The last measured KL(θ). */
  double kl() {
    return kl;
  }

  /** The mean entropy of π_old. */
  double entropy() {
    distribution.entropy(oldZ, rows, perRow);
    double sum = 0;
    for (int b = 0; b < rows; b++) {
      sum += perRow[b];
    }
    return sum / rows;
  }

  /** Of row t·n + e, step t of environment e: whether k divides t + e. */
  private static boolean isTaken(int row, int n, int every) {
    return (row / n + row % n) % every == 0;
  }

  private void load(Rollout rollout, int every) {
    int n = rollout.environments();
    int columns = rollout.observationSize();
    int parameters = rollout.parameterSize();
    int count = 0;
    for (int row = 0; row < rollout.rows(); row++) {
      count += isTaken(row, n, every) ? 1 : 0;
    }
    observations.setRows(count);
    float[] x = observations.floatsForWriting();
    for (int row = 0, at = 0; row < rollout.rows(); row++) {
      if (isTaken(row, n, every)) {
        System.arraycopy(rollout.observations(), row * columns, x, at * columns, columns);
        if (forbidding != null) {
          System.arraycopy(
              rollout.distribution(), row * parameters, forbidding, at * parameters, parameters);
        }
        at++;
      }
    }
  }
}
