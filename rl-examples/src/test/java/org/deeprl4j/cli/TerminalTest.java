package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import me.tongfei.progressbar.ProgressBarStyle;
import org.junit.jupiter.api.Test;

/** What is printed fits where it is printed. */
final class TerminalTest {
  @Test
  void bars_areDrawnAsTheTerminalCan() {
    assertEquals(ProgressBarStyle.COLORFUL_UNICODE_BLOCK, Bars.style(StandardCharsets.UTF_8, null));
    assertEquals(ProgressBarStyle.COLORFUL_UNICODE_BLOCK, Bars.style(StandardCharsets.UTF_8, ""));
    assertEquals(ProgressBarStyle.UNICODE_BLOCK, Bars.style(StandardCharsets.UTF_8, "1"));
    assertEquals(ProgressBarStyle.ASCII, Bars.style(StandardCharsets.US_ASCII, null));
    assertEquals(ProgressBarStyle.ASCII, Bars.style(StandardCharsets.ISO_8859_1, "1"));
  }

  @Test
  void columns_breakBetweenWords() {
    String words = "word ".repeat(30).strip();
    String text = Columns.beside("label", 10, words);
    List<String> lines = text.lines().toList();
    assertEquals("label     word", lines.get(0).substring(0, 14));
    assertEquals("          word", lines.get(1).substring(0, 14));
    assertTrue(lines.stream().allMatch(line -> line.length() <= 80), text);
    assertTrue(lines.get(0).length() > 75, text);
    assertEquals("label " + words, text.strip().replaceAll("\\s+", " "));
    assertEquals("a long label\n     x\n", Columns.beside("a long label", 5, "x"));
    String long80 = "y".repeat(90);
    assertEquals("  x\n  " + long80 + "\n", Columns.beside("", 2, "x " + long80));
  }
}
