package org.deeprl4j.nn;

/** The contract on plain Java. */
final class JavaNetworkTest extends NetworkContract {
  @Override
  Compute compute(int threads) {
    return Compute.create(Compute.Kernels.JAVA, threads);
  }
}
