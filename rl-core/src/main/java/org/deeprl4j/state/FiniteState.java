package org.deeprl4j.state;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The state of an object on the condition that all its numbers are finite: parameters, moments of
 * optimisers, temperatures, statistics. With other numbers it is neither saved nor accepted from a
 * file.
 */
public final class FiniteState implements Stateful {
  private final Stateful object;

  /** The state of an object. */
  public FiniteState(Stateful object) {
    this.object = object;
  }

  /**
   * Looks at every number of the state.
   *
   * @throws DivergenceException naming the first that is not finite
   */
  public void require() {
    object.save(new Search());
  }

  /**
   * Does work that must leave the state finite.
   *
   * @param steps the environment steps of the run so far
   * @param causes what may be the cause of a divergence, as {@link DivergenceException#at} takes it
   * @throws DivergenceException if the work or the state has met a number that is not finite; also
   *     if the work has failed in another way and the state is not finite, which explains it
   */
  public <T> T guard(Supplier<T> work, LongSupplier steps, Supplier<String> causes) {
    try {
      T result = work.get();
      require();
      return result;
    } catch (DivergenceException e) {
      throw e.at(steps.getAsLong(), causes.get());
    } catch (RuntimeException e) {
      try {
        require();
      } catch (DivergenceException earlier) {
        earlier.addSuppressed(e);
        throw earlier.at(steps.getAsLong(), causes.get());
      }
      throw e;
    }
  }

  @Override
  public void save(StateWriter out) {
    require();
    object.save(out);
  }

  @Override
  public void load(StateReader in) {
    object.load(in);
    require();
  }

  /** Looks at numbers. */
  private static final class Search extends ForgetfulWriter {
    private final Deque<String> path = new ArrayDeque<>();

    @Override
    public void put(String name, Stateful part) {
      path.addLast(name);
      part.save(this);
      path.removeLast();
    }

    @Override
    public void put(String name, float[] values, int offset, int length) {
      if (!Finite.all(values, offset, length)) {
        int i = Finite.first(values, offset, length);
        throw notFinite(name + "[" + (i - offset) + "]", values[i]);
      }
    }

    @Override
    public void put(String name, double[] values) {
      for (int i = 0; i < values.length; i++) {
        if (!Double.isFinite(values[i])) {
          throw notFinite(name + "[" + i + "]", values[i]);
        }
      }
    }

    @Override
    public void put(String name, double value) {
      if (!Double.isFinite(value)) {
        throw notFinite(name, value);
      }
    }

    private DivergenceException notFinite(String name, double value) {
      path.addLast(name);
      return new DivergenceException(String.join(".", path) + " is " + value);
    }
  }
}
