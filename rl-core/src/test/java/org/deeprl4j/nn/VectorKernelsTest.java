package org.deeprl4j.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;

/**
 * Every element of a product is one chain of multiply-adds over its terms in their order, whatever
 * tiles compute it: so the bits are the same for every vector width and every cut of the rows.
 */
class VectorKernelsTest {
  private static final List<Integer> ROWS = List.of(1, 2, 3, 5, 6, 7, 8, 11, 12, 17, 64, 85);
  private static final List<Integer> COLUMNS = List.of(16, 32, 48, 64, 80, 112, 256);
  private static final List<Integer> TERMS = List.of(1, 4, 7, 17, 64, 300);

  private final VectorKernels kernels = new VectorKernels();

  /** A matrix with an offset and rows further apart than its columns ask for. */
  private record Block(float[] values, int offset, int stride) {
    static Block random(int rows, int columns, int gap, long seed) {
      int offset = 3 + gap;
      float[] values = new float[offset + rows * (columns + gap)];
      new Rng(seed).fillGaussian(values, 0, values.length);
      return new Block(values, offset, columns + gap);
    }

    Block copy() {
      return new Block(values.clone(), offset, stride);
    }
  }

  @Test
  void multiply_addsTheTermsOfEachElementInOrder() {
    for (int m : ROWS) {
      for (int n : COLUMNS) {
        for (int k : TERMS) {
          for (boolean transposed : new boolean[] {false, true}) {
            check(m, n, k, transposed);
          }
        }
      }
    }
  }

  private void check(int m, int n, int k, boolean transposed) {
    int gap = (m + k) % 3 * 16;
    Block a = transposed ? Block.random(k, m, gap, 1) : Block.random(m, k, gap, 1);
    Block b = Block.random(k, n, gap, 2);
    Block bias = Block.random(1, n, gap, 3);
    Block c = Block.random(m, n, gap, 4);
    String what = m + "×" + n + "×" + k + (transposed ? ", A transposed" : "");

    Block expected = c.copy();
    chains(m, n, k, transposed, a, b, bias, 0, expected);
    Product p = new Product().of(m, n, k).b(b.values, b.offset, b.stride);
    if (transposed) {
      p.transposedA(a.values, a.offset, a.stride);
    } else {
      p.a(a.values, a.offset, a.stride);
    }
    p.from(bias.values, bias.offset, 0).into(c.values, c.offset, c.stride);
    kernels.multiply(p);
    assertArrayEquals(expected.values, c.values, what);

    chains(m, n, k, transposed, a, b, expected, expected.stride, expected);
    kernels.multiply(p.onto(c.values, c.offset, c.stride));
    assertArrayEquals(expected.values, c.values, what + ", added to what was there");

    if (!transposed) {
      chains(m, n, k, false, a, b, bias, 0, expected);
      kernels.multiply(
          p.panels(panels(k, n, b), 5)
              .from(bias.values, bias.offset, 0)
              .into(c.values, c.offset, c.stride));
      assertArrayEquals(expected.values, c.values, what + ", B in panels");
    }
  }

  /** B as {@link HostKernels#panelWidth} describes it, behind five other elements. */
  private float[] panels(int k, int n, Block b) {
    float[] values = new float[5 + k * n];
    int width = Math.min(kernels.panelWidth(), n);
    int q = 5;
    for (int j = 0; j < n; j += width) {
      for (int p = 0; p < k; p++) {
        for (int v = j; v < Math.min(n, j + width); v++) {
          values[q++] = b.values[b.offset + p * b.stride + v];
        }
      }
    }
    return values;
  }

  private static void chains(
      int m, int n, int k, boolean transposed, Block a, Block b, Block init, int is, Block c) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        float sum = init.values[init.offset + i * is + j];
        for (int p = 0; p < k; p++) {
          int at = transposed ? p * a.stride + i : i * a.stride + p;
          sum = Math.fma(a.values[a.offset + at], b.values[b.offset + p * b.stride + j], sum);
        }
        c.values[c.offset + i * c.stride + j] = sum;
      }
    }
  }
}
