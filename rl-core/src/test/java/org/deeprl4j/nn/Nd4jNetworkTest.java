package org.deeprl4j.nn;

final class Nd4jNetworkTest extends NetworkContract {
  @Override
  Compute compute(int threads) {
    return Compute.create(Compute.Kernels.ND4J, threads);
  }

  @Override
  double tolerance() {
    return 5e-3; // ND4J's float tanh and elu are off by up to 1e-7 absolutely
  }

  @Override
  double activationFloor() {
    return 3e-7;
  }
}
