package org.deeprl4j.nn;

import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * A sequence of ND4J operations on fixed arrays, prepared once and run many times. Binding the
 * arrays to an operation costs more than a small operation itself, hence the reuse of its context.
 * Only operations that every backend has; run on one thread at a time.
 */
final class Nd4jSteps {
  private static final double GELU_SLOPE = 1.702; // Hendrycks and Gimpel 2016, section 2

  private static final double[] NONE = {};
  private static final long[] PLAIN = {0, 0, 0};
  private static final long[] TRANSPOSE_LEFT = {1, 0, 0};
  private static final long[] TRANSPOSE_RIGHT = {0, 1, 0};

  private final List<Runnable> steps = new ArrayList<>();

  /** Runs all steps in their order. */
  void run() {
    for (Runnable step : steps) {
      step.run();
    }
  }

  /** out = x·w + b, with b of rank 1. */
  void affine(INDArray x, INDArray w, INDArray b, INDArray out) {
    operation("xw_plus_b", out, NONE, new long[] {}, x, w, b);
  }

  /** out = scale·a·b + keep·out. */
  void product(INDArray a, INDArray b, INDArray out, double scale, double keep) {
    operation("matmul", out, new double[] {scale, keep}, PLAIN, a, b);
  }

  /** out += aᵀ·b. */
  void addTransposedProduct(INDArray a, INDArray b, INDArray out) {
    operation("matmul", out, new double[] {1, 1}, TRANSPOSE_LEFT, a, b);
  }

  /** out = a·bᵀ. */
  void productTransposed(INDArray a, INDArray b, INDArray out) {
    operation("matmul", out, new double[] {1, 0}, TRANSPOSE_RIGHT, a, b);
  }

  /** out = a∘b; either may be broadcast, and out may be a. */
  void multiply(INDArray a, INDArray b, INDArray out) {
    operation("multiply", out, NONE, new long[] {}, a, b);
  }

  /** out = a + b; b may be broadcast, and out may be a. */
  void add(INDArray a, INDArray b, INDArray out) {
    operation("add", out, NONE, new long[] {}, a, b);
  }

  /** out = a − b; b may be broadcast, and out may be a. */
  void subtract(INDArray a, INDArray b, INDArray out) {
    operation("subtract", out, NONE, new long[] {}, a, b);
  }

  /** out = a / b, and 0 where b is 0; b may be broadcast, and out may be a. */
  void divide(INDArray a, INDArray b, INDArray out) {
    operation("divide_no_nan", out, NONE, new long[] {}, a, b);
  }

  /** Any step. */
  void then(Runnable step) {
    steps.add(step);
  }

  /**
   * y = f(z).
   *
   * @param scratch of z's shape, overwritten
   */
  void activate(Activation f, INDArray z, INDArray y, INDArray scratch) {
    switch (f) {
      case IDENTITY -> then(() -> y.assign(z));
      case RELU -> unary("relu", z, y, 0);
      case LEAKY_RELU -> unary("lrelu", z, y, 0.01);
      case TANH -> unary("tanh", z, y);
      case SIGMOID -> unary("sigmoid", z, y);
      case ELU -> unary("elu", z, y, 1);
      case SOFTPLUS -> {
        // max(z, 0) + log(1 + exp(−|z|)): ND4J's own overflows in float from 88 on.
        then(() -> Transforms.abs(scratch.assign(z), false).negi());
        then(() -> Transforms.exp(scratch, false));
        unary("log1p", scratch, scratch);
        unary("relu", z, y, 0);
        add(y, scratch, y);
      }
      case SWISH -> {
        unary("sigmoid", z, scratch);
        multiply(z, scratch, y);
      }
      case GELU -> {
        geluGate(z, scratch);
        multiply(z, scratch, y);
      }
    }
  }

  /**
   * slope = f′(z), given y = f(z).
   *
   * @param ones of z's shape, all 1
   * @param scratch of z's shape, overwritten
   */
  void slope(
      Activation f, INDArray z, INDArray y, INDArray slope, INDArray ones, INDArray scratch) {
    switch (f) {
      case IDENTITY -> then(() -> slope.assign(ones));
      case RELU -> operation("relu_bp", slope, new double[] {0}, new long[] {}, z, ones);
      case LEAKY_RELU -> operation("lrelu_bp", slope, new double[] {0.01}, new long[] {}, z, ones);
      case TANH -> {
        multiply(y, y, slope);
        then(() -> slope.rsubi(1));
      }
      case SIGMOID -> {
        multiply(y, y, slope);
        subtract(y, slope, slope);
      }
      // 1 for z > 0, else eᶻ = y + 1.
      case ELU -> operation("elu_bp", slope, new double[] {1}, new long[] {}, z, ones);
      case SOFTPLUS -> unary("sigmoid", z, slope);
      case SWISH -> {
        // s + y·(1 − s) with s = sigmoid(z).
        unary("sigmoid", z, scratch);
        multiply(y, scratch, slope);
        subtract(y, slope, slope);
        add(slope, scratch, slope);
      }
      case GELU -> {
        // s + 1.702·y·(1 − s) with s = sigmoid(1.702·z).
        geluGate(z, scratch);
        multiply(y, scratch, slope);
        subtract(y, slope, slope);
        then(() -> slope.muli(GELU_SLOPE));
        add(slope, scratch, slope);
      }
    }
  }

  /** s = sigmoid(1.702·z). */
  private void geluGate(INDArray z, INDArray s) {
    then(() -> s.assign(z).muli(GELU_SLOPE));
    unary("sigmoid", s, s);
  }

  /** out = name(in); out may be in. */
  private void unary(String name, INDArray in, INDArray out, double... arguments) {
    operation(name, out, arguments, new long[] {}, in);
  }

  private void operation(
      String name, INDArray out, double[] reals, long[] integers, INDArray... in) {
    DynamicCustomOp operation = DynamicCustomOp.builder(name).build();
    OpContext context = Nd4j.getExecutioner().buildContext();
    context.setInputArrays(in);
    context.setOutputArrays(out);
    context.setTArguments(reals);
    context.setIArguments(integers);
    steps.add(() -> Nd4j.getExecutioner().exec(operation, context));
  }
}
