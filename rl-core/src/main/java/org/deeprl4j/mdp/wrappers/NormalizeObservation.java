package org.deeprl4j.mdp.wrappers;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.deeprl4j.stats.RunningStatistics;

/**
 * Scales observations by the mean and deviation of all observations so far, this one included, and
 * clips them to ±10, as Gymnasium's NormalizeObservation and Stable-Baselines3's VecNormalize do.
 *
 * <p>For one environment whose consumer should see normalised numbers. Several environments of one
 * run should share their statistics: there the algorithms' own {@code normalizeObservations} is the
 * place, which also puts the statistics into the saved policy.
 */
public final class NormalizeObservation extends MdpWrapper implements Stateful {
  private static final double CLIP = 10;

  private final Space space;
  private final RunningStatistics statistics;

  /**
   * Normalises the observations of {@code inner}.
   *
   * @throws IllegalArgumentException if they are not a Box
   */
  public NormalizeObservation(Mdp inner) {
    super(inner);
    if (!(inner.observationSpace() instanceof Box box)) {
      throw new IllegalArgumentException(
          "only a Box of observations can be normalised, not " + inner.observationSpace());
    }
    space = Box.of((float) -CLIP, (float) CLIP, box.shape());
    statistics = new RunningStatistics(box.size());
  }

  /** Stops the statistics from changing, for an evaluation, or lets them change again. */
  public void setFrozen(boolean value) {
    statistics.setFrozen(value);
  }

  @Override
  public Space observationSpace() {
    return space;
  }

  @Override
  public void reset(RandomGenerator random, float[] observation) {
    inner().reset(random, observation);
    normalize(observation);
  }

  @Override
  public boolean passesActions() {
    return true;
  }

  @Override
  public void step(float[] action, Step next) {
    inner().step(action, next);
    normalize(next.observation());
  }

  private void normalize(float[] observation) {
    if (!statistics.frozen()) {
      statistics.add(observation, 1);
    }
    statistics.normalize(observation, 1, observation, CLIP);
  }

  @Override
  public void save(StateWriter out) {
    out.put("statistics", statistics);
  }

  @Override
  public void load(StateReader in) {
    in.get("statistics", statistics);
  }
}
