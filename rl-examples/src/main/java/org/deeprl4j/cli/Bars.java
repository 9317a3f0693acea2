package org.deeprl4j.cli;

import java.nio.charset.Charset;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Progress bars as the terminal can show them. */
final class Bars {
  private Bars() {}

  /**
   * A bar, or null where lines are the better form: in a file or a pipe, and on terminals that
   * cannot draw a line anew ({@code TERM=dumb}).
   */
  static @Nullable ProgressBar of(String task, long total) {
    if (System.console() == null || "dumb".equals(System.getenv("TERM"))) {
      return null;
    }
    return new ProgressBarBuilder()
        .setInitialMax(total)
        .setTaskName(task)
        .setUnit(" steps", 1)
        .setStyle(style(Charset.defaultCharset(), System.getenv("NO_COLOR")))
        .showSpeed()
        .build();
  }

  /**
   * The style: plain where an encoding has no blocks, and without colours where they are not
   * wanted.
   *
   * @param noColor the variable {@code NO_COLOR}: anything but nothing turns colours off
   */
  static ProgressBarStyle style(Charset encoding, @Nullable String noColor) {
    if (!encoding.newEncoder().canEncode('█')) {
      return ProgressBarStyle.ASCII;
    }
    return noColor == null || noColor.isEmpty()
        ? ProgressBarStyle.COLORFUL_UNICODE_BLOCK
        : ProgressBarStyle.UNICODE_BLOCK;
  }
}
