package org.deeprl4j.nn;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Bulk copies between Java arrays and ND4J memory, contiguous arrays in c order. */
final class HostMemory {
  private HostMemory() {}

  /** Copies all of {@code array} into the first elements of {@code values}. */
  static void read(INDArray array, float[] values) {
    int n = Math.toIntExact(array.length());
    requireFloating(array);
    if (n > values.length) {
      throw new IllegalArgumentException(n + " elements do not fit into " + values.length);
    }
    if (array.dataType() == DataType.FLOAT) {
      new FloatPointer(array.data().addressPointer()).capacity(n).get(values, 0, n);
    } else {
      double[] wide = new double[n];
      new DoublePointer(array.data().addressPointer()).capacity(n).get(wide, 0, n);
      for (int i = 0; i < n; i++) {
        values[i] = (float) wide[i];
      }
    }
  }

  /** Copies the first elements of {@code values} into all of {@code array}. Modified. */
  static void write(float[] values, INDArray array) {
    int n = Math.toIntExact(array.length());
    requireFloating(array);
    int given = Math.min(n, values.length);
    if (array.dataType() == DataType.FLOAT) {
      new FloatPointer(array.data().addressPointer()).capacity(n).put(values, 0, given);
    } else {
      double[] wide = new double[given];
      for (int i = 0; i < given; i++) {
        wide[i] = values[i];
      }
      new DoublePointer(array.data().addressPointer()).capacity(n).put(wide, 0, given);
    }
  }

  private static void requireFloating(INDArray array) {
    if (array.dataType() != DataType.FLOAT && array.dataType() != DataType.DOUBLE) {
      throw new IllegalArgumentException(
          "the array must be FLOAT or DOUBLE, not " + array.dataType());
    }
  }
}
