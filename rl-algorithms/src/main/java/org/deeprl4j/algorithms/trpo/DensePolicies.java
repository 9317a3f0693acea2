package org.deeprl4j.algorithms.trpo;

import java.util.List;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.distributions.StateDependentGaussian;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.space.Space;

/**
 * What a trust region asks of policies: a directional derivative, and a divergence's own gradient.
 */
final class DensePolicies {
  private DensePolicies() {}

  /**
   * The distribution family for an action space, as {@link LogStd#distribution}. With GSDE the
   * features learn from the variance, too: they are part of the divergence that is bounded, so that
   * its Hessian has to know their derivative.
   */
  static ActionDistribution distribution(Space actions, LogStd logStd, List<Integer> hidden) {
    ActionDistribution family = logStd.distribution(actions, hidden);
    return family instanceof StateDependentGaussian
        ? new StateDependentGaussian(actions.size(), hidden.get(hidden.size() - 1), true)
        : family;
  }

  /**
   * Checks a value and a policy network side by side.
   *
   * @throws IllegalArgumentException if a part other than the first, the value's, is not dense
   */
  static void require(String algorithm, NetworkSpec network) {
    if (network instanceof NetworkSpec.SideBySide sideBySide) {
      for (NetworkSpec part : sideBySide.parts().subList(1, sideBySide.parts().size())) {
        if (!dense(part)) {
          throw new IllegalArgumentException(
              algorithm
                  + " needs Fisher-vector products, which dense policy networks have, not "
                  + part);
        }
      }
    }
  }

  private static boolean dense(NetworkSpec spec) {
    return spec instanceof Mlp
        || spec instanceof NetworkSpec.Constant
        || (spec instanceof NetworkSpec.Stacked stacked
            && dense(stacked.body())
            && dense(stacked.head()))
        || (spec instanceof NetworkSpec.SideBySide sideBySide
            && sideBySide.parts().stream().allMatch(DensePolicies::dense));
  }
}
