package org.deeprl4j.nn;

class BlasNetworkTest extends NetworkContract {
  @Override
  Compute compute(int threads) {
    return Compute.create(Compute.Kernels.BLAS, threads);
  }
}
