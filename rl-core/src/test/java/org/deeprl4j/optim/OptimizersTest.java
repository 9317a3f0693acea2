package org.deeprl4j.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizersTest {
  private static final int N = 37; // no multiple of any vector length

  /** The update rule of one parameter, written down once more, in double. */
  private interface Rule {
    /** The new parameter; {@code memory} holds the rule's two numbers of this parameter. */
    double next(double x, double g, double[] memory, int step, double rate);
  }

  static Stream<Arguments> rules() {
    return Stream.of(
        rule(
            "rmsprop",
            () -> new RmsProp(0.99, 1e-5),
            (x, g, m, t, rate) -> {
              m[0] = 0.99 * m[0] + 0.01 * g * g;
              return x - rate * g / (Math.sqrt(m[0]) + 1e-5);
            }),
        rule(
            "adam",
            () -> new Adam(0.9, 0.999, 1e-5),
            (x, g, m, t, rate) -> {
              m[0] = 0.9 * m[0] + 0.1 * g;
              m[1] = 0.999 * m[1] + 0.001 * g * g;
              double first = m[0] / (1 - Math.pow(0.9, t));
              double second = m[1] / (1 - Math.pow(0.999, t));
              return x - rate * first / (Math.sqrt(second) + 1e-5);
            }));
  }

  private static Arguments rule(String name, Supplier<Optimizer> optimizer, Rule rule) {
    return Arguments.of(name, optimizer, rule);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void followsItsRule(String name, Supplier<Optimizer> factory, Rule rule) {
    Optimizer optimizer = factory.get();
    Tensor parameters = Tensor.host(1, N);
    Tensor gradient = Tensor.host(1, N);
    double[] expected = new double[N];
    double[][] memory = new double[N][2];
    Rng random = new Rng(1);
    for (int t = 1; t <= 150; t++) { // beyond Adam's flush of denormal numbers
      double rate = 0.01 / t;
      random.fillGaussian(gradient.floatsForWriting(), 0, N);
      for (int i = 0; i < N; i++) {
        expected[i] = rule.next(expected[i], gradient.floats()[i], memory[i], t, rate);
      }
      optimizer.step(parameters, gradient, rate);
    }
    for (int i = 0; i < N; i++) {
      assertEquals(expected[i], parameters.floats()[i], 2e-6, name + " parameter " + i);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void slicesAreTreatedLikeWholes_andLeaveTheRestAlone(
      String name, Supplier<Optimizer> factory, Rule rule) {
    Tensor whole = Tensor.host(1, N);
    Tensor wholeGradient = Tensor.host(1, N);
    Tensor around = Tensor.host(1, N + 20);
    Tensor aroundGradient = Tensor.host(1, N + 20);
    Optimizer one = factory.get();
    Optimizer two = factory.get();
    Rng random = new Rng(2);
    for (int t = 0; t < 5; t++) {
      random.fillGaussian(aroundGradient.floatsForWriting(), 0, N + 20);
      System.arraycopy(aroundGradient.floats(), 7, wholeGradient.floatsForWriting(), 0, N);
      one.step(whole, wholeGradient, 0.1);
      two.step(around.slice(3, N), aroundGradient.slice(7, N), 0.1);
    }
    float[] all = around.floats();
    assertArrayEquals(
        Arrays.copyOf(whole.floats(), N), Arrays.copyOfRange(all, 3, 3 + N), 1e-7f, name);
    for (int i = 0; i < all.length; i++) {
      assertTrue((i >= 3 && i < 3 + N) || all[i] == 0);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void savedAndLoaded_goesOnWithTheSameBits(String name, Supplier<Optimizer> factory, Rule rule) {
    Optimizer optimizer = factory.get();
    Optimizer other = factory.get();
    Tensor parameters = Tensor.host(1, N);
    Tensor copy = Tensor.host(1, N);
    Tensor gradient = Tensor.host(1, N);
    Rng random = new Rng(3);
    for (int t = 0; t < 6; t++) {
      if (t == 3) {
        StateFile.fromBytes(StateFile.toBytes("optimizer", optimizer), "optimizer", other);
        copy.copyFrom(parameters);
      }
      random.fillGaussian(gradient.floatsForWriting(), 0, N);
      optimizer.step(parameters, gradient, 0.1);
      if (t >= 3) {
        other.step(copy, gradient, 0.1);
      }
    }
    assertArrayEquals(parameters.floats(), copy.floats(), name);
  }

  @Test
  void anotherNumberOfParameters_isRejected() {
    for (Optimizer optimizer :
        new Optimizer[] {new RmsProp(0.9, 1e-8), new Adam(0.9, 0.999, 1e-8)}) {
      optimizer.step(Tensor.host(1, 3), Tensor.host(1, 3), 0.1);
      assertThrows(
          IllegalArgumentException.class,
          () -> optimizer.step(Tensor.host(1, 4), Tensor.host(1, 4), 0.1));
    }
    for (double bad : new double[] {-0.1, 1, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> new RmsProp(bad, 1e-8));
      assertThrows(IllegalArgumentException.class, () -> new Adam(bad, 0.9, 1e-8));
      assertThrows(IllegalArgumentException.class, () -> new Adam(0.9, bad, 1e-8));
    }
    for (double bad : new double[] {-1e-8, 0, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> new RmsProp(0.9, bad));
      assertThrows(IllegalArgumentException.class, () -> new Adam(0.9, 0.9, bad));
    }
  }

  /** Without memory both move by η g/(|g| + ε). */
  @Test
  void decays_mayBe0() {
    for (Optimizer optimizer : new Optimizer[] {new RmsProp(0, 0.5), new Adam(0, 0, 0.5)}) {
      Tensor parameters = Tensor.host(1, 1);
      Tensor gradient = Tensor.host(1, 1);
      gradient.floatsForWriting()[0] = 3;
      optimizer.step(parameters, gradient, 0.1);
      gradient.floatsForWriting()[0] = -2;
      optimizer.step(parameters, gradient, 0.1);
      assertEquals(0.1 * (2 / 2.5 - 3 / 3.5), parameters.floats()[0], 1e-7);
    }
  }

  /** One gradient, then none: after 640 steps 0.1·0.9⁶⁴⁰ is no denormal number but 0. */
  @Test
  void adamsMoments_endAtZero_notAtDenormalNumbers() {
    Adam adam = new Adam(0.9, 0.5, 1e-8);
    Tensor parameters = Tensor.host(1, 1);
    Tensor gradient = Tensor.host(1, 1);
    gradient.floatsForWriting()[0] = 1;
    adam.step(parameters, gradient, 0.1);
    gradient.floatsForWriting()[0] = 0;
    float[][] moments = new float[2][];
    Stateful probe =
        new Stateful() {
          @Override
          public void save(StateWriter out) {}

          @Override
          public void load(StateReader in) {
            in.getLong("step");
            moments[0] = in.getFloats("first");
            moments[1] = in.getFloats("second");
          }
        };
    for (int t = 2; t <= 640; t++) {
      adam.step(parameters, gradient, 0.1);
      if (t == 64 || t == 127 || t == 128 || t >= 639) {
        StateFile.fromBytes(StateFile.toBytes("adam", adam), "adam", probe);
        assertEquals(t == 640, moments[0][0] == 0, "first moment after " + t + " steps");
        assertEquals(t >= 128, moments[1][0] == 0, "second moment after " + t + " steps");
      }
    }
  }

  @Test
  void globalNorm_scalesAllGradientsTogether() {
    Tensor one = Tensor.host(1, 2);
    Tensor two = Tensor.host(1, 1);
    one.floatsForWriting()[1] = 3;
    two.floatsForWriting()[0] = 4;
    assertEquals(5, GradientClipping.globalNorm(10.0, one, two));
    assertEquals(3, one.floats()[1]);
    assertEquals(5, GradientClipping.globalNorm(1.0, one, two));
    assertEquals(0.6, one.floats()[1], 1e-7);
    assertEquals(0.8, two.floats()[0], 1e-7);
  }
}
