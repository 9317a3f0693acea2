package org.deeprl4j.stats;

import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * Scales rewards so that discounted returns have variance about 1: each environment keeps the
 * running sum G ← γG + r, started at 0 with each episode, and a reward becomes clip(r/√(Var(G) +
 * 1e-8), ±c), the variance being that of every G seen so far. The mean is not subtracted, since
 * that would change which policy is best.
 *
 * <p>On-policy methods scale a step's rewards once it is observed. A memory keeps raw rewards and
 * has them scaled as they are sampled, so that all of a batch have the scale of the moment.
 *
 * <p>This is the scaling of Engstrom et al. (2020), "Implementation matters in deep policy
 * gradients", algorithm 1, as Gymnasium's NormalizeReward and Stable-Baselines3's VecNormalize do
 * it.
 */
public final class RewardScaler implements Stateful {
  /** Bound on a scaled reward; Gymnasium's and Stable-Baselines3's usual choice. */
  public static final double CLIP = 10;

  private final double gamma;
  private final double clip;
  private final double[] sums;
  private final float[] batch;
  private final RunningStatistics statistics;

  /**
   * A scaler that has seen nothing.
   *
   * @param environments the number of environments stepped together, ≥ 1
   * @param gamma discount γ in [0, 1]
   * @param clip the largest magnitude of a scaled reward, positive, possibly infinite
   */
  public RewardScaler(int environments, double gamma, double clip) {
    this(environments, gamma, clip, new RunningStatistics(1));
  }

  private RewardScaler(int environments, double gamma, double clip, RunningStatistics statistics) {
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
    this.statistics = statistics;
  }

  /** A scaler for the environments of one of several threads, as of {@link RunningStatistics}. */
  public RewardScaler sharing() {
    return new RewardScaler(sums.length, gamma, clip, statistics.sharing());
  }

  /** Adds what was seen since the last call to the statistics of all, and takes these over. */
  public void takeOver() {
    statistics.takeOver();
  }

  /** The current factor, 1/√(Var(G) + 1e-8), 1 before any data. */
  double scale() {
    return statistics.scale(0);
  }

  /**
   * Takes one step of all environments into account.
   *
   * @param rewards [environments], of which floats count; not modified
   * @param ended [environments], whether the episode ended with this step
   * @throws IllegalArgumentException if a reward is infinite or NaN
   */
  public void observe(double[] rewards, boolean[] ended) {
    for (int e = 0; e < sums.length; e++) {
      requireFinite(e, rewards[e]);
    }
    for (int e = 0; e < sums.length; e++) {
      add(e, (float) rewards[e]);
    }
    endStep(ended, 0);
  }

  private static void requireFinite(int environment, double reward) {
    if (!Float.isFinite((float) reward)) {
      throw new IllegalArgumentException(
          "the reward of environment " + environment + " must be finite, not " + reward);
    }
  }

  private void add(int environment, float reward) {
    sums[environment] = gamma * sums[environment] + reward;
    batch[environment] = (float) sums[environment];
  }

  /** Takes the sums into the statistics, and starts those anew whose episode ended in this row. */
  private void endStep(boolean[] ended, int row) {
    statistics.add(batch, sums.length);
    for (int e = 0; e < sums.length; e++) {
      if (ended[row + e]) {
        sums[e] = 0;
      }
    }
  }

  /**
   * Scales rewards by what has been observed.
   *
   * @param rewards [rows]; not modified unless it is {@code out}
   * @param out receives [rows]; may be {@code rewards}. Modified.
   */
  public void scale(float[] rewards, int rows, float[] out) {
    scale(rewards, 0, rows, out);
  }

  private void scale(float[] rewards, int from, int to, float[] out) {
    double scale = scale();
    for (int b = from; b < to; b++) {
      out[b] = (float) Math.max(-clip, Math.min(clip, rewards[b] * scale));
    }
  }

  /**
   * Takes steps of all environments into account, one after the other, and scales the rewards of
   * each by what has been observed until then.
   *
   * @param rewards [rows], those of all environments for each step. Modified.
   * @param ended [rows], whether the episode ended with the step; not modified
   * @param rows a multiple of the number of environments
   */
  public void scaleSteps(float[] rewards, boolean[] ended, int rows) {
    int n = sums.length;
    for (int row = 0; row < rows; row += n) {
      for (int e = 0; e < n; e++) {
        requireFinite(e, rewards[row + e]);
      }
      for (int e = 0; e < n; e++) {
        add(e, rewards[row + e]);
      }
      endStep(ended, row);
      scale(rewards, row, row + n, rewards);
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
