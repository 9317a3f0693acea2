package org.deeprl4j.nn;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeprl4j.random.Rng;

/**
 * Where and how networks run: the kernels and the threads. Results do not depend on the number of
 * threads: work is cut by the batch's shape and reduced in a fixed order.
 */
public final class Compute implements AutoCloseable {
  /** The implementations of the network kernels. */
  public enum Kernels {
    /** The fastest that is available, in the order below. */
    AUTO,
    /** Java's Vector API on the host; needs {@code --add-modules jdk.incubator.vector}. */
    VECTOR,
    /** OpenBLAS on the host, through nd4j-native's library. */
    BLAS,
    /** ND4J operations on whatever backend is on the class path, CUDA included. */
    ND4J
  }

  private Compute() {}

  /**
   * Chooses kernels and threads.
   *
   * @param threads at least 1; more than the work can use are left alone
   * @throws IllegalStateException if the kernels asked for are not available
   */
  public static Compute create(Kernels kernels, int threads) {
    throw new UnsupportedOperationException("to be written");
  }

  /** The number of threads that work may use. */
  public int threads() {
    throw new UnsupportedOperationException("to be written");
  }

  /** One line that says which kernels, BLAS core, vector width and threads run. */
  public String describe() {
    throw new UnsupportedOperationException("to be written");
  }

  /** A zero matrix at the kernels' home. */
  public Tensor tensor(int rows, int columns) {
    throw new UnsupportedOperationException("to be written");
  }

  /** A dense network with parameters drawn from {@code random}. */
  public Network network(Mlp mlp, Rng random) {
    throw new UnsupportedOperationException("to be written");
  }

  /**
   * A network described by DL4J: on the fused kernels if it is a dense stack, else on DL4J itself.
   */
  public Network network(MultiLayerConfiguration configuration, Rng random) {
    throw new UnsupportedOperationException("to be written");
  }

  /**
   * A free vector as a network: the same trainable outputs for every input (a state-independent log σ).
   */
  public Network constant(int inputs, float[] initial) {
    throw new UnsupportedOperationException("to be written");
  }

  /**
   * Networks of the same input as one: outputs side by side, parameters one after the other in one flat
   * vector. The parts share its memory from then on.
   */
  public Network sideBySide(Network... parts) {
    throw new UnsupportedOperationException("to be written");
  }

  /** Runs independent tasks, on several threads where there are; returns when all are done. */
  public void run(Runnable... tasks) {
    throw new UnsupportedOperationException("to be written");
  }

  @Override
  public void close() {}
}
