package org.deeprl4j.experiments.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class CondensedTableTest {
  private static final int MOST = CondensedTable.MOST_POINTS;

  /** Rows r = 0, 1, … with the numbers r and 10 r. */
  private static CondensedTable rows(int count) {
    CondensedTable table = new CondensedTable(2);
    for (int r = 0; r < count; r++) {
      table.add(new double[] {r, 10.0 * r});
    }
    return table;
  }

  @Test
  void few_arePointsThemselves() {
    CondensedTable table = rows(MOST);
    assertEquals(MOST, table.points());
    assertEquals(MOST, table.complete());
    assertEquals(0, table.generation());
    assertEquals(0, table.value(0, 0));
    assertEquals(10.0 * (MOST - 1), table.value(1, MOST - 1));
  }

  @Test
  void oneTooMany_makesPairsOfAll() {
    CondensedTable table = rows(MOST + 1);
    assertEquals(MOST / 2 + 1, table.points());
    assertEquals(MOST / 2, table.complete(), "the last one waits for another row");
    assertEquals(1, table.generation());
    assertEquals(0.5, table.value(0, 0)); // of rows 0 and 1
    assertEquals(MOST - 1.5, table.value(0, MOST / 2 - 1));
    assertEquals(MOST, table.value(0, MOST / 2));
    table.add(new double[] {MOST + 2, 0});
    assertEquals(MOST + 1, table.value(0, MOST / 2));
    assertEquals(MOST / 2 + 1, table.complete());
  }

  @Test
  void million_areMeansOfEquallyMany() {
    CondensedTable table = rows(1_000_000);
    assertTrue(table.points() > MOST / 2 && table.points() <= MOST, table.points() + " points");
    double sum = 0;
    for (int p = 0; p < table.complete(); p++) {
      assertEquals(1024 * p + 511.5, table.value(0, p), 1e-6);
      sum += table.value(1, p);
    }
    assertEquals(10 * (1024.0 * table.complete() - 1) / 2, sum / table.complete(), 1e-3);
  }

  @Test
  void whatIsMissing_doesNotCount() {
    CondensedTable table = new CondensedTable(1);
    for (int r = 0; r < MOST; r++) {
      table.add(new double[] {r < 2 ? Double.NaN : r == 2 ? Double.POSITIVE_INFINITY : 4});
    }
    assertTrue(Double.isNaN(table.value(0, 2)));
    table.add(new double[] {4});
    assertTrue(Double.isNaN(table.value(0, 0)), "of two rows without a number");
    assertEquals(4, table.value(0, 1), "of one with and one without");
  }

  @Test
  void cleared_beginsAnewInAnotherGeneration() {
    CondensedTable table = rows(MOST + 1);
    table.clear();
    assertEquals(0, table.points());
    assertEquals(2, table.generation());
    table.add(new double[] {7, 8});
    assertEquals(7, table.value(0, 0));
    assertEquals(1, table.complete());
  }
}
