package org.deeprl4j.mdp;

import java.util.List;
import org.deeprl4j.random.Rng;

/** Environments stepped one after the other by the calling thread. */
public final class SerialVectorEnv extends BatchVectorEnv {

  /**
   * A vector of these environments, which it owns from now on.
   *
   * @param random is split once for each environment, in order. Modified.
   * @throws IllegalArgumentException if there is none, or their spaces differ
   */
  public SerialVectorEnv(List<? extends Mdp> environments, Rng random) {
    super(environments, random);
  }

  @Override
  void onAll(Work work) {
    work.run(this, 0, count());
  }
}
