package org.deeprl4j.mdp.wrappers;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * Keeps the undiscounted return and the length of the current episode, until the next one starts.
 */
public final class EpisodeStatistics extends MdpWrapper implements Stateful {
  private double episodeReturn;
  private int episodeLength;

  /** Keeps the statistics of {@code inner}. */
  public EpisodeStatistics(Mdp inner) {
    super(inner);
  }

  /** The sum of the rewards since the last reset. */
  public double episodeReturn() {
    return episodeReturn;
  }

  /** The number of steps since the last reset. */
  public int episodeLength() {
    return episodeLength;
  }

  @Override
  public void reset(RandomGenerator random, float[] observation) {
    inner().reset(random, observation);
    episodeReturn = 0;
    episodeLength = 0;
  }

  @Override
  public boolean passesActions() {
    return true;
  }

  @Override
  public void step(float[] action, Step next) {
    inner().step(action, next);
    episodeReturn += next.reward();
    episodeLength++;
  }

  @Override
  public void save(StateWriter out) {
    out.put("return", episodeReturn);
    out.put("length", episodeLength);
  }

  @Override
  public void load(StateReader in) {
    episodeReturn = in.getDouble("return");
    episodeLength = in.getInt("length");
  }
}
