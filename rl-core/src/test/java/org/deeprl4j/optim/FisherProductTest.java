package org.deeprl4j.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.distributions.Categorical;
import org.deeprl4j.distributions.Distributions;
import org.deeprl4j.distributions.StateDependentGaussian;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.DoublePrecision;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Fisher-vector products against the dense Hessian of the mean KL, which is taken here by central
 * differences of a scalar implementation in double of its own: network, softmax, Gaussian and KL.
 */
final class FisherProductTest {
  private static final int ROWS = 7;
  private static final int INPUTS = 3;
  private static final int[] HIDDEN = {4, 3};

  /** Logits, logits of which the one in the middle is forbidden, or means and log σ. */
  private enum Family {
    CATEGORICAL(3),
    MASKED(3),
    GAUSSIAN(4);

    final int outputs;

    Family(int outputs) {
      this.outputs = outputs;
    }

    ActionDistribution distribution() {
      return this != GAUSSIAN ? new Categorical(3) : Distributions.forActionSpace(Box.unbounded(2));
    }

    float @Nullable [] forbidding() {
      if (this != MASKED) {
        return null;
      }
      float[] z = new float[ROWS * outputs];
      for (int b = 0; b < ROWS; b++) {
        z[b * outputs + 1] = Float.NEGATIVE_INFINITY;
      }
      return z;
    }

    double kl(double[] p, double[] q) {
      double sum = 0;
      if (this == MASKED) {
        return CATEGORICAL.kl(new double[] {p[0], p[2]}, new double[] {q[0], q[2]});
      }
      if (this == CATEGORICAL) {
        double lp = logSumExp(p);
        double lq = logSumExp(q);
        for (int k = 0; k < p.length; k++) {
          sum += Math.exp(p[k] - lp) * ((p[k] - lp) - (q[k] - lq));
        }
        return sum;
      }
      int n = p.length / 2;
      for (int k = 0; k < n; k++) {
        double variance = Math.exp(2 * (p[n + k] - q[n + k]));
        double shift = (p[k] - q[k]) * Math.exp(-q[n + k]);
        sum += q[n + k] - p[n + k] + 0.5 * (variance + shift * shift - 1);
      }
      return sum;
    }

    private static double logSumExp(double[] z) {
      return Math.log(Arrays.stream(z).map(Math::exp).sum());
    }
  }

  /** A tanh network in DL4J's layout: each layer's weights column by column, then its biases. */
  private static double[] output(double[] theta, float[] x, int row, int outputs) {
    int[] widths = {INPUTS, HIDDEN[0], HIDDEN[1], outputs};
    double[] in = new double[INPUTS];
    for (int i = 0; i < INPUTS; i++) {
      in[i] = x[row * INPUTS + i];
    }
    int offset = 0;
    for (int l = 1; l < widths.length; l++) {
      double[] out = new double[widths[l]];
      int biases = offset + widths[l - 1] * widths[l];
      for (int j = 0; j < widths[l]; j++) {
        out[j] = theta[biases + j];
        for (int i = 0; i < widths[l - 1]; i++) {
          out[j] += in[i] * theta[offset + j * widths[l - 1] + i];
        }
        out[j] = l < widths.length - 1 ? Math.tanh(out[j]) : out[j];
      }
      in = out;
      offset = biases + widths[l];
    }
    return in;
  }

  private static double meanKl(Family family, double[] old, double[] theta, float[] x) {
    double sum = 0;
    for (int b = 0; b < ROWS; b++) {
      sum += family.kl(output(old, x, b, family.outputs), output(theta, x, b, family.outputs));
    }
    return sum / ROWS;
  }

