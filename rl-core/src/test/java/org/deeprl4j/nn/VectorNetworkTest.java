package org.deeprl4j.nn;

class VectorNetworkTest extends NetworkContract {
  @Override
  Compute compute(int threads) {
    return Compute.create(Compute.Kernels.VECTOR, threads);
  }
}
