package org.deeprl4j.algorithms.trpo;

import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;

/** Checks for networks with the directional derivative that Fisher-vector products need. */
final class DensePolicies {
  private DensePolicies() {}

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
        || (spec instanceof NetworkSpec.SideBySide sideBySide
            && sideBySide.parts().stream().allMatch(DensePolicies::dense));
  }
}
