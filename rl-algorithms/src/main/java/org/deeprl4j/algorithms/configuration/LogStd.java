package org.deeprl4j.algorithms.configuration;

import java.util.List;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.distributions.Distributions;
import org.deeprl4j.distributions.StateDependentGaussian;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;

/** Where log σ of a Gaussian policy comes from. */
public enum LogStd {
  /** A free parameter for each action, the same in every state. */
  FREE,
  /** An output of the network. */
  STATE_DEPENDENT,
  /**
   * gSDE: the noise is a linear function of the policy's last hidden layer, held for some steps,
   * with a free log σ for each pair of feature and action. See {@link StateDependentGaussian}.
   */
  GSDE;

  /**
   * Returns the distribution family for an action space.
   *
   * @param hidden widths of the policy's hidden layers, of which GSDE uses the last
   * @throws IllegalArgumentException if this does not fit the actions or the hidden layers
   */
  public ActionDistribution distribution(Space actions, List<Integer> hidden) {
    if (!(actions instanceof Box) && this != FREE) {
      throw new IllegalArgumentException(
          "logStd %s is for continuous actions, a Box space, not for %s: leave it %s"
              .formatted(this, actions, FREE));
    }
    if (this != GSDE) {
      return Distributions.forActionSpace(actions);
    }
    if (hidden.isEmpty()) {
      throw new IllegalArgumentException(
          "logStd GSDE explores with the policy's last hidden layer, but hidden is empty");
    }
    return new StateDependentGaussian(actions.size(), hidden.get(hidden.size() - 1), false);
  }
}