  private static double[][] hessian(Family family, double[] theta, float[] x) {
    int n = theta.length;
    double h = 2e-4;
    double[][] hessian = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = 0;
        for (int corner = 0; corner < 4; corner++) {
          double[] moved = theta.clone();
          moved[i] += (corner & 1) == 0 ? h : -h;
          moved[j] += (corner & 2) == 0 ? h : -h;
          double sign = corner == 0 || corner == 3 ? 1 : -1;
          sum += sign * meanKl(family, theta, moved, x);
        }
        hessian[i][j] = sum / (4 * h * h);
        hessian[j][i] = hessian[i][j];
      }
    }
    return hessian;
  }

  private static Mlp mlp(Family family) {
    return Mlp.of(INPUTS, family.outputs, HIDDEN).withActivation(Activation.TANH);
  }

  private static float[] observations() {
    float[] x = new float[ROWS * INPUTS];
    new Rng(5).fillGaussian(x, 0, x.length);
    return x;
  }

  static Stream<Arguments> kernels() {
    return Stream.of(Family.values())
        .flatMap(
            family ->
                Stream.of("double", "VECTOR", "BLAS", "ND4J")
                    .map(kernels -> Arguments.of(family, kernels)));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void equalsTheDenseHessianOfTheKl(Family family, String kernels) {
    boolean exact = kernels.equals("double");
    Compute.Kernels kind = exact ? Compute.Kernels.ND4J : Compute.Kernels.valueOf(kernels);
    try (Compute compute = Compute.create(kind, 1)) {
      Network network =
          exact
              ? DoublePrecision.network(mlp(family), new Rng(1))
              : compute.network(mlp(family), new Rng(1));
      Tensor theta = network.parameters();
      int n = theta.size();
      float[] x = observations();
      double[] values = new double[n];
      for (int i = 0; i < n; i++) {
        values[i] = exact ? theta.array().getDouble(i) : theta.floats()[i];
      }
      double[][] hessian = hessian(family, values, x);
      Tensor input =
          exact ? Tensor.nd4j(DataType.DOUBLE, ROWS, INPUTS) : compute.tensor(ROWS, INPUTS);
      System.arraycopy(x, 0, input.floatsForWriting(), 0, x.length);
      FisherProduct fisher = new FisherProduct(network, family.distribution());
      double damping = 0.03;
      fisher.at(input, family.forbidding(), damping);
      for (int trial = 0; trial < 3; trial++) {
        Tensor v = theta.like(1, n);
        new Rng(20 + trial).fillGaussian(v.floatsForWriting(), 0, n);
        float[] direction = v.floats().clone();
        Tensor product = fisher.apply(v);
        double error = 0;
        double size = 0;
        for (int i = 0; i < n; i++) {
          double expected = damping * direction[i];
          for (int j = 0; j < n; j++) {
            expected += hessian[i][j] * direction[j];
          }
          double actual = exact ? product.array().getDouble(i) : product.floats()[i];
          error += (actual - expected) * (actual - expected);
          size += expected * expected;
        }
        double relative = Math.sqrt(error / size);
        assertTrue(relative < (exact ? 1e-5 : 1e-3), "relative error " + relative);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void equalsFiniteDifferencesOfTheGradientOfTheKl(Family family) {
    Network network = DoublePrecision.network(mlp(family), new Rng(1));
    ActionDistribution distribution = family.distribution();
    Tensor theta = network.parameters();
    int n = theta.size();
    Tensor input = Tensor.nd4j(DataType.DOUBLE, ROWS, INPUTS);
    System.arraycopy(observations(), 0, input.floatsForWriting(), 0, ROWS * INPUTS);
    FisherProduct fisher = new FisherProduct(network, distribution);
    fisher.at(input, family.forbidding(), 0);
    float[] old = Arrays.copyOf(network.forward(input).floats(), ROWS * family.outputs);
    float[] forbidding = family.forbidding();
    if (forbidding != null) {
      Categorical.forbidAs(forbidding, old, old.length);
    }
    Tensor v = theta.like(1, n);
    new Rng(9).fillGaussian(v.floatsForWriting(), 0, n);
    Tensor product = theta.like(1, n);
    product.copyFrom(fisher.apply(v));

    double h = 1e-2; // the distributions compute in float
    Tensor difference = theta.like(1, n);
    for (int sign = -1; sign <= 1; sign += 2) {
      theta.axpy(sign * h, v);
      float[] z = network.forward(input).floats().clone();
      if (forbidding != null) {
        Categorical.forbidAs(forbidding, z, old.length);
      }
      Tensor zGradient = Tensor.nd4j(DataType.DOUBLE, ROWS, family.outputs);
      float[] weight = new float[ROWS];
      Arrays.fill(weight, 1f / ROWS);
      distribution.addKlGradient(old, z, ROWS, weight, zGradient.floatsForWriting());
      network.gradient().fill(0);
      network.backward(zGradient);
      difference.axpy(sign / (2 * h), network.gradient());
      theta.axpy(-sign * h, v);
    }
    difference.axpy(-1, product);
    assertTrue(
        difference.norm2() < 2e-3 * product.norm2(), difference.norm2() + " of " + product.norm2());
  }

  /** State-dependent exploration: z = [μ | φ | log σ], where φ is a layer of the policy itself. */
  @ParameterizedTest
  @ValueSource(strings = {"JAVA", "VECTOR", "ND4J"})
  void ofStateDependentExploration_equalsFiniteDifferences(String kernels) {
    int features = 5;
    int n = 2;
    Mlp body = Mlp.of(INPUTS, features, 4).withActivation(Activation.TANH);
    NetworkSpec spec =
        new NetworkSpec.SideBySide(
            List.of(
                new NetworkSpec.Stacked(
                    body.withOutputActivation(Activation.TANH), Mlp.of(features, n), true),
                new NetworkSpec.Constant(INPUTS, Collections.nCopies(n * features, -0.5))));
    try (Compute compute = Compute.create(Compute.Kernels.valueOf(kernels), 1)) {
      Network network = compute.network(spec, new Rng(1));
      ActionDistribution distribution = new StateDependentGaussian(n, features, true);
      Tensor theta = network.parameters();
      Tensor input = compute.tensor(ROWS, INPUTS);
      System.arraycopy(observations(), 0, input.floatsForWriting(), 0, ROWS * INPUTS);
      FisherProduct fisher = new FisherProduct(network, distribution);
      fisher.at(input, 0);
      float[] old = Arrays.copyOf(network.forward(input).floats(), ROWS * spec.outputs());
      for (int trial = 0; trial < 3; trial++) {
        Tensor v = theta.like(1, theta.size());
        new Rng(9 + trial).fillGaussian(v.floatsForWriting(), 0, theta.size());
        v.scale(1 / v.norm2());
        fisher.at(input, 0);
        Tensor product = theta.like(1, theta.size());
        product.copyFrom(fisher.apply(v));
        double h = 2e-2; // everything computes in float
        Tensor difference = theta.like(1, theta.size());
        difference.fill(0);
        for (int sign = -1; sign <= 1; sign += 2) {
          theta.axpy(sign * h, v);
          float[] z = Arrays.copyOf(network.forward(input).floats(), old.length);
          Tensor zGradient = compute.tensor(ROWS, spec.outputs());
          zGradient.fill(0);
          float[] weight = new float[ROWS];
          Arrays.fill(weight, 1f / ROWS);
          distribution.addKlGradient(old, z, ROWS, weight, zGradient.floatsForWriting());
          network.gradient().fill(0);
          network.backward(zGradient);
          difference.axpy(sign / (2 * h), network.gradient());
          theta.axpy(-sign * h, v);
        }
        difference.axpy(-1, product);
        assertTrue(
            difference.norm2() < 5e-3 * product.norm2(),
            difference.norm2() + " of " + product.norm2());
      }
    }
  }

  @Test
  void isPositiveSemidefinite() {
    Network network = DoublePrecision.network(mlp(Family.CATEGORICAL), new Rng(1));
    Tensor input = Tensor.nd4j(DataType.DOUBLE, ROWS, INPUTS);
    System.arraycopy(observations(), 0, input.floatsForWriting(), 0, ROWS * INPUTS);
    FisherProduct fisher = new FisherProduct(network, new Categorical(3));
    fisher.at(input, 0);
    Tensor bias = network.parameters().like(1, network.parameters().size());
    float[] b = bias.floatsForWriting();
    Arrays.fill(b, b.length - 3, b.length, 1); // adds a constant to all logits
    assertEquals(0, bias.dot(fisher.apply(bias)), 1e-12);
    new Rng(2).fillGaussian(bias.floatsForWriting(), 0, b.length);
    assertTrue(bias.dot(fisher.apply(bias)) > 0);
  }
}
