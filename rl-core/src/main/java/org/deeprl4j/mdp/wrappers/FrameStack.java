package org.deeprl4j.mdp.wrappers;

import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;

/**
 * The last k observations as one, oldest first, of shape [k, shape of one]: a {@link History}
 * without actions.
 */
public final class FrameStack extends MdpWrapper {

  /**
   * Stacks the observations of {@code inner}.
   *
   * @param k at least 1
   */
  public FrameStack(Mdp inner, int k) {
    super(new History(inner, k, 0));
  }
}
