package org.deeprl4j.optim;

import org.deeprl4j.nn.Tensor;

/**
 * Conjugate gradients for Hx = g with H symmetric and positive definite, known by its products
 * alone (Hestenes and Stiefel 1952; Nocedal and Wright 2006, algorithm 5.2):
 *
 * <pre>
 * x = 0, r = p = g
 * repeat
 *   α = rᵀr / pᵀHp,  x ← x + αp,  r′ = r − αHp
 *   β = r′ᵀr′ / rᵀr,  p ← r′ + βp,  r ← r′
 * </pre>
 *
 * <p>Keeps its vectors from call to call; not thread-safe.
 */
public final class ConjugateGradient {
  /** v ↦ Hv. */
  @FunctionalInterface
  public interface Operator {
    /**
     * Applies H.
     *
     * @param v [1, n]; not modified
     * @return Hv, [1, n], read before the next call
     */
    Tensor apply(Tensor v);
  }

  /** Why the iteration ended. */
  public enum End {
    /** The residual is within the tolerance. */
    CONVERGED,
    /** All iterations were used. */
    ITERATIONS,
    /** pᵀHp ≤ 0: H is not positive definite; x is the last iterate before. */
    NOT_POSITIVE
  }

  /**
   * The outcome of a solution.
   *
   * @param iterations how many products with H moved x
   * @param residual ‖g − Hx‖ by the recurrence
   * @param end why the iteration ended
   */
  public record Result(int iterations, double residual, End end) {}

  private final Tensor residual;
  private final Tensor direction;

  /**
   * A solver.
   *
   * @param like a tensor [1, n] of the vectors' home and type
   */
  public ConjugateGradient(Tensor like) {
    residual = like.like(1, like.size());
    direction = like.like(1, like.size());
  }

  /**
   * Solves Hx = g, approximately.
   *
   * @param g [1, n]; not modified
   * @param x receives the solution, [1, n]. Modified.
   * @param mostIterations ≥ 0; 0 leaves x = 0
   * @param tolerance the iteration ends once ‖r‖ ≤ tolerance·‖g‖
   * @throws ArithmeticException if H's products or g hold NaN or infinity
   */
  public Result solve(Operator h, Tensor g, Tensor x, int mostIterations, double tolerance) {
    x.fill(0);
    residual.copyFrom(g);
    direction.copyFrom(g);
    double squares = residual.dot(residual);
    double enough = tolerance * tolerance * squares;
    int iterations = 0;
    End end = squares <= enough ? End.CONVERGED : End.ITERATIONS;
    while (iterations < mostIterations && end == End.ITERATIONS) {
      Tensor product = h.apply(direction);
      double curvature = direction.dot(product);
      if (!Double.isFinite(curvature) || !Double.isFinite(squares)) {
        throw new ArithmeticException(
            "conjugate gradients met NaN or infinity: pᵀHp = %s, ‖r‖² = %s"
                .formatted(curvature, squares));
      }
      if (curvature <= 0) {
        end = End.NOT_POSITIVE;
      } else {
        double alpha = squares / curvature;
        x.axpy(alpha, direction);
        residual.axpy(-alpha, product);
        double next = residual.dot(residual);
        direction.scale(next / squares);
        direction.axpy(1, residual);
        squares = next;
        iterations++;
        end = squares <= enough ? End.CONVERGED : End.ITERATIONS;
      }
    }
    return new Result(iterations, Math.sqrt(squares), end);
  }
}
