package org.deeprl4j.mdp.wrappers;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * Truncates an episode at its N-th step. Where the environment terminates on that very step, both
 * flags hold.
 */
public final class TimeLimit extends MdpWrapper implements Stateful {
  private final int maxSteps;
  private int elapsed;

  /**
   * Limits the episodes of {@code inner}.
   *
   * @param maxSteps N, at least 1
   */
  public TimeLimit(Mdp inner, int maxSteps) {
    super(inner);
    if (maxSteps < 1) {
      throw new IllegalArgumentException("maxSteps must be at least 1, not " + maxSteps);
    }
    this.maxSteps = maxSteps;
  }

  /** The number of steps N after which an episode is truncated. */
  public int maxSteps() {
    return maxSteps;
  }

  @Override
  public void reset(RandomGenerator random, float[] observation) {
    inner().reset(random, observation);
    elapsed = 0;
  }

  @Override
  protected boolean passesActions() {
    return true;
  }

  @Override
  public void step(float[] action, Step next) {
    if (elapsed >= maxSteps) {
      throw new IllegalStateException(
          "the episode was truncated after its " + maxSteps + " steps: reset before the next step");
    }
    inner().step(action, next);
    if (++elapsed == maxSteps) {
      next.setTruncated(true);
    }
  }

  @Override
  public void save(StateWriter out) {
    out.put("elapsed", elapsed);
  }

  @Override
  public void load(StateReader in) {
    elapsed = in.getInt("elapsed");
  }
}
