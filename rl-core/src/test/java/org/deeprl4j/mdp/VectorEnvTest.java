package org.deeprl4j.mdp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.Test;

final class VectorEnvTest {

  @Test
  void episodes_followOneAnother_withTrueFinalObservations() {
    VectorEnv envs = new SerialVectorEnv(List.of(new Counter(3), new Counter(2)), new Rng(1));
    envs.reset();
    float[] observations = envs.observations();
    float firstOfEpisode = observations[1];
    assertArrayEquals(new float[] {0, 0}, new float[] {observations[0], observations[3]});

    envs.step(new float[] {0, 1});
    assertSame(observations, envs.observations(), "the array is the live one");
    assertEquals(1, observations[0]);
    assertArrayEquals(new double[] {1, 2}, envs.rewards());
    assertEquals(0, envs.endedCount());

    envs.step(new float[] {1, 0});
    assertArrayEquals(new double[] {4, 2}, envs.rewards());
    assertArrayEquals(new boolean[] {false, true}, envs.ended());
    assertArrayEquals(new boolean[] {false, true}, envs.terminated());
    assertArrayEquals(new boolean[] {false, false}, envs.truncated());
    assertEquals(1, envs.endedCount());
    assertEquals(4, envs.episodeReturns()[1]); // 1·2 + 2·1
    assertEquals(2, envs.episodeLengths()[1]);
    assertEquals(0, envs.episodeSuccesses()[1]);
    assertEquals(2, envs.nextObservations()[3], "the final observation is kept");
    assertEquals(0, observations[3], "the new episode's first observation is current");
    assertEquals(2, envs.nextObservations()[0]);
    assertEquals(2, observations[0]);
    assertEquals(firstOfEpisode, observations[1], "environment 0 was not reset");

    envs.step(new float[] {1, 0});
    assertArrayEquals(new boolean[] {true, false}, envs.ended());
    assertEquals(1 + 4 + 6, envs.episodeReturns()[0]);
    assertEquals(3, envs.episodeLengths()[0]);
    assertEquals(1, envs.episodeSuccesses()[0]);
  }

  @Test
  void truncation_isKeptApartFromTermination() {
    VectorEnv envs =
        new SerialVectorEnv(
            List.of(new TimeLimit(new Counter(5), 2), new TimeLimit(new Counter(2), 2)),
            new Rng(1));
    envs.reset();
    envs.step(new float[2]);
    envs.step(new float[2]);
    assertArrayEquals(new boolean[] {false, true}, envs.terminated());
    assertArrayEquals(new boolean[] {true, true}, envs.truncated());
    assertArrayEquals(new boolean[] {true, true}, envs.ended());
  }

  @Test
  void environments_drawFromTheirOwnGenerators() {
    VectorEnv two = new SerialVectorEnv(List.of(new Counter(3), new Counter(3)), new Rng(1));
    VectorEnv one = new SerialVectorEnv(List.of(new Counter(3)), new Rng(1));
    two.reset();
    one.reset();
    assertTrue(two.observations()[1] != two.observations()[4]);
    assertEquals(one.observations()[1], two.observations()[1], "the number of others is no matter");
  }

  @Test
  void misuse_isNamed() {
    assertThrows(IllegalArgumentException.class, () -> new SerialVectorEnv(List.of(), new Rng(1)));
    Mdp other =
        new MdpWrapper(new Counter(2)) {
          @Override
          public Space actionSpace() {
            return Box.of(-1, 1, 1);
          }
        };
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new SerialVectorEnv(List.of(new Counter(2), other), new Rng(1)))
            .getMessage();
    assertTrue(message.contains("action space of environment 1"), message);

