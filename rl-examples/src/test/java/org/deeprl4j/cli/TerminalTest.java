package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.deeprl4j.algorithms.training.Trainer;
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
    String text = Text.beside("label", 10, words);
    List<String> lines = text.lines().toList();
    assertEquals("label     word", lines.get(0).substring(0, 14));
    assertEquals("          word", lines.get(1).substring(0, 14));
    assertTrue(lines.stream().allMatch(line -> line.length() <= 80), text);
    assertTrue(lines.get(0).length() > 75, text);
    assertEquals("label " + words, text.strip().replaceAll("\\s+", " "));
    assertEquals("a long label\n     x\n", Text.beside("a long label", 5, "x"));
    String long80 = "y".repeat(90);
    assertEquals("  x\n  " + long80 + "\n", Text.beside("", 2, "x " + long80));
  }

  /** A closed bar that is drawn again covers what was printed since. */
  @Test
  void bar_isNotDrawnAgain_onceItIsClosed() {
    List<String> drawn = Collections.synchronizedList(new ArrayList<>());
    ProgressBar bar =
        new ProgressBarBuilder()
            .setInitialMax(10)
            .setConsumer(new DelegatingProgressBarConsumer(drawn::add, 80))
            .build();
    try (Progress progress = new Progress(new PrintWriter(new StringWriter()), 10, bar)) {
      progress.onIteration(10, 1, new Trainer.Metrics(Map.of("mean_return", 7.0), Map.of()));
      progress.close();
      assertTrue(drawn.get(drawn.size() - 1).contains(" return 7.0"), drawn.toString());
      drawn.clear();
    }
    assertEquals(List.of(), drawn);
  }

  @Test
  void oneThing_isNotMany() {
    assertEquals("0 runs", Text.count(0, "run"));
    assertEquals("1 run", Text.count(1, "run"));
    assertEquals("2 runs", Text.count(2, "run"));
  }
}
