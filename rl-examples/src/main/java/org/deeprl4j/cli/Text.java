package org.deeprl4j.cli;

/** Text for people, in terminals of 80 columns. */
final class Text {
  private static final int WIDTH = 80;

  private Text() {}

  /**
   * A label with a text beside it, in as many lines as that takes; those after the first begin
   * below the text.
   *
   * @param indent the column where the text begins; a longer label has a line of its own
   * @return lines that end with a line feed each; a word that is longer than a line is not cut
   */
  static String beside(String label, int indent, String text) {
    StringBuilder lines = new StringBuilder(label);
    if (label.length() >= indent && indent > 0) {
      lines.append('\n');
    }
    int from = lines.lastIndexOf("\n") + 1;
    lines.append(" ".repeat(indent - (lines.length() - from)));
    boolean begins = true;
    for (String word : text.split(" ")) {
      int column = lines.codePointCount(from, lines.length());
      if (!begins && column + 1 + word.codePointCount(0, word.length()) > WIDTH) {
        lines.append('\n');
        from = lines.length();
        lines.append(" ".repeat(indent));
        begins = true;
      }
      lines.append(begins ? "" : " ").append(word);
      begins = false;
    }
    return lines.append('\n').toString();
  }

  /** So many of something: 1 run, 2 runs. */
  static String count(long n, String noun) {
    return n + " " + noun + (n == 1 ? "" : "s");
  }
}
