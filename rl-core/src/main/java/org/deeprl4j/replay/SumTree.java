package org.deeprl4j.replay;

import java.util.Arrays;
import org.deeprl4j.state.StateFormatException;

/**
 * Non-negative numbers with their sums over a binary tree: setting one and finding the one where
 * the running sum passes a value take log₂ n steps. A parent is always the sum of its children
 * computed anew, so that no error builds up.
 */
final class SumTree {
  private final int leaves; // a power of two
  private final double[] sums; // sums[1] is the root, sums[leaves + i] is number i

  SumTree(int n) {
    leaves = n <= 1 ? 1 : Integer.highestOneBit(n - 1) << 1;
    sums = new double[2 * leaves];
  }

  double total() {
    return sums[1];
  }

  double get(int i) {
    return sums[leaves + i];
  }

  void set(int i, double value) {
    int node = leaves + i;
    sums[node] = value;
    for (node >>= 1; node >= 1; node >>= 1) {
      sums[node] = sums[2 * node] + sums[2 * node + 1];
    }
  }

  /**
   * The number i with Σ_{k<i} ≤ prefix &lt; Σ_{k≤i}; never one that is 0, whatever rounding does.
   *
   * @param prefix in [0, total())
   */
  int find(double prefix) {
    double left = prefix;
    int node = 1;
    while (node < leaves) {
      node *= 2;
      // Right only if there is something: `left` may have been rounded up to the whole sum.
      if (left >= sums[node] && sums[node + 1] > 0) {
        left -= sums[node];
        node++;
      }
    }
    return node - leaves;
  }

  double[] leaves(int count) {
    double[] values = new double[count];
    System.arraycopy(sums, leaves, values, 0, count);
    return values;
  }

  void setLeaves(double[] values) {
    for (double value : values) {
      if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
        throw new StateFormatException("a priority must be finite and at least 0, not " + value);
      }
    }
    Arrays.fill(sums, 0);
    System.arraycopy(values, 0, sums, leaves, values.length);
    for (int node = leaves - 1; node >= 1; node--) {
      sums[node] = sums[2 * node] + sums[2 * node + 1];
    }
  }
}
