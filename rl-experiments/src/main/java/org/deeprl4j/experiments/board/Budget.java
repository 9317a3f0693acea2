package org.deeprl4j.experiments.board;

/** How many bytes may still be read in a look. */
final class Budget {
  private long left;

  Budget(long bytes) {
    left = bytes;
  }

  void take(long bytes) {
    left -= bytes;
  }

  long left() {
    return left;
  }

  boolean isSpent() {
    return left <= 0;
  }
}
