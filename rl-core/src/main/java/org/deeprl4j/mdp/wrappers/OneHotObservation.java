package org.deeprl4j.mdp.wrappers;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;

/**
 * Observations that are indices, as unit vectors: Discrete(n) becomes a Box of n zeros and ones, a
 * MultiDiscrete its choices' unit vectors one after the other.
 */
public final class OneHotObservation extends MdpWrapper {
  private final OneHot code;
  private final Box space;
  private final Step step;

  /**
   * Encodes the observations of {@code inner}.
   *
   * @throws IllegalArgumentException if they are neither Discrete nor MultiDiscrete
   */
  public OneHotObservation(Mdp inner) {
    super(inner);
    code = new OneHot(inner.observationSpace());
    if (!code.indices()) {
      throw new IllegalArgumentException(
          "OneHotObservation needs Discrete or MultiDiscrete observations, not "
              + inner.observationSpace());
    }
    space = Box.of(0, 1, code.size());
    step = new Step(inner.observationSpace().size());
  }

  @Override
  public Space observationSpace() {
    return space;
  }

  @Override
  public void reset(RandomGenerator random, float[] observation) {
    inner().reset(random, step.observation());
    code.encode(step.observation(), observation, 0);
  }

  @Override
  public boolean passesActions() {
    return true;
  }

  @Override
  public void step(float[] action, Step next) {
    step.clear();
    inner().step(action, step);
    next.copyOutcome(step);
    code.encode(step.observation(), next.observation(), 0);
  }
}
