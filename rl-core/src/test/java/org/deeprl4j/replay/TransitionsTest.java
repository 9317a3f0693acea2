package org.deeprl4j.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TransitionsTest {
  private static final Space PICTURE = Box.of(0, 255, 2, 3);

  /** Every row's observation and next observation as they were added, beside the buffer. */
  private static final class Recorded {
    Transitions transitions;
    final float[][] observations;
    final float[][] nextObservations;
    private final int environments;
    private final IntFunction<float[]> numbers; // of an environment
    private final Rng random = new Rng(7);
    private final float[][] current;
    private int slot;

    Recorded(Transitions transitions, Supplier<float[]> numbers) {
      this(transitions, e -> numbers.get());
    }

    Recorded(Transitions transitions, IntFunction<float[]> numbers) {
      this.transitions = transitions;
      this.numbers = numbers;
      environments = transitions.environments;
      observations = new float[transitions.capacity][];
      nextObservations = new float[transitions.capacity][];
      current = new float[environments][];
      Arrays.setAll(current, numbers);
    }

    /** A slot; an episode ends with probability {@code ends}. */
    void add(double ends) {
      int size = transitions.observationSize;
      float[] now = new float[environments * size];
      float[] then = new float[now.length];
      boolean[] ended = new boolean[environments];
      int first = slot % (transitions.capacity / environments) * environments;
      for (int e = 0; e < environments; e++) {
        float[] next = numbers.apply(e);
        observations[first + e] = current[e];
        nextObservations[first + e] = next;
        System.arraycopy(current[e], 0, now, e * size, size);
        System.arraycopy(next, 0, then, e * size, size);
        ended[e] = random.nextDouble() < ends;
        current[e] = ended[e] ? numbers.apply(e) : next;
      }
      assertEquals(
          first,
          transitions.add(
              now,
              new float[environments],
              new double[environments],
              then,
              new boolean[environments],
              ended));
      slot++;
    }

    void compare(Transitions with) {
      float[] row = new float[with.observationSize];
      for (int i = 0; i < with.size(); i++) {
        with.copyObservation(i, row, 0);
        assertBits(observations[i], row, "observation of row " + i);
        with.copyNextObservation(i, row, 0);
        assertBits(nextObservations[i], row, "next observation of row " + i);
        float[] part = new float[row.length];
        with.copyNextObservation(i, 1, row.length - 2, part, 1);
        for (int j = 1; j < row.length - 1; j++) {
          assertEquals(row[j], part[j]);
        }
      }
    }

    private static void assertBits(float[] expected, float[] actual, String what) {
      for (int j = 0; j < expected.length; j++) {
        assertEquals(
            Float.floatToRawIntBits(expected[j]), Float.floatToRawIntBits(actual[j]), what);
      }
    }
  }

  private static Supplier<float[]> wholes(int size) {
    Rng random = new Rng(3);
    return () -> {
      float[] row = new float[size];
      for (int j = 0; j < size; j++) {
        row[j] = random.nextInt(256);
      }
      return row;
    };
  }

  private static Supplier<float[]> gaussians(int size) {
    Rng random = new Rng(3);
    return () -> {
      float[] row = new float[size];
      for (int j = 0; j < size; j++) {
        row[j] = (float) random.nextGaussian();
      }
      return row;
    };
  }

  /** Around the ring three times, from episodes of one step to endless ones. */
  @ParameterizedTest
  @CsvSource({"1,1", "1,7", "3,3", "3,6", "3,20", "2,64"})
  void everyRow_comesOutAsItWentIn(int environments, int capacity) {
    for (double ends : new double[] {0, 0.1, 0.5, 1}) {
      for (boolean picture : new boolean[] {false, true}) {
        Recorded recorded =
            new Recorded(
                new Transitions(capacity, environments, picture ? PICTURE : Box.unbounded(6), 1),
                picture ? wholes(6) : gaussians(6));
        for (int t = 0; t < 3 * capacity / environments + 2; t++) {
          recorded.add(ends);
          recorded.compare(recorded.transitions);
        }
      }
    }
  }

  /** Rows so long that a block holds two of them, or one. */
  @ParameterizedTest
  @CsvSource({"30000", "70000"})
  void blocks_areGoneThroughInCircles(int size) {
    Recorded recorded = new Recorded(new Transitions(5, 1, Box.of(0, 255, size), 1), wholes(size));
    for (int t = 0; t < 13; t++) {
      recorded.add(t < 4 ? 1 : 0.6);
      recorded.compare(recorded.transitions);
    }
    Transitions other = new Transitions(5, 1, Box.of(0, 255, size), 1);
    StateFile.fromBytes(StateFile.toBytes("rows", recorded.transitions), "rows", other);
    recorded.compare(other);
  }

  /** Numbers that no byte holds, −0 among them, appear in the third slot or at an episode's end. */
  @ParameterizedTest
  @CsvSource({"0.5", "-0.0", "256", "-1", "NaN", "1e30"})
  void numbers_thatAreNoBytes_keepTheirBits(float odd) {
    for (int at = 4; at < 12; at++) {
      int oddAt = at;
      int[] count = {0};
      Supplier<float[]> whole = wholes(6);
      Recorded recorded =
          new Recorded(
              new Transitions(6, 2, PICTURE, 1),
              () -> {
                float[] row = whole.get();
                row[4] = count[0]++ == oddAt ? odd : row[4];
                return row;
              });
      for (int t = 0; t < 9; t++) {
        recorded.add(0.5);
        recorded.compare(recorded.transitions);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,7", "3,20"})
  void savedAndLoaded_isTheSame_andGoesOnTheSame(int environments, int capacity) {
    for (boolean picture : new boolean[] {false, true}) {
      Space space = picture ? PICTURE : Box.unbounded(6);
      Recorded recorded =
          new Recorded(
              new Transitions(capacity, environments, space, 1),
              picture ? wholes(6) : gaussians(6));
      for (int t = 0; t < 30; t++) {
        byte[] bytes = StateFile.toBytes("rows", recorded.transitions);
        Transitions other = new Transitions(capacity, environments, space, 1);
        StateFile.fromBytes(bytes, "rows", other);
        recorded.compare(other);
        assertArrayEquals(bytes, StateFile.toBytes("rows", other));
        recorded.add(0.4);
      }
    }
  }

  private static final Space STACK = Box.of(0, 255, 3, 4, 5);

  /**
   * Stacks of three pictures that mostly move on by one, now and then with a picture that does not
   * change, begin anew with one picture three times, or have nothing to do with one another.
   */
  private static IntFunction<float[]> stacks(int environments) {
    Rng random = new Rng(5);
    float[][] current = new float[environments][60];
    return e -> {
      float[] next = current[e].clone();
      int kind = random.nextInt(10);
      System.arraycopy(next, 20, next, 0, 40);
      for (int j = 40; j < 60 && kind > 0; j++) {
        next[j] = random.nextInt(256);
      }
      if (kind == 8) {
        System.arraycopy(next, 40, next, 0, 20);
        System.arraycopy(next, 40, next, 20, 20);
      } else if (kind == 9) {
        next[random.nextInt(40)] = random.nextInt(256);
        next[random.nextInt(60)] =
            random.nextInt(20) == 0 ? 0.5f : 3; // after which bytes do not do
      }
      current[e] = next;
      return next;
    };
  }

  /** Around the ring three times, and from each moment on what was saved goes on as well. */
  @ParameterizedTest
  @CsvSource({"1,1", "1,7", "3,3", "3,6", "3,21", "2,64"})
  void stacks_comeOutAsTheyWentIn_savedOrNot(int environments, int capacity) {
    for (double ends : new double[] {0, 0.1, 0.5, 1}) {
      Recorded recorded =
          new Recorded(new Transitions(capacity, environments, STACK, 1), stacks(environments));
      for (int t = 0; t < 3 * capacity / environments + 2; t++) {
        recorded.add(ends);
        recorded.compare(recorded.transitions);
        byte[] bytes = StateFile.toBytes("rows", recorded.transitions);
        Transitions other = new Transitions(capacity, environments, STACK, 1);
        StateFile.fromBytes(bytes, "rows", other);
        recorded.compare(other);
        assertArrayEquals(bytes, StateFile.toBytes("rows", other));
      }
      Transitions other = new Transitions(capacity, environments, STACK, 1);
      StateFile.fromBytes(StateFile.toBytes("rows", recorded.transitions), "rows", other);
      recorded.transitions = other;
      for (int t = 0; t < 2 * capacity / environments; t++) {
        recorded.add(ends);
        recorded.compare(other);
      }
    }
  }

  /**
   * Of a stack of four pictures, each is kept once: a byte a pixel of the newest one, and no more.
   */
  @Test
  void picturesOfStacks_areStoredOnce() {
    int rows = 20_000;
    int picture = 400;
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    float[] now = new float[4 * picture];
    float[] then = new float[4 * picture];
    float[] action = new float[1];
    double[] reward = new double[1];
    boolean[] no = {false};
    long before = threads.getCurrentThreadAllocatedBytes();
    Transitions transitions = new Transitions(rows, 1, Box.of(0, 255, 4, 20, 20), 1);
    for (int t = 0; t < rows; t++) {
      System.arraycopy(now, picture, then, 0, 3 * picture);
      Arrays.fill(then, 3 * picture, 4 * picture, t % 251);
      transitions.add(now, action, reward, then, no, no);
      System.arraycopy(then, 0, now, 0, now.length);
    }
    long taken = threads.getCurrentThreadAllocatedBytes() - before;
    assertAtMost(1.2, (double) taken / rows / picture);
  }

  /** A million frames of 84 × 84 pixels, in stacks of four, stay under 8 GB. */
  @Test
  void aMillionFrames_need7Gigabytes() {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new Transitions(1_000_000, 1, Box.of(0, 255, 4, 84, 84), 1))
            .getMessage();
    assertTrue(message.contains(" needs 6753 MB"), message);
  }

  /** A transition that another follows takes one observation, not two; of a picture, bytes. */
  @Test
  void observations_areStoredOnce_andPicturesAsBytes() {
    int size = 1000;
    int rows = 20_000;
    double numbers = 1.0 * size * rows;
    assertAtMost(4.5, taken(Box.unbounded(size), rows, 0) / numbers);
    assertAtMost(1.3, taken(Box.of(0, 255, 10, 10, 10), rows, 0) / numbers);
    assertAtMost(1.3, taken(new MultiBinary(size), rows, 0) / numbers);
    // An episode's end in every 20th row.
    assertAtMost(4.8, taken(Box.unbounded(size), rows, 20) / numbers);
  }

  private static void assertAtMost(double most, double bytes) {
    assertTrue(bytes < most, bytes + " bytes a number");
  }

  private static long taken(Space space, int rows, int length) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    Transitions transitions = new Transitions(rows, 1, space, 1);
    float[] even = new float[space.size()];
    float[] odd = new float[space.size()];
    float[] last = new float[space.size()];
    odd[3] = 1;
    last[5] = 1;
    float[] action = new float[1];
    double[] reward = new double[1];
    boolean[] no = {false};
    for (int t = 0; t < rows; t++) {
      boolean ends = length > 0 && t % length == length - 1;
      float[] next = ends ? last : t % 2 == 0 ? odd : even;
      transitions.add(t % 2 == 0 ? even : odd, action, reward, next, no, no);
    }
    assertEquals(rows, transitions.size());
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  /** MB that are asked for 2 billion transitions of an observation of 100 numbers. */
  @Test
  void theMemoryNeeded_followsTheSpace() {
    assertTrue(refusal(Box.unbounded(10)).contains(" needs 93461 MB"), refusal(Box.unbounded(10)));
    assertTrue(refusal(Box.of(0, 255, 10)).contains(" needs 36240 MB"));
    assertTrue(refusal(Box.of(0, 254, 10)).contains(" needs 93461 MB"));
    assertTrue(refusal(new MultiBinary(10)).contains(" needs 36240 MB"));
    assertTrue(refusal(new Discrete(256)).contains(" needs 19074 MB"));
    assertTrue(refusal(new Discrete(257)).contains(" needs 24796 MB"));
    assertTrue(refusal(MultiDiscrete.of(256, 2)).contains(" needs 20981 MB"));
    assertTrue(refusal(MultiDiscrete.of(2, 257)).contains(" needs 32425 MB"));
  }

  /**
   * A buffer that fits as long as few episodes end, and then has episodes of one step each, ends
   * the run before the memory is used up.
   */
  @Test
  void lateEnds_areRefusedBeforeTheMemoryIsUsedUp() {
    int size = 1 << 16;
    int capacity = (int) (0.85 * Runtime.getRuntime().maxMemory() / (4.0 * size));
    Transitions transitions = new Transitions(capacity, 1, Box.unbounded(size), 1);
    float[] even = new float[size];
    float[] odd = new float[size];
    float[] last = new float[size];
    odd[3] = 1;
    last[5] = 1;
    boolean[] no = {false};
    float[] action = new float[1];
    double[] reward = new double[1];
    int few = capacity / 20;
    for (int t = 0; t < few; t++) {
      transitions.add(t % 2 == 0 ? even : odd, action, reward, t % 2 == 0 ? odd : even, no, no);
    }
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> {
                  for (int t = 0; t < capacity / 4; t++) {
                    transitions.add(even, action, reward, last, no, no);
                  }
                })
            .getMessage();
    assertTrue(transitions.size() < few + 0.15 * capacity, transitions.size() + " of " + capacity);
    assertTrue(message.contains(", with the ends of its many short episodes, needs "), message);
    assertTrue(message.contains("(bufferSize) to at most "), message);
    assertEquals(1, message.lines().count());
  }

  private static String refusal(Space space) {
    return assertThrows(
            IllegalArgumentException.class, () -> new Transitions(2_000_000_000, 1, space, 1))
        .getMessage();
  }
}
