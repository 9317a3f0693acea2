package org.deeprl4j.experiments.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GrowingTableTest {
  private static final String ROWS = "steps,seconds,loss\n128,0.100,1.5\n256,0.200,NaN\n";

  @TempDir Path folder;
  private Path file;
  private GrowingTable table;
  private final Budget budget = new Budget(1 << 30);

  @BeforeEach
  void begin() {
    file = folder.resolve("metrics.csv");
    table = new GrowingTable(file);
  }

  private void append(String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private int points() {
    return table.rows() == null ? 0 : table.rows().points();
  }

  @Test
  void rows_areReadAsTheyAreAppended() throws IOException {
    assertFalse(table.read(budget));
    append(ROWS);
    assertTrue(table.read(budget));
    assertEquals(List.of("steps", "seconds", "loss"), table.names());
    assertEquals(2, points());
    assertEquals(256, table.last("steps"));
    assertTrue(Double.isNaN(table.last("loss")));
    assertFalse(table.read(budget), "nothing is new");
    append("384,0.3");
    assertFalse(table.read(budget), "half a row");
    append("00,2.5\n512,0.4,3\n");
    assertTrue(table.read(budget));
    assertEquals(4, points());
    assertEquals(0, table.generation());
    assertEquals(2.5, table.rows().value(2, 2));
    assertNull(table.problem());
  }

  @Test
  void onlyWhatWasAppended_isRead() throws IOException {
    append(ROWS + "300,0.3,1\n".repeat(100_000));
    table.read(budget);
    long left = budget.left();
    append("400,0.4,2\n");
    assertTrue(table.read(budget));
    assertEquals(10, left - budget.left());
  }

  @Test
  void budget_endsAReadThatTheNextOneGoesOnWith() throws IOException {
    append(ROWS + "300,0.3,1\n".repeat(100_000));
    Budget small = new Budget(1000);
    assertTrue(table.read(small));
    assertTrue(small.isSpent());
    int some = points();
    assertTrue(some > 0 && table.last("steps") == 300);
    while (table.read(new Budget(1000))) {
      // On.
    }
    assertEquals(0.3, table.last("seconds"));
    append("400,0.4,2\n");
    assertTrue(table.read(budget));
    assertEquals(400, table.last("steps"));
  }

  @Test
  void fileThatWasCut_isReadAnew() throws IOException {
    append(ROWS + "384,0.3,7\n512,0.4,8\n");
    table.read(budget);
    Files.writeString(file, ROWS);
    assertTrue(table.read(budget));
    assertEquals(2, points());
    assertTrue(table.generation() > 0);
  }

  @Test
  void fileThatWasCutAndHasGrownAgain_isReadAnew() throws IOException {
    append(ROWS + "384,0.3,7\n512,0.4,8\n");
    table.read(budget);
    Files.writeString(file, ROWS + "384,0.35,9\n512,0.45,9\n640,0.5,9\n");
    assertTrue(table.read(budget));
    assertEquals(5, points());
    assertEquals(9, table.rows().value(2, 2));
  }

  @Test
  void fileThatIsGone_hasNoRows() throws IOException {
    append(ROWS);
    table.read(budget);
    Files.delete(file);
    assertTrue(table.read(budget));
    assertNull(table.rows());
    append(ROWS);
    assertTrue(table.read(budget));
    assertEquals(2, points());
  }

  @ParameterizedTest
  @CsvSource({
    "'512,0.4,x\n', metrics.csv is damaged, 'line 4: ''x'' is no number'",
    "'512,0.4\n', metrics.csv is damaged, 'line 4: not 3 numbers'",
    "'512,0.4,1,2\n', metrics.csv is damaged, 'line 4: not 3 numbers'",
    "'\u0000\u0001\n', metrics.csv is damaged, 'line 4: not 3 numbers'"
  })
  void damagedLine_isNamedAndEndsTheReading(String line, String file, String rest)
      throws IOException {
    append(ROWS + line + "640,0.5,1\n");
    assertTrue(table.read(budget));
    assertEquals(file + ", " + rest, table.problem());
    assertEquals(2, points());
    append("768,0.6,1\n");
    assertFalse(table.read(budget));
    assertEquals(2, points());
    Files.writeString(this.file, ROWS);
    assertTrue(table.read(budget), "another file");
    assertNull(table.problem());
  }

  @Test
  void endlessLine_isNotKept() throws IOException {
    append(ROWS + "1".repeat(10_000_000));
    assertTrue(table.read(budget));
    assertEquals("metrics.csv is damaged, line 4: more than 65536 bytes", table.problem());
    assertTrue(budget.left() > (1 << 30) - 300_000, "read on");
  }

  @ParameterizedTest
  @CsvSource({"'\n'", "'a\n'", "'a,a\n'", "'a,,b\n'"})
  void headerThatIsNone_isNamed(String header) throws IOException {
    append(header);
    assertTrue(table.read(budget));
    assertEquals("metrics.csv is damaged, line 1: it is no header", table.problem());
  }

  @Test
  void link_isNotFollowed() throws IOException {
    Path other = folder.resolve("other.csv");
    Files.writeString(other, ROWS);
    Files.createSymbolicLink(file, other);
    assertTrue(table.read(budget));
    assertEquals("metrics.csv is a link or a directory, not a file", table.problem());
    assertNull(table.rows());
    assertFalse(table.read(budget), "said once");
    Files.delete(file);
    Files.copy(other, file);
    assertTrue(table.read(budget));
    assertNotNull(table.rows());
    assertNull(table.problem());
  }
}
