package org.deeprl4j.nn;

/** Checks on what networks are given. */
final class Shapes {
  private Shapes() {}

  static void requireColumns(String what, Tensor x, int columns) {
    if (x.columns() != columns) {
      throw new IllegalArgumentException(
          "the " + what + " must have " + columns + " columns, not " + x.columns());
    }
  }

  static void requireShape(String what, Tensor x, int rows, int columns) {
    if (x.rows() != rows || x.columns() != columns) {
      throw new IllegalArgumentException(
          "the %s must be [%d, %d], not [%d, %d]"
              .formatted(what, rows, columns, x.rows(), x.columns()));
    }
  }

  static IllegalStateException noForward() {
    return new IllegalStateException(
        "call forward first: there are no activations to go back from");
  }
}
