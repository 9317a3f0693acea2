package org.deeprl4j.mdp.wrappers;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.deeprl4j.stats.RewardScaler;

/**
 * Divides rewards by the running deviation of the discounted return and clips them to ±10, see
 * {@link RewardScaler}. Episode returns taken outside of it are those of scaled rewards: put {@link
 * EpisodeStatistics} inside.
 */
public final class NormalizeReward extends MdpWrapper implements Stateful {
  private static final double CLIP = 10;

  private final RewardScaler scaler;
  private final float[] reward = new float[1];
  private final boolean[] ended = new boolean[1];

  /**
   * Scales the rewards of {@code inner}.
   *
   * @param gamma γ of the return whose deviation counts, in [0, 1]
   */
  public NormalizeReward(Mdp inner, double gamma) {
    super(inner);
    scaler = new RewardScaler(1, gamma, CLIP);
  }

  /** Stops the statistics from changing, or lets them change again. */
  public void setFrozen(boolean value) {
    scaler.setFrozen(value);
  }

  @Override
  public void reset(RandomGenerator random, float[] observation) {
    inner().reset(random, observation);
    scaler.resetEpisodes();
  }

  @Override
  public boolean passesActions() {
    return true;
  }

  @Override
  public void step(float[] action, Step next) {
    inner().step(action, next);
    reward[0] = (float) next.reward();
    ended[0] = next.ended();
    scaler.scale(reward, ended, reward);
    next.setReward(reward[0]);
  }

  @Override
  public void save(StateWriter out) {
    out.put("scaler", scaler);
  }

  @Override
  public void load(StateReader in) {
    in.get("scaler", scaler);
  }
}
