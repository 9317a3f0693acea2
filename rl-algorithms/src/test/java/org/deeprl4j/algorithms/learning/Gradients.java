package org.deeprl4j.algorithms.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.DoubleSupplier;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;

/** Comparison of gradients with finite differences. */
public final class Gradients {
  private static final double STEP = 3e-3;

  private Gradients() {}

  /**
   * Checks that a network's gradient is a loss's derivative by its parameters: along itself, and
   * along random directions.
   *
   * @param loss at the network's current parameters, which stay as they are
   */
  public static void assertDerivative(Network network, DoubleSupplier loss) {
    assertDerivative(network, loss, 0, 0);
  }

  /** The same for the parameters but those in [from, to). */
  public static void assertDerivative(Network network, DoubleSupplier loss, int from, int to) {
    float[] gradient = copy(network.gradient());
    double norm = norm(gradient);
    assertTrue(norm > 1e-3, "a gradient too small to compare: " + norm);
    for (int trial = 0; trial < 4; trial++) {
      float[] direction = gradient.clone();
      if (trial > 0) {
        new Rng(trial).fillGaussian(direction, 0, direction.length);
      }
      Arrays.fill(direction, from, to, 0);
      double length = norm(direction);
      double expected = 0;
      for (int i = 0; i < direction.length; i++) {
        direction[i] /= (float) length;
        expected += (double) gradient[i] * direction[i];
      }
      double slope =
          (at(network, direction, STEP, loss) - at(network, direction, -STEP, loss)) / (2 * STEP);
      assertEquals(expected, slope, 0.01 * norm, "direction " + trial);
    }
  }

  private static double at(Network network, float[] direction, double step, DoubleSupplier loss) {
    Tensor parameters = network.parameters();
    float[] saved = copy(parameters);
    float[] moved = parameters.floatsForWriting();
    for (int i = 0; i < direction.length; i++) {
      moved[parameters.offset() + i] += (float) (step * direction[i]);
    }
    double value = loss.getAsDouble();
    System.arraycopy(saved, 0, parameters.floatsForWriting(), parameters.offset(), saved.length);
    return value;
  }

  /** The numbers of a vector. */
  public static float[] copy(Tensor vector) {
    return Arrays.copyOfRange(vector.floats(), vector.offset(), vector.offset() + vector.size());
  }

  private static double norm(float[] vector) {
    double squares = 0;
    for (float x : vector) {
      squares += (double) x * x;
    }
    return Math.sqrt(squares);
  }

  /** The largest absolute difference of two vectors. */
  public static double distance(float[] a, float[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs((double) a[i] - b[i]));
    }
    return most;
  }
}
