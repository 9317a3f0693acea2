package org.deeprl4j.optim;

import java.util.function.BooleanSupplier;
import org.deeprl4j.nn.Tensor;

/**
 * Backtracking line search: θ_old + s·Δ for s = 1, c, c², … until a condition holds. The condition
 * is asked with the trial parameters in place; when none holds, θ is restored bit for bit.
 *
 * <p>Keeps its copy of θ from call to call; not thread-safe.
 */
public final class LineSearch {
  /**
   * The outcome of a search.
   *
   * @param fraction the accepted s, or 0 if none was, where θ is as before
   * @param tries how often the condition was asked
   */
  public record Result(double fraction, int tries) {
    /** Whether θ moved. */
    public boolean accepted() {
      return fraction > 0;
    }
  }

  private final Tensor old;

  /**
   * A search.
   *
   * @param like a tensor [1, n] of the parameters' home and type
   */
  public LineSearch(Tensor like) {
    old = like.like(1, like.size());
  }

  /**
   * Searches from θ along Δ.
   *
   * @param parameters θ, [1, n]. Modified.
   * @param step Δ, the full step, [1, n]; not modified
   * @param shrink c in (0, 1)
   * @param mostTries ≥ 1
   * @param acceptable whether the parameters now in place will do; if it throws, θ is restored
   */
  public Result search(
      Tensor parameters, Tensor step, double shrink, int mostTries, BooleanSupplier acceptable) {
    if (!(shrink > 0 && shrink < 1)) {
      throw new IllegalArgumentException("shrink must be in (0, 1), not " + shrink);
    }
    if (mostTries < 1) {
      throw new IllegalArgumentException("mostTries must be at least 1, not " + mostTries);
    }
    old.copyFrom(parameters);
    double fraction = 1;
    boolean accepted = false;
    int tries = 0;
    try {
      while (!accepted && tries < mostTries) {
        parameters.copyFrom(old);
        parameters.axpy(fraction, step);
        accepted = acceptable.getAsBoolean();
        fraction = accepted ? fraction : fraction * shrink;
        tries++;
      }
    } finally {
      if (!accepted) {
        parameters.copyFrom(old);
      }
    }
    return new Result(accepted ? fraction : 0, tries);
  }
}
