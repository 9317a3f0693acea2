package org.deeprl4j.optim;

import org.deeprl4j.nn.Tensor;
import org.jspecify.annotations.Nullable;

/** Bounds on gradients. */
public final class GradientClipping {
  private GradientClipping() {}

  /**
   * Scales gradients so that the norm of all together is at most a bound (Pascanu et al. 2013).
   *
   * @param maxNorm the bound, &gt; 0; null for none
   * @param gradients scaled where the norm exceeds the bound. Modified.
   * @return the norm before
   */
  public static double globalNorm(@Nullable Double maxNorm, Tensor... gradients) {
    double squares = 0;
    for (Tensor gradient : gradients) {
      squares += gradient.dot(gradient);
    }
    double norm = Math.sqrt(squares);
    if (maxNorm != null && norm > maxNorm) {
      for (Tensor gradient : gradients) {
        gradient.scale(maxNorm / norm);
      }
    }
    return norm;
  }
}
