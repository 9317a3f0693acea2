package org.deeprl4j.algorithms.learning;

import java.util.Arrays;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * Exploration noise for a deterministic policy, one process per environment, in the units of
 * actions in [−1, 1].
 */
public final class ActionNoise implements Stateful {
  /** The random process. */
  public enum Kind {
    /** Independent draws from N(0, σ²). */
    GAUSSIAN,
    /**
     * Ornstein-Uhlenbeck: dx = −θ x dt + σ dW with θ = 0.15 (Lillicrap et al. 2016, section 7),
     * started at 0 with each episode, in steps of dt = 0.01, as in Stable-Baselines3.
     */
    ORNSTEIN_UHLENBECK
  }

  private static final double THETA = 0.15; // Lillicrap et al. 2016, section 7
  private static final double DT = 1e-2; // Stable-Baselines3's OrnsteinUhlenbeckActionNoise

  private final Kind kind;
  private final int actionSize;
  private final float[] x;

  /** Creates the noise for a number of environments. */
  public ActionNoise(Kind kind, int environments, int actionSize) {
    this.kind = kind;
    this.actionSize = actionSize;
    x = new float[environments * actionSize];
  }

  /**
   * Adds the next noise to actions and clips them to [−1, 1].
   *
   * @param sigma σ ≥ 0
   * @param actions [environments, actionSize]. Modified.
   */
  public void add(double sigma, Rng random, float[] actions) {
    for (int i = 0; i < x.length; i++) {
      double draw = sigma * random.nextGaussian();
      x[i] =
          (float) (kind == Kind.GAUSSIAN ? draw : x[i] - THETA * x[i] * DT + Math.sqrt(DT) * draw);
      actions[i] = Math.min(Math.max(actions[i] + x[i], -1), 1);
    }
  }

  /** Restarts an environment's process. */
  public void restart(int environment) {
    Arrays.fill(x, environment * actionSize, (environment + 1) * actionSize, 0);
  }

  @Override
  public void save(StateWriter out) {
    out.put("x", x);
  }

  @Override
  public void load(StateReader in) {
    in.get("x", x);
  }
}
