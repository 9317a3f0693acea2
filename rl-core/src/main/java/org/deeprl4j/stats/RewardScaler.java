package org.deeprl4j.stats;

import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * Scales rewards so that discounted returns have variance about 1: each environment keeps the
 * running sum G ← γG + r, started at 0 with each episode, and a reward becomes clip(r/√(Var(G) +
 * 1e-8), ±c), the variance being that of every G seen so far, this step's included. The mean is not
 * subtracted, since that would change which policy is best.
 *
 * <p>This is the scaling of Engstrom et al. (2020), "Implementation matters in deep policy
 * gradients", algorithm 1, as Gymnasium's NormalizeReward and Stable-Baselines3's VecNormalize do
 * it.
 */
public final class RewardScaler implements Stateful {
  private final double gamma;
  private final double clip;
  private final double[] sums;
  private final float[] batch;
  private final RunningStatistics statistics = new RunningStatistics(1);

  /**
   * A scaler that has seen nothing.
   *
   * @param environments the number of environments stepped together, ≥ 1
   * @param gamma discount γ in [0, 1]
   * @param clip the largest magnitude of a scaled reward, positive, possibly infinite
   */
  public RewardScaler(int environments, double gamma, double clip) {
    if (environments < 1) {
      throw new IllegalArgumentException("environments must be at least 1, not " + environments);
    }
    if (!(gamma >= 0 && gamma <= 1)) {
      throw new IllegalArgumentException("gamma must be in [0, 1], not " + gamma);
    }
    RunningStatistics.checkClip(clip);
    this.gamma = gamma;
    this.clip = clip;
    sums = new double[environments];
    batch = new float[environments];
  }

  /** The current factor, 1/√(Var(G) + 1e-8), 1 before any data. */
  double scale() {
    return statistics.scale(0);
  }

  /**
   * Takes one step of all environments into account and scales its rewards.
   *
   * @param rewards [environments]; not modified unless it is {@code out}
   * @param ended [environments], whether the episode ended with this step
   * @param out receives [environments]; may be {@code rewards}. Modified.
   * @throws IllegalArgumentException if a reward is infinite or NaN
   */
  public void scale(float[] rewards, boolean[] ended, float[] out) {
    for (int e = 0; e < sums.length; e++) {
      if (!Float.isFinite(rewards[e])) {
        throw new IllegalArgumentException(
            "the reward of environment " + e + " must be finite, not " + rewards[e]);
      }
    }
    for (int e = 0; e < sums.length; e++) {
      sums[e] = gamma * sums[e] + rewards[e];
      batch[e] = (float) sums[e];
    }
    statistics.add(batch, sums.length);
    for (int e = 0; e < sums.length; e++) {
      if (ended[e]) {
        sums[e] = 0;
      }
    }
    double scale = scale();
    for (int e = 0; e < sums.length; e++) {
      out[e] = (float) Math.max(-clip, Math.min(clip, rewards[e] * scale));
    }
  }

  /** Forgets an environment's running sum, as where its next step belongs to another episode. */
  public void endEpisode(int environment) {
    sums[environment] = 0;
  }

  @Override
  public void save(StateWriter out) {
    out.put("sums", sums);
    out.put("statistics", statistics);
  }

  @Override
  public void load(StateReader in) {
    in.get("sums", sums);
    in.get("statistics", statistics);
  }
}
