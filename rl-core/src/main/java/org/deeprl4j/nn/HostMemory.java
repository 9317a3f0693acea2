package org.deeprl4j.nn;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Bulk copies between Java arrays and ND4J memory. */
final class HostMemory {
  private HostMemory() {}

  /** Copies a whole contiguous c-order array into the first elements of {@code values}. */
  static void read(INDArray array, float[] values) {
    float[] copy = array.data().asFloat();
    System.arraycopy(copy, 0, values, 0, Math.min(copy.length, values.length));
  }

  /** Copies the first elements of {@code values} into a whole contiguous c-order array. */
  static void write(float[] values, INDArray array) {
    for (long i = 0; i < array.length(); i++) {
      array.data().put(i, values[(int) i]);
    }
  }
}