    VectorEnv envs = new SerialVectorEnv(List.of(new Counter(2), new Counter(2)), new Rng(1));
    assertThrows(IllegalStateException.class, () -> envs.step(new float[2]));
    envs.reset();
    message =
        assertThrows(IllegalArgumentException.class, () -> envs.step(new float[3])).getMessage();
    assertTrue(message.contains("[2, 1]") && message.contains("3"), message);
    envs.close();
    assertThrows(IllegalStateException.class, () -> envs.step(new float[2]));
  }

  @Test
  void whoBeginsAnew_afterALoad_isTold() {
    VectorEnv saved = new SerialVectorEnv(oneOfThreeStateless(), new Rng(1));
    saved.reset();
    saved.step(new float[3]);
    assertArrayEquals(new boolean[3], saved.restarted());
    byte[] state = StateFile.toBytes("vector", saved);

    VectorEnv loaded = new SerialVectorEnv(oneOfThreeStateless(), new Rng(2));
    StateFile.fromBytes(state, "vector", loaded);
    assertArrayEquals(new boolean[] {false, true, false}, loaded.restarted());
    assertEquals(1, loaded.restartedCount());
    assertEquals(1, loaded.observations()[0], "goes on");
    assertEquals(0, loaded.observations()[3], "began anew");
    for (int t = 0; t < 9; t++) {
      loaded.step(new float[3]);
    }
    assertArrayEquals(new boolean[] {true, false, true}, loaded.ended());
    assertEquals(10, loaded.episodeLengths()[0]);
    loaded.step(new float[3]);
    assertEquals(10, loaded.episodeLengths()[1], "without the steps of the episode that is gone");
  }

  private static List<Mdp> oneOfThreeStateless() {
    return List.of(new Counter.Saved(10), new Counter(10), new Counter.Saved(10));
  }

  /** Breaks in a chosen way at its third step. */
  private static final class Faulty extends MdpWrapper {
    private final java.util.function.Consumer<Step> fault;
    private int steps;

    Faulty(java.util.function.Consumer<Step> fault) {
      super(new Counter(10));
      this.fault = fault;
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      super.reset(random, observation);
      steps = 0;
    }

    @Override
    public void step(float[] action, Step next) {
      super.step(action, next);
      if (++steps == 3) {
        fault.accept(next);
      }
    }
  }

  private static EnvironmentException fault(java.util.function.Consumer<Step> fault) {
    VectorEnv envs =
        new SerialVectorEnv(
            List.of(new Counter(10), new Faulty(fault), new Faulty(fault)), new Rng(1));
    envs.reset();
    envs.step(new float[3]);
    envs.step(new float[3]);
    EnvironmentException e =
        assertThrows(EnvironmentException.class, () -> envs.step(new float[3]));
    assertEquals(1, e.index(), "the lowest index is reported");
    assertTrue(e.getMessage().startsWith("environment 1 (Counter), step 3 of its episode: "));
    assertSame(
        e,
        assertThrows(IllegalStateException.class, () -> envs.step(new float[3])).getCause(),
        "it stays stopped");
    return e;
  }

  @Test
  void faults_sayWhichEnvironmentWhereAndWhat() {
    String nan = fault(s -> s.observation()[1] = Float.NaN).getMessage();
    assertTrue(nan.endsWith("observation[1] is NaN, but every element must be finite"), nan);
    String inf = fault(s -> s.observation()[2] = Float.NEGATIVE_INFINITY).getMessage();
    assertTrue(inf.contains("observation[2] is -Infinity"), inf);
    String reward = fault(s -> s.setReward(Double.NaN)).getMessage();
    assertTrue(reward.endsWith("the reward is NaN, but it must be finite"), reward);
    String huge = fault(s -> s.setReward(1e40)).getMessage();
    assertTrue(
        huge.endsWith("the reward is 1.0E40, beyond any float, but it must be finite"), huge);
    EnvironmentException thrown =
        fault(
            s -> {
              throw new UnsupportedOperationException("no brakes");
            });
    assertInstanceOf(UnsupportedOperationException.class, thrown.getCause());
    assertTrue(thrown.getMessage().contains("no brakes"), thrown.getMessage());
  }

  @Test
  void fault_atReset_isReported() {
    Mdp broken =
        new MdpWrapper(new Counter(2)) {
          @Override
          public void reset(RandomGenerator random, float[] observation) {
            super.reset(random, observation);
            observation[0] = Float.NaN;
          }
        };
    VectorEnv envs = new SerialVectorEnv(List.of(broken), new Rng(1));
    String message = assertThrows(EnvironmentException.class, envs::reset).getMessage();
    assertTrue(
        message.startsWith("environment 0 (Counter), at its reset: observation[0]"), message);
  }

  @Test
  void finiteCheck_findsEveryNonFiniteValue() {
    float[] values = new float[37];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 2 == 0 ? Float.MAX_VALUE : -Float.MIN_VALUE;
    }
    assertTrue(Finite.all(values, 0, values.length));
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      for (int i = 0; i < values.length; i++) {
        float kept = values[i];
        values[i] = bad;
        assertFalse(Finite.all(values, 0, values.length));
        assertEquals(i, Finite.first(values, 0, values.length));
        values[i] = kept;
      }
    }
    assertEquals(-1, Finite.first(values, 0, values.length));
  }
}
