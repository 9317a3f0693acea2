package org.deeprl4j.algorithms.training;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.MaskedMdp;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Space;

/**
 * In the place of an environment that is stepped elsewhere: it has the same spaces, shows zeros and
 * allows every action, and cannot be stepped.
 */
final class AbsentMdp implements MaskedMdp {
  private final Space observationSpace;
  private final Space actionSpace;
  private final boolean masks;

  /** In the place of another environment like this one. */
  AbsentMdp(Mdp like) {
    observationSpace = like.observationSpace();
    actionSpace = like.actionSpace();
    masks = MdpWrapper.find(like, MaskedMdp.class).map(MaskedMdp::masksActions).orElse(false);
  }

  @Override
  public Space observationSpace() {
    return observationSpace;
  }

  @Override
  public Space actionSpace() {
    return actionSpace;
  }

  @Override
  public boolean masksActions() {
    return masks;
  }

  @Override
  public void actionMask(boolean[] legal) {
    Arrays.fill(legal, true);
  }

  @Override
  public void reset(RandomGenerator random, float[] observation) {
    Arrays.fill(observation, 0);
  }

  @Override
  public void step(float[] action, Step next) {
    throw new IllegalStateException("this environment is stepped elsewhere");
  }
}
