package org.deeprl4j.experiments.board;

import java.util.Arrays;

/**
 * Rows of numbers, kept as at most {@link #MOST_POINTS} points however many they are: a point is
 * the mean of as many neighbouring rows as the others, but the last one, which may still wait for
 * some. When there is no room for another point, every two become one.
 */
final class CondensedTable {
  /** The largest number of points. */
  static final int MOST_POINTS = 1000;

  private final double[][] sums; // [column][point], of the numbers that are finite
  private final int[][] counts;
  private int points;
  private int rowsOfPoint = 1;
  private int rowsOfLast;
  private int generation;

  CondensedTable(int columns) {
    sums = new double[columns][16];
    counts = new int[columns][16];
  }

  /** Takes in a row. What is not finite counts as missing. */
  void add(double[] row) {
    if (points == 0 || rowsOfLast == rowsOfPoint) {
      if (points == MOST_POINTS) {
        merge();
      }
      begin();
    }
    int last = points - 1;
    for (int c = 0; c < sums.length; c++) {
      if (Double.isFinite(row[c])) {
        sums[c][last] += row[c];
        counts[c][last]++;
      }
    }
    rowsOfLast++;
  }

  private void begin() {
    if (points == sums[0].length) {
      int room = Math.min(2 * points, MOST_POINTS);
      for (int c = 0; c < sums.length; c++) {
        sums[c] = Arrays.copyOf(sums[c], room);
        counts[c] = Arrays.copyOf(counts[c], room);
      }
    }
    points++;
    rowsOfLast = 0;
  }

  private void merge() {
    for (int c = 0; c < sums.length; c++) {
      for (int p = 0; p < points / 2; p++) {
        sums[c][p] = sums[c][2 * p] + sums[c][2 * p + 1];
        counts[c][p] = counts[c][2 * p] + counts[c][2 * p + 1];
      }
      Arrays.fill(sums[c], points / 2, points, 0);
      Arrays.fill(counts[c], points / 2, points, 0);
    }
    points /= 2;
    rowsOfPoint *= 2;
    rowsOfLast = rowsOfPoint;
    generation++;
  }

  /** Forgets all rows. */
  void clear() {
    for (int c = 0; c < sums.length; c++) {
      Arrays.fill(sums[c], 0);
      Arrays.fill(counts[c], 0);
    }
    points = 0;
    rowsOfPoint = 1;
    rowsOfLast = 0;
    generation++;
  }

  /** The number of points. */
  int points() {
    return points;
  }

  /** How many points, from the first one on, stay as they are within this generation. */
  int complete() {
    return rowsOfLast == rowsOfPoint ? points : Math.max(0, points - 1);
  }

  /** How often the points have been replaced by others. */
  int generation() {
    return generation;
  }

  /** A number of a point, NaN if no row has it. */
  double value(int column, int point) {
    int count = counts[column][point];
    return count == 0 ? Double.NaN : sums[column][point] / count;
  }
}
