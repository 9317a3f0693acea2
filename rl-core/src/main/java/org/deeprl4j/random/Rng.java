package org.deeprl4j.random;

import java.util.random.RandomGenerator;
import org.apache.commons.rng.RandomProviderState;
import org.apache.commons.rng.RestorableUniformRandomProvider;
import org.apache.commons.rng.SplittableUniformRandomProvider;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.core.RandomProviderDefaultState;
import org.apache.commons.rng.simple.RandomSource;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * A random generator that can be saved and split: L64X128Mix (Steele and Vigna 2021, "LXM: better
 * splittable pseudorandom number generators"). Not thread-safe: give each thread a {@link
 * #split()}.
 */
public final class Rng implements RandomGenerator, Stateful {
  private final UniformRandomProvider source;

  /** A generator for a seed; the seed alone decides its sequence. */
  public Rng(long seed) {
    this(RandomSource.L64_X128_MIX.create(seed));
  }

  private Rng(UniformRandomProvider source) {
    this.source = source;
  }

  @Override
  public long nextLong() {
    return source.nextLong();
  }

  /** A new generator, statistically independent of this one, which advances. */
  public Rng split() {
    return new Rng(((SplittableUniformRandomProvider) source).split(source));
  }

  /**
   * Fills {@code values[offset .. offset + length)} with standard normal draws.
   *
   * @param values receives the draws. Modified.
   */
  public void fillGaussian(float[] values, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      values[i] = (float) nextGaussian();
    }
  }

  /**
   * Shuffles {@code values[0 .. length)} uniformly (Fisher-Yates).
   *
   * @param values shuffled in place. Modified.
   */
  public void shuffle(int[] values, int length) {
    for (int i = length - 1; i > 0; i--) {
      int j = nextInt(i + 1);
      int swapped = values[i];
      values[i] = values[j];
      values[j] = swapped;
    }
  }

  @Override
  public void save(StateWriter out) {
    RandomProviderState state = ((RestorableUniformRandomProvider) source).saveState();
    out.put("state", ((RandomProviderDefaultState) state).getState());
  }

  @Override
  public void load(StateReader in) {
    byte[] state = in.getBytes("state");
    ((RestorableUniformRandomProvider) source).restoreState(new RandomProviderDefaultState(state));
  }
}
