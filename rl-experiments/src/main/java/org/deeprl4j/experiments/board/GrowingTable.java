package org.deeprl4j.experiments.board;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.deeprl4j.state.FileErrors;
import org.jspecify.annotations.Nullable;

/**
 * A CSV file of numbers that grows at its end. Only what was appended is read. A file that was cut,
 * or exchanged for another one, is read anew. After a line that is damaged nothing more is read.
 */
final class GrowingTable {
  private static final int MOST_LINE = 1 << 16;
  private static final int MOST_COLUMNS = 256;
  private static final int MOST_NAME = 100;
  private static final int BLOCK = 1 << 16;

  /** How many bytes before the end of what was read must still be the same. */
  private static final int MOST_END = 128;

  private final Path file;
  private final ByteBuffer block = ByteBuffer.allocate(BLOCK);
  private long size = -1; // of the file when it was last read to its end
  private @Nullable FileTime modified;
  private long offset; // of the first byte that is not in a line that was taken in
  private byte[] end = new byte[0]; // the bytes before it
  private byte[] line = new byte[256];
  private int length;
  private long lines;
  private List<String> names = List.of();
  private double[] row = new double[0];
  private @Nullable CondensedTable rows;
  private double[] last = new double[0]; // the last row that was taken in, if there is any
  private boolean any;
  private boolean damaged; // so that nothing more is read
  private @Nullable String problem;
  private int generations; // of tables before this one

  GrowingTable(Path file) {
    this.file = file;
  }

  /** The names of the columns, none before the header is there. */
  List<String> names() {
    return names;
  }

  /** The rows, null before the header is there. */
  @Nullable CondensedTable rows() {
    return rows;
  }

  /** How often the points have been replaced by others. */
  int generation() {
    return generations + (rows == null ? 0 : rows.generation());
  }

  /** The last number of a column, NaN if there is none. */
  double last(String name) {
    int column = names.indexOf(name);
    return column < 0 || !any ? Double.NaN : last[column];
  }

  /** What is wrong with the file, in one line; null if nothing is. */
  @Nullable String problem() {
    return problem;
  }

  /**
   * Reads what was appended, as far as the budget lets it.
   *
   * @param budget Modified.
   * @return whether anything is new
   */
  boolean read(Budget budget) {
    try {
      BasicFileAttributes now =
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (now.size() == size && now.lastModifiedTime().equals(modified)) {
        return false;
      }
      if (!now.isRegularFile()) {
        return fail("is a link or a directory, not a file", now);
      }
      return read(now, budget);
    } catch (NoSuchFileException e) {
      boolean known = offset > 0 || problem != null;
      if (known) {
        forget();
      }
      size = -1;
      return known;
    } catch (IOException e) {
      String what = FileErrors.describe(FileErrors.named(file, e));
      boolean isNew = !what.equals(problem);
      problem = what;
      return isNew;
    }
  }

  private boolean read(BasicFileAttributes now, Budget budget) throws IOException {
    try (SeekableByteChannel in =
        Files.newByteChannel(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      boolean anew = now.size() < offset || !Arrays.equals(end, before(in));
      if (anew) {
        forget();
      } else if (damaged) {
        size = now.size();
        modified = now.lastModifiedTime();
        return false;
      }
      problem = null;
      long linesBefore = lines;
      length = 0;
      in.position(offset);
      boolean whole = false;
      while (problem == null && !budget.isSpent()) {
        block.clear();
        int read = in.read(block);
        if (read < 0) {
          whole = true;
          break;
        }
        budget.take(read);
        takeIn(read);
      }
      end = before(in);
      if (whole || problem != null) {
        size = now.size();
        modified = now.lastModifiedTime();
      }
      return anew || lines > linesBefore || problem != null;
    }
  }

  /** The last bytes before the offset. */
  private byte[] before(SeekableByteChannel in) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(MOST_END, offset));
    in.position(offset - bytes.capacity());
    while (bytes.hasRemaining() && in.read(bytes) >= 0) {
      // Until it is full, or the file ends.
    }
    return bytes.hasRemaining() ? new byte[0] : bytes.array();
  }

  private void takeIn(int read) {
    byte[] bytes = block.array();
    for (int i = 0; i < read && problem == null; i++) {
      if (bytes[i] == '\n') {
        lines++;
        takeLine(new String(line, 0, length, StandardCharsets.UTF_8));
        offset += length + 1;
        length = 0;
      } else if (length == MOST_LINE) {
        lines++;
        damage("more than " + MOST_LINE + " bytes");
      } else {
        if (length == line.length) {
          line = Arrays.copyOf(line, 2 * length);
        }
        line[length++] = bytes[i];
      }
    }
  }

  private void takeLine(String text) {
    CondensedTable table = rows;
    if (table == null) {
      takeHeader(text);
      return;
    }
    int from = 0;
    for (int c = 0; c < row.length; c++) {
      int comma = text.indexOf(',', from);
      int to = comma < 0 ? text.length() : comma;
      if ((comma < 0) != (c == row.length - 1)) {
        damage("not " + row.length + " numbers");
        return;
      }
      try {
        row[c] = from == to ? Double.NaN : Double.parseDouble(text.substring(from, to));
      } catch (NumberFormatException e) {
        damage("'" + text.substring(from, Math.min(to, from + 40)) + "' is no number");
        return;
      }
      from = to + 1;
    }
    table.add(row);
    System.arraycopy(row, 0, last, 0, row.length);
    any = true;
  }

  private void takeHeader(String text) {
    List<String> header = List.of(text.split(",", -1));
    if (header.size() < 2
        || header.size() > MOST_COLUMNS
        || new HashSet<>(header).size() < header.size()
        || header.stream().anyMatch(name -> name.isBlank() || name.length() > MOST_NAME)) {
      damage("it is no header");
      return;
    }
    names = header;
    row = new double[header.size()];
    last = new double[header.size()];
    rows = new CondensedTable(header.size());
  }

  private void damage(String what) {
    damaged = true;
    problem = "%s is damaged, line %d: %s".formatted(file.getFileName(), lines, what);
  }

  private boolean fail(String what, BasicFileAttributes now) {
    forget();
    problem = file.getFileName() + " " + what;
    size = now.size();
    modified = now.lastModifiedTime();
    return true;
  }

  private void forget() {
    generations = generation() + 1;
    offset = 0;
    end = new byte[0];
    lines = 0;
    names = List.of();
    rows = null;
    any = false;
    damaged = false;
    problem = null;
  }
}
