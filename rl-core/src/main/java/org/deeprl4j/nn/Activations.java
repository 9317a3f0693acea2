package org.deeprl4j.nn;

/** The activations of {@link Activation} and their derivatives on the host. */
final class Activations {
  private static final float LEAK = 0.01f;
  private static final double GELU_SLOPE = 1.702; // Hendrycks and Gimpel 2016, section 2

  private Activations() {}

  /** Whether f′ cannot be told from y = f(z) alone. */
  static boolean needsPreActivation(Activation f) {
    return f == Activation.SWISH || f == Activation.GELU;
  }

  /** y ← f(y) for {@code y[offset .. offset + n)}. */
  static void apply(Activation f, HostKernels kernels, float[] y, int offset, int n) {
    int end = offset + n;
    switch (f) {
      case IDENTITY -> {}
      case TANH -> kernels.tanh(y, offset, n);
      case RELU -> kernels.relu(y, offset, n);
      case LEAKY_RELU -> {
        for (int i = offset; i < end; i++) {
          y[i] = Math.max(y[i], LEAK * y[i]);
        }
      }
      case SIGMOID -> {
        for (int i = offset; i < end; i++) {
          y[i] = (float) sigmoid(y[i]);
        }
      }
      case ELU -> {
        for (int i = offset; i < end; i++) {
          y[i] = y[i] >= 0 ? y[i] : (float) Math.expm1(y[i]);
        }
      }
      case SOFTPLUS -> {
        for (int i = offset; i < end; i++) {
          y[i] = (float) (Math.max(y[i], 0) + Math.log1p(Math.exp(-Math.abs(y[i]))));
        }
      }
      case SWISH -> {
        for (int i = offset; i < end; i++) {
          y[i] = (float) (y[i] * sigmoid(y[i]));
        }
      }
      case GELU -> {
        for (int i = offset; i < end; i++) {
          y[i] = (float) (y[i] * sigmoid(GELU_SLOPE * y[i]));
        }
      }
    }
  }

  /** d ← d ∘ f′(z) for {@code d[offset .. offset + n)}, given y = f(z) and, where needed, z. */
  static void multiplyDerivative(
      Activation f, HostKernels kernels, float[] y, float[] z, float[] d, int offset, int n) {
    int end = offset + n;
    switch (f) {
      case IDENTITY -> {}
      case TANH -> {
        for (int i = offset; i < end; i++) {
          d[i] *= 1 - y[i] * y[i];
        }
      }
      case RELU -> kernels.multiplyReluDerivative(y, d, offset, n);
      case LEAKY_RELU -> {
        for (int i = offset; i < end; i++) {
          d[i] = y[i] >= 0 ? d[i] : LEAK * d[i];
        }
      }
      case SIGMOID -> {
        for (int i = offset; i < end; i++) {
          d[i] *= y[i] * (1 - y[i]);
        }
      }
      case ELU -> {
        for (int i = offset; i < end; i++) {
          d[i] *= y[i] >= 0 ? 1 : y[i] + 1;
        }
      }
      case SOFTPLUS -> {
        for (int i = offset; i < end; i++) {
          d[i] *= (float) -Math.expm1(-y[i]); // sigmoid(z) = 1 − e⁻ʸ
        }
      }
      case SWISH -> {
        for (int i = offset; i < end; i++) {
          double s = sigmoid(z[i]);
          d[i] *= (float) (s * (1 + z[i] * (1 - s)));
        }
      }
      case GELU -> {
        for (int i = offset; i < end; i++) {
          double s = sigmoid(GELU_SLOPE * z[i]);
          d[i] *= (float) (s * (1 + GELU_SLOPE * z[i] * (1 - s)));
        }
      }
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
