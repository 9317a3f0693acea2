package org.deeprl4j.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SumTreeTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 8, 9, 1000})
  void find_agreesWithALinearSearch(int n) {
    SumTree tree = new SumTree(n);
    Rng random = new Rng(n);
    double[] values = new double[n];
    for (int k = 0; k < 5 * n; k++) {
      int i = random.nextInt(n);
      values[i] = random.nextInt(4); // zeros included; whole numbers sum exactly
      tree.set(i, values[i]);
    }
    values[n / 2] = 2;
    tree.set(n / 2, 2);
    double total = 0;
    for (double v : values) {
      total += v;
    }
    assertEquals(total, tree.total());
    for (int k = 0; k < 200; k++) {
      double prefix = random.nextDouble() * total;
      int expected = 0;
      double left = prefix;
      while (left >= values[expected]) {
        left -= values[expected++];
      }
      assertEquals(expected, tree.find(prefix));
    }
  }

  @Test
  void find_neverReturnsAZero_evenAtTheVeryEnd() {
    SumTree tree = new SumTree(5);
    tree.set(2, 0.1);
    assertEquals(2, tree.find(tree.total()));
    assertEquals(2, tree.find(0));
  }

  @Test
  void setLeaves_rejectsWhatIsNoPriority() {
    SumTree tree = new SumTree(2);
    for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(StateFormatException.class, () -> tree.setLeaves(new double[] {1, bad}));
    }
    tree.setLeaves(new double[] {1, 3});
    assertTrue(tree.total() == 4 && tree.get(1) == 3);
    tree.setLeaves(new double[] {0});
    assertTrue(tree.total() == 0 && tree.get(1) == 0, "zero is a priority, the rest is forgotten");
  }
}
