package org.deeprl4j.nn;

/**
 * Copies of matrices in panels, as {@link HostKernels#panelWidth} has them. A panel takes the
 * columns from a multiple of its width on.
 */
final class Panels {
  private Panels() {}

  /**
   * Copies rows of a row-major matrix [·, n] into the columns of its transpose in panels.
   *
   * @param at the matrix's first element
   * @param first the first row
   * @param end the row behind the last; the first and the end are multiples of 8 or the matrix's
   * @param width of a panel
   * @param ld columns of the transpose, padded
   * @param to receives [n, ld]. Modified.
   */
  static void transpose(
      float[] from, int at, int first, int end, int n, int width, int ld, float[] to) {
    for (int i = first; i < end; ) {
      int panel = i / width * width;
      int last = Math.min(end, panel + Math.min(width, ld - panel));
      transpose8(from, at, i, last, n, to, panel * n - panel, Math.min(width, ld - panel));
      i = last;
    }
  }

  /**
   * Copies rows of a row-major matrix [m, n] into panels of its own columns.
   *
   * @param at the matrix's first element
   * @param first the first row
   * @param end the row behind the last
   * @param m all rows
   * @param width of a panel
   * @param ld columns in the panels, padded
   * @param to receives [m, ld]. Modified.
   */
  static void copy(
      float[] from, int at, int first, int end, int m, int n, int width, int ld, float[] to) {
    for (int c = 0; c < n; c += width) {
      int ldPanel = Math.min(width, ld - c);
      int columns = Math.min(width, n - c);
      for (int i = first; i < end; i++) {
        System.arraycopy(from, at + i * n + c, to, c * m + i * ldPanel, columns);
      }
    }
  }

  /**
   * Copies the rows [first, end) of a row-major [·, n] matrix into columns, eight at a time: row i
   * becomes the column that starts at {@code start + i}.
   */
  private static void transpose8(
      float[] from, int offset, int first, int end, int n, float[] to, int start, int ld) {
    int i = first;
    for (; i + 8 <= end; i += 8) {
      for (int j = 0, p = offset + i * n, q = start + i; j < n; j++, p++, q += ld) {
        to[q] = from[p];
        to[q + 1] = from[p + n];
        to[q + 2] = from[p + 2 * n];
        to[q + 3] = from[p + 3 * n];
        to[q + 4] = from[p + 4 * n];
        to[q + 5] = from[p + 5 * n];
        to[q + 6] = from[p + 6 * n];
        to[q + 7] = from[p + 7 * n];
      }
    }
    for (; i < end; i++) {
      for (int j = 0; j < n; j++) {
        to[start + j * ld + i] = from[offset + i * n + j];
      }
    }
  }
}
