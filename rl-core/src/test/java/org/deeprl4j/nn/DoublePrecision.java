package org.deeprl4j.nn;

import org.deeprl4j.random.Rng;
import org.nd4j.linalg.api.buffer.DataType;

/** Dense networks in double precision on the portable kernels, for tests elsewhere. */
public final class DoublePrecision {
  private DoublePrecision() {}

  public static Network network(Mlp mlp, Rng random) {
    return new Nd4jDenseNetwork(mlp, DataType.DOUBLE, random);
  }
}
