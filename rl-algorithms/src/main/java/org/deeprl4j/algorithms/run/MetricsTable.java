package org.deeprl4j.algorithms.run;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.deeprl4j.state.FileErrors;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.WholeFile;
import org.deeprl4j.text.Suggestions;
import org.jspecify.annotations.Nullable;

/** Reads columns of {@code metrics.csv}, a row at a time. */
final class MetricsTable {
  /** The longest line, far more than any algorithm's metrics take. */
  static final int MOST_LINE = 1 << 16;

  /** The largest number of rows: two columns of them take 64 MB. */
  private static final int MOST_ROWS = 1 << 22;

  private final Path file;
  private final InputStream in;
  private final byte[] line = new byte[MOST_LINE];
  private int lineNumber;

  private MetricsTable(Path file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  /**
   * The columns with given names.
   *
   * @return [name][row]; a last row without a line's end, which was being written, is left out
   * @throws IllegalArgumentException if there is no such column, naming those that come close
   * @throws StateFormatException naming file and line if it is damaged
   */
  static double[][] read(Path file, List<String> names) throws IOException {
    WholeFile.requireRegular(file);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return new MetricsTable(file, in).columns(names);
    } catch (IOException e) {
      throw FileErrors.named(file, e);
    }
  }

  private double[][] columns(List<String> names) throws IOException {
    String header = next();
    List<String> known = header == null ? List.of() : List.of(header.split(",", -1));
    if (known.size() < 2) {
      throw damaged("it has no header");
    }
    int[] columns = new int[names.size()];
    for (int c = 0; c < columns.length; c++) {
      columns[c] = known.indexOf(names.get(c));
      if (columns[c] < 0) {
        throw new IllegalArgumentException(
            "%s: %s"
                .formatted(file, Suggestions.unknown("metric", names.get(c), known).getMessage()));
      }
    }
    double[][] values = new double[columns.length][64];
    int rows = 0;
    for (String row = next(); row != null; row = next()) {
      String[] cells = row.split(",", -1);
      if (cells.length != known.size()) {
        throw damaged("%d numbers, not %d".formatted(cells.length, known.size()));
      }
      if (rows == MOST_ROWS) {
        throw damaged("more rows than " + MOST_ROWS);
      }
      for (int c = 0; c < columns.length; c++) {
        if (rows == values[c].length) {
          values[c] = Arrays.copyOf(values[c], 2 * rows);
        }
        values[c][rows] = number(cells[columns[c]]);
      }
      rows++;
    }
    for (int c = 0; c < columns.length; c++) {
      values[c] = Arrays.copyOf(values[c], rows);
    }
    return values;
  }

  private double number(String cell) {
    try {
      return Double.parseDouble(cell);
    } catch (NumberFormatException e) {
      throw damaged(
          "'%s' is no number".formatted(cell.length() > 40 ? cell.substring(0, 40) : cell));
    }
  }

  /** The next line, null after the last one. */
  private @Nullable String next() throws IOException {
    lineNumber++;
    int length = 0;
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b == '\n') {
        return new String(line, 0, length, StandardCharsets.UTF_8);
      }
      if (length == MOST_LINE) {
        throw damaged("more bytes than " + MOST_LINE);
      }
      line[length++] = (byte) b;
    }
    return null;
  }

  private StateFormatException damaged(String what) {
    return new StateFormatException("%s is damaged, line %d: %s".formatted(file, lineNumber, what));
  }
}
