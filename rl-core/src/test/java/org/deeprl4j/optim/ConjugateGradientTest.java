package org.deeprl4j.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;

final class ConjugateGradientTest {
  private static final int N = 12;

  private static Tensor vector(Tensor.Home home, double... values) {
    Tensor tensor =
        home == Tensor.Home.HOST
            ? Tensor.host(1, values.length)
            : Tensor.nd4j(DataType.DOUBLE, 1, values.length);
    for (int i = 0; i < values.length; i++) {
      set(tensor, i, values[i]);
    }
    return tensor;
  }

  private static void set(Tensor tensor, int i, double value) {
    if (tensor.home() == Tensor.Home.HOST) {
      tensor.floatsForWriting()[i] = (float) value;
    } else {
      tensor.arrayForWriting().putScalar(i, value);
    }
  }

  private static double get(Tensor tensor, int i) {
    return tensor.home() == Tensor.Home.HOST ? tensor.floats()[i] : tensor.array().getDouble(i);
  }

  /** MMᵀ + I. */
  private static double[][] positive(int n, long seed) {
    Rng random = new Rng(seed);
    double[][] m = new double[n][n];
    for (double[] row : m) {
      for (int j = 0; j < n; j++) {
        row[j] = random.nextGaussian();
      }
    }
    double[][] h = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        h[i][j] = i == j ? 1 : 0;
        for (int k = 0; k < n; k++) {
          h[i][j] += m[i][k] * m[j][k];
        }
      }
    }
    return h;
  }

  private static ConjugateGradient.Operator operator(
      double[][] h, Tensor.Home home, List<double[]> directions) {
    return v -> {
      int n = h.length;
      double[] direction = new double[n];
      double[] product = new double[n];
      for (int i = 0; i < n; i++) {
        direction[i] = get(v, i);
      }
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          product[i] += h[i][j] * direction[j];
        }
      }
      directions.add(direction);
      return vector(home, product);
    };
  }

  private static double[] random(int n, long seed) {
    Rng random = new Rng(seed);
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = random.nextGaussian();
    }
    return values;
  }

  @ParameterizedTest
  @EnumSource
  void solution_agreesWithADirectSolve(Tensor.Home home) {
    double[][] h = positive(N, 1);
    double[] g = random(N, 2);
    double[] expected =
        new LUDecomposition(new Array2DRowRealMatrix(h))
            .getSolver()
            .solve(new ArrayRealVector(g))
            .toArray();
    Tensor x = vector(home, new double[N]);
    boolean exact = home != Tensor.Home.HOST;
    ConjugateGradient.Result result =
        new ConjugateGradient(x)
            .solve(
                operator(h, home, new ArrayList<>()),
                vector(home, g),
                x,
                3 * N,
                exact ? 1e-12 : 1e-5);
    assertEquals(ConjugateGradient.End.CONVERGED, result.end());
    for (int i = 0; i < N; i++) {
      assertEquals(expected[i], get(x, i), exact ? 1e-9 : 2e-3);
    }
  }

  @Test
  void directions_areConjugate_andNMakeTheSolution() {
    double[][] h = positive(N, 3);
    List<double[]> directions = new ArrayList<>();
    Tensor.Home home = Tensor.Home.ND4J;
    Tensor x = vector(home, new double[N]);
    ConjugateGradient.Result result =
        new ConjugateGradient(x)
            .solve(operator(h, home, directions), vector(home, random(N, 4)), x, N, 0);
    assertEquals(N, result.iterations());
    assertTrue(result.residual() < 1e-6, "after n steps ‖r‖ = " + result.residual());
    for (int a = 0; a < 6; a++) {
      for (int b = 0; b < a; b++) {
        double product = 0;
        double scale = 0;
        for (int i = 0; i < N; i++) {
          for (int j = 0; j < N; j++) {
            product += directions.get(a)[i] * h[i][j] * directions.get(b)[j];
            scale += Math.abs(directions.get(a)[i] * h[i][j] * directions.get(b)[j]);
          }
        }
        assertEquals(0, product, 1e-9 * scale, "pᵀHp of directions " + a + " and " + b);
      }
    }
  }

  /** H = diag(1, 2), g = 10·(1, 1): after one iteration the residual is a third of g. */
  @Test
  void tolerance_isRelativeToTheRightSide() {
    Tensor x = vector(Tensor.Home.ND4J, new double[2]);
    Tensor g = vector(Tensor.Home.ND4J, new double[] {10, 10});
    ConjugateGradient.Operator operator =
        operator(new double[][] {{1, 0}, {0, 2}}, Tensor.Home.ND4J, new ArrayList<>());
    ConjugateGradient.Result result = new ConjugateGradient(x).solve(operator, g, x, 100, 0.34);
    assertEquals(1, result.iterations());
    assertEquals(ConjugateGradient.End.CONVERGED, result.end());
    assertEquals(10 * Math.sqrt(2) / 3, result.residual(), 1e-9);
    assertEquals(2, new ConjugateGradient(x).solve(operator, g, x, 100, 0.33).iterations());
    assertEquals(0, new ConjugateGradient(x).solve(operator, g, x, 100, 1).iterations());
  }

  @Test
  void tolerance_endsTheIterationEarly() {
    double[][] h = positive(N, 5);
    double[] g = random(N, 6);
    Tensor x = vector(Tensor.Home.ND4J, new double[N]);
    ConjugateGradient.Operator operator = operator(h, Tensor.Home.ND4J, new ArrayList<>());
    ConjugateGradient.Result result =
        new ConjugateGradient(x).solve(operator, vector(Tensor.Home.ND4J, g), x, 100, 0.1);
    assertEquals(ConjugateGradient.End.CONVERGED, result.end());
    assertTrue(result.iterations() < N, "iterations: " + result.iterations());
    Tensor product = operator.apply(x);
    double squares = 0;
    double whole = 0;
    for (int i = 0; i < N; i++) {
      squares += Math.pow(g[i] - get(product, i), 2);
      whole += g[i] * g[i];
    }
    assertEquals(Math.sqrt(squares), result.residual(), 1e-9);
    assertTrue(squares <= 0.01 * whole);
    assertEquals(
        3,
        new ConjugateGradient(x)
            .solve(operator, vector(Tensor.Home.ND4J, g), x, 3, 0)
            .iterations());
  }

  @Test
  void indefiniteOperator_isNamed_andTheLastIterateKept() {
    double[][] h = {{1, 0, 0}, {0, -2, 0}, {0, 0, 0}};
    Tensor x = vector(Tensor.Home.ND4J, 0, 0, 0);
    ConjugateGradient solver = new ConjugateGradient(x);
    ConjugateGradient.Operator operator = operator(h, Tensor.Home.ND4J, new ArrayList<>());
    Tensor g = vector(Tensor.Home.ND4J, 0, 1, 0);
    assertEquals(
        new ConjugateGradient.Result(0, 1, ConjugateGradient.End.NOT_POSITIVE),
        solver.solve(operator, g, x, 10, 1e-10));
    assertEquals(0, get(x, 1));
    // Singular: a direction without curvature.
    assertEquals(
        ConjugateGradient.End.NOT_POSITIVE,
        solver.solve(operator, vector(Tensor.Home.ND4J, 0, 0, 1), x, 10, 1e-10).end());
    // A singular operator solves what lies in its range.
    assertEquals(
        new ConjugateGradient.Result(1, 0, ConjugateGradient.End.CONVERGED),
        solver.solve(operator, vector(Tensor.Home.ND4J, 3, 0, 0), x, 10, 1e-10));
    assertEquals(3, get(x, 0));
  }

  @Test
  void nothingToSolve_andNaN() {
    Tensor x = vector(Tensor.Home.HOST, 1, 1);
    ConjugateGradient solver = new ConjugateGradient(x);
    Tensor zero = vector(Tensor.Home.HOST, 0, 0);
    assertEquals(
        new ConjugateGradient.Result(0, 0, ConjugateGradient.End.CONVERGED),
        solver.solve(v -> v, zero, x, 10, 1e-10));
    assertEquals(0, get(x, 0));
    Tensor nan = vector(Tensor.Home.HOST, Double.NaN, 0);
    assertThrows(ArithmeticException.class, () -> solver.solve(v -> v, nan, x, 10, 1e-10));
  }
}
