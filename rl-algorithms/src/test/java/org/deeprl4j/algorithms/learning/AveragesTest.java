package org.deeprl4j.algorithms.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.deeprl4j.state.DivergenceException;
import org.junit.jupiter.api.Test;

final class AveragesTest {
  private final Averages averages = new Averages(List.of("loss", "norm"));

  @Test
  void values_areTheMeansOfWhatWasAdded_inTheOrderDeclared() {
    averages.add("norm", 1);
    averages.add("loss", 2);
    averages.add("loss", 5);
    assertEquals(3.5, averages.of("loss"));
    assertEquals("{loss=3.5, norm=1.0}", averages.values().toString());
  }

  @Test
  void valueNeverAdded_isUndefined() {
    averages.add("loss", 2);
    averages.addOrUndefined("norm", Double.NaN);
    assertEquals(2, averages.of("loss"));
    assertEquals(Double.NaN, averages.of("norm"));
    assertEquals(Double.NaN, new Averages(List.of("loss")).of("loss"));
  }

  @Test
  void addAll_weighsByTheNumberOfValues() {
    averages.add("loss", 1);
    Averages other = new Averages(List.of("loss", "norm"));
    other.add("loss", 4);
    other.add("loss", 7);
    averages.addAll(other);
    assertEquals(4, averages.of("loss"));
  }

  @Test
  void undeclaredNames_areRefused() {
    assertEquals(
        "metric 'kl' is not declared; declared are loss, norm",
        assertThrows(IllegalArgumentException.class, () -> averages.add("kl", 1)).getMessage());
  }

  @Test
  void infiniteValues_endTheRun() {
    assertThrows(DivergenceException.class, () -> averages.add("loss", Double.POSITIVE_INFINITY));
  }
}
