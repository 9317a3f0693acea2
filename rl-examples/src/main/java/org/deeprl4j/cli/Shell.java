package org.deeprl4j.cli;

import java.util.regex.Pattern;

/** Commands that are printed for the user to copy. */
final class Shell {
  private static final Pattern PLAIN = Pattern.compile("[\\w./:@%+=,-]+");

  private Shell() {}

  /** A value as one word of a shell, whatever it holds. */
  static String word(Object value) {
    String text = value.toString();
    return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
