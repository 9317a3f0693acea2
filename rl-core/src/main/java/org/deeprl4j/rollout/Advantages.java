package org.deeprl4j.rollout;

/**
 * Advantages and returns of a rollout of {@code steps} steps in {@code environments} environments.
 *
 * <p>Every array is time-major, row {@code t * environments + e}, and may be longer than needed. An
 * episode that <em>terminated</em> has no future; one that was only truncated, or that the
 * rollout's end cut off, is bootstrapped from the value of its true next observation, which is what
 * {@code nextValues} must hold: V of the observation after the step, before any reset.
 */
public final class Advantages {
  private static final double EPSILON = 1e-8;

  private Advantages() {}

  /**
   * Generalised advantage estimation: Schulman, Moritz, Levine, Jordan and Abbeel (2016),
   * "High-dimensional continuous control using generalized advantage estimation", equation 16, cut
   * off at the last step T − 1 of the rollout or the episode:
   *
   * <pre>
   *   δ_t = r_t + γ·(1 − terminated_t)·V(s_{t+1}) − V(s_t)
   *   Â_t = Σ_{l=0}^{T−t−1} (γλ)^l δ_{t+l}  =  δ_t + γλ·(1 − ended_t)·Â_{t+1}
   *   returns_t = Â_t + V(s_t)
   * </pre>
   *
   * <p>λ = 1 gives the (bootstrapped) Monte Carlo advantage, λ = 0 the temporal difference. The
   * last term of the sum is δ_{T−1}, so its exponent is T − t − 1; printed sources that have T − t
   * + 1 (Schulman et al. 2017, equations 10 and 11) count one step too many.
   *
   * @param rewards r_t
   * @param values V(s_t)
   * @param nextValues V of the true next observation; read also where terminated, but not used
   * @param terminated whether the step reached a terminal state
   * @param ended whether the episode ended with this step, terminated or truncated; a terminated
   *     step counts as ended whatever this says
   * @param gamma discount γ in [0, 1]
   * @param lambda λ in [0, 1]
   * @param advantages receives Â_t. Modified.
   * @param returns receives the targets for V. Modified.
   */
  public static void gae(
      float[] rewards,
      float[] values,
      float[] nextValues,
      boolean[] terminated,
      boolean[] ended,
      int steps,
      int environments,
      double gamma,
      double lambda,
      float[] advantages,
      float[] returns) {
    check(steps, environments, gamma);
    if (!(lambda >= 0 && lambda <= 1)) {
      throw new IllegalArgumentException("lambda must be in [0, 1], not " + lambda);
    }
    for (int e = 0; e < environments; e++) {
      double advantage = 0;
      for (int i = (steps - 1) * environments + e; i >= 0; i -= environments) {
        double next = terminated[i] ? 0 : nextValues[i];
        double delta = rewards[i] + gamma * next - values[i];
        advantage = terminated[i] || ended[i] ? delta : delta + gamma * lambda * advantage;
        advantages[i] = (float) advantage;
        returns[i] = (float) (advantage + values[i]);
      }
    }
  }

  /**
   * Discounted returns to the end of the episode or of the rollout, where they are bootstrapped
   * unless terminated: R_t = r_t + γR_{t+1}, the R of Mnih et al. (2016), "Asynchronous methods for
   * deep reinforcement learning", algorithm S3.
   *
   * @param returns receives R_t; may be {@code rewards}. Modified.
   * @see #gae for the other parameters
   */
  public static void discountedReturns(
      float[] rewards,
      float[] nextValues,
      boolean[] terminated,
      boolean[] ended,
      int steps,
      int environments,
      double gamma,
      float[] returns) {
    check(steps, environments, gamma);
    for (int e = 0; e < environments; e++) {
      int last = (steps - 1) * environments + e;
      double next = 0;
      for (int i = last; i >= 0; i -= environments) {
        if (terminated[i]) {
          next = 0;
        } else if (ended[i] || i == last) {
          next = nextValues[i];
        }
        next = rewards[i] + gamma * next;
        returns[i] = (float) next;
      }
    }
  }

  /**
   * Scales the first n advantages to mean 0 and standard deviation 1: (A − mean)/(std + 1e-8), with
   * the unbiased standard deviation (divisor n − 1). A single advantage is left as it is.
   *
   * @param advantages normalised in place. Modified.
   */
  public static void normalize(float[] advantages, int n) {
    if (n < 2) {
      return;
    }
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += advantages[i];
    }
    double mean = sum / n;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      double d = advantages[i] - mean;
      squares += d * d;
    }
    double scale = 1 / (Math.sqrt(squares / (n - 1)) + EPSILON);
    for (int i = 0; i < n; i++) {
      advantages[i] = (float) ((advantages[i] - mean) * scale);
    }
  }

  /**
   * Gathers a minibatch's advantages, out_i = advantages[indices[from + i]] for i in [0, n), and
   * normalises them there.
   *
   * @param out receives [n]. Modified.
   */
  public static void normalize(float[] advantages, int[] indices, int from, int n, float[] out) {
    for (int i = 0; i < n; i++) {
      out[i] = advantages[indices[from + i]];
    }
    normalize(out, n);
  }

  private static void check(int steps, int environments, double gamma) {
    if (steps < 0 || environments < 1) {
      throw new IllegalArgumentException(
          "a rollout needs steps >= 0 and environments >= 1, not "
              + steps
              + " and "
              + environments);
    }
    if (!(gamma >= 0 && gamma <= 1)) {
      throw new IllegalArgumentException("gamma must be in [0, 1], not " + gamma);
    }
  }
}
