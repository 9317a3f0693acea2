package org.deeprl4j.mdp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.Finite;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.state.StateFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VectorEnvTest {
  /** Nothing takes less: work is shared from the second step on. */
  private static final long ALWAYS = -1;

  @Test
  void episodes_followOneAnother_withTrueFinalObservations() {
    VectorEnv envs = VectorEnv.of(List.of(new Counter(3), new Counter(2)), new Rng(1), 1);
    envs.reset();
    float[] observations = envs.observations();
    float firstOfEpisode = observations[1];
    assertArrayEquals(new float[] {0, 0}, new float[] {observations[0], observations[3]});

    envs.step(new float[] {0, 1});
    assertSame(observations, envs.observations(), "the array is the live one");
    assertEquals(1, observations[0]);
    assertArrayEquals(new double[] {1, 2}, envs.rewards());

    envs.step(new float[] {1, 0});
    assertArrayEquals(new double[] {4, 2}, envs.rewards());
    assertArrayEquals(new boolean[] {false, true}, envs.ended());
    assertArrayEquals(new boolean[] {false, true}, envs.terminated());
    assertArrayEquals(new boolean[] {false, false}, envs.truncated());
    assertEquals(4, envs.episodeReturns()[1]); // 1·2 + 2·1
    assertEquals(2, envs.episodeLengths()[1]);
    assertEquals(2, envs.nextObservations()[3], "the final observation is kept");
    assertEquals(0, observations[3], "the new episode's first observation is current");
    assertEquals(2, envs.nextObservations()[0]);
    assertEquals(2, observations[0]);
    assertEquals(firstOfEpisode, observations[1], "environment 0 was not reset");

    envs.step(new float[] {1, 0});
    assertArrayEquals(new boolean[] {true, false}, envs.ended());
    assertEquals(1 + 4 + 6, envs.episodeReturns()[0]);
    assertEquals(3, envs.episodeLengths()[0]);
  }

  private static VectorEnv threeSaved() {
    VectorEnv envs =
        VectorEnv.of(
            List.of(new Counter.Saved(3), new Counter.Saved(4), new Counter.Saved(5)),
            new Rng(1),
            1);
    envs.reset();
    return envs;
  }

  /**
   * Each of three vectors steps one environment of the same three, which one vector steps alone.
   */
  @Test
  void parts_goFromVectorToVector() {
    VectorEnv whole = threeSaved();
    List<VectorEnv> others = List.of(threeSaved(), threeSaved(), threeSaved());
    assertTrue(whole.savesAll());
    for (int t = 0; t < 20; t++) {
      float[] actions = {t % 2, (t + 1) % 2, 1};
      whole.step(actions);
      for (int i = 0; i < 3; i++) {
        VectorEnv from = others.get((t + i) % 3);
        VectorEnv to = others.get((t + 1 + i) % 3);
        byte[] other = StateFile.toBytes("part", to.part((i + 1) % 3, 1));
        StateFile.fromBytes(StateFile.toBytes("part", from.part(i, 1)), "part", to.part(i, 1));
        to.step(actions, i, 1);
        assertArrayEquals(
            StateFile.toBytes("part", whole.part(i, 1)), StateFile.toBytes("part", to.part(i, 1)));
        assertArrayEquals(other, StateFile.toBytes("part", to.part((i + 1) % 3, 1)));
        assertEquals(whole.rewards()[i], to.rewards()[i]);
        assertEquals(whole.ended()[i], to.ended()[i]);
        if (whole.ended()[i]) {
          assertEquals(whole.episode(i), to.episode(i));
        }
      }
    }
  }

  /** What is known of environments that go on elsewhere is saved, and they are not begun here. */
  @Test
  void withStatesOnly_aVectorSavesWhatItWasGiven() {
    AtomicInteger closed = new AtomicInteger();
    Supplier<Mdp> counters =
        () ->
            new MdpWrapper(new TimeLimit(new Counter(9), 7)) {
              @Override
              public void close() {
                closed.incrementAndGet();
              }
            };
    VectorEnv there = VectorEnv.of(counters, 2, new Rng(1), 1);
    VectorEnv here = VectorEnv.of(counters, 2, new Rng(1), 1);
    there.reset();
    here.reset();
    here.keepStatesOnly();
    here.keepStatesOnly();
    assertEquals(2, closed.get());
    for (int t = 0; t < 4; t++) {
      there.step(new float[] {1, 0});
    }
    for (int i = 0; i < 2; i++) {
      StateFile.fromBytes(StateFile.toBytes("part", there.part(i, 1)), "part", here.part(i, 1));
    }
    assertEquals(0, here.restartedCount());
    assertArrayEquals(StateFile.toBytes("all", there), StateFile.toBytes("all", here));
    assertThrows(IllegalStateException.class, () -> here.step(new float[2]));
    assertThrows(IllegalStateException.class, () -> here.step(new float[2], 0, 1));
    assertThrows(IllegalStateException.class, here::reset);
    here.close();
    assertEquals(2, closed.get());
    byte[] part = StateFile.toBytes("part", there.part(0, 1));
    StateFile.fromBytes(part, "part", there.part(0, 1));
    assertArrayEquals(new boolean[] {true, false}, there.restarted());
    List<Integer> told = new ArrayList<>();
    there.forEachRestarted(told::add);
    assertEquals(List.of(0), told);
  }

  @Test
  void aPart_mustBeOne() {
    VectorEnv envs = threeSaved();
    assertThrows(IndexOutOfBoundsException.class, () -> envs.part(2, 2));
    assertThrows(IndexOutOfBoundsException.class, () -> envs.step(new float[3], 3, 1));
    byte[] part = StateFile.toBytes("part", envs.part(0, 2));
    assertThrows(
        StateFormatException.class, () -> StateFile.fromBytes(part, "part", envs.part(1, 2)));
    assertFalse(
        VectorEnv.of(List.of(new Counter.Saved(3), new Counter(3)), new Rng(1), 1).savesAll());
  }

  @Test
  void truncation_isKeptApartFromTermination() {
    VectorEnv envs =
        VectorEnv.of(
            List.of(new TimeLimit(new Counter(5), 2), new TimeLimit(new Counter(2), 2)),
            new Rng(1),
            1);
    envs.reset();
    envs.step(new float[2]);
    envs.step(new float[2]);
    assertArrayEquals(new boolean[] {false, true}, envs.terminated());
    assertArrayEquals(new boolean[] {true, true}, envs.truncated());
    assertArrayEquals(new boolean[] {true, true}, envs.ended());
  }

  @Test
  void environments_drawFromTheirOwnGenerators() {
    VectorEnv two = VectorEnv.of(List.of(new Counter(3), new Counter(3)), new Rng(1), 1);
    VectorEnv one = VectorEnv.of(List.of(new Counter(3)), new Rng(1), 1);
    two.reset();
    one.reset();
    assertTrue(two.observations()[1] != two.observations()[4]);
    assertEquals(one.observations()[1], two.observations()[1], "the number of others is no matter");
  }

  @Test
  void misuse_isNamed() {
    assertThrows(IllegalArgumentException.class, () -> VectorEnv.of(List.of(), new Rng(1), 1));
    assertThrows(
        IllegalArgumentException.class, () -> VectorEnv.of(List.of(new Counter(2)), new Rng(1), 0));
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
                () -> VectorEnv.of(List.of(new Counter(2), other), new Rng(1), 1))
            .getMessage();
    assertTrue(message.contains("action space of environment 1"), message);

    VectorEnv envs = VectorEnv.of(List.of(new Counter(2), new Counter(2)), new Rng(1), 1);
    assertThrows(IllegalStateException.class, () -> envs.step(new float[2]));
    envs.reset();
    message =
        assertThrows(IllegalArgumentException.class, () -> envs.step(new float[3])).getMessage();
    assertTrue(message.contains("[2, 1]") && message.contains("3"), message);
    envs.close();
    assertThrows(IllegalStateException.class, () -> envs.step(new float[2]));
  }

  @Test
  void load_tellsWhichEnvironmentsRestart() {
    VectorEnv saved = VectorEnv.of(oneOfThreeStateless(), new Rng(1), 1);
    saved.reset();
    saved.step(new float[3]);
    assertArrayEquals(new boolean[3], saved.restarted());
    byte[] state = StateFile.toBytes("vector", saved);

    VectorEnv loaded = VectorEnv.of(oneOfThreeStateless(), new Rng(2), 1);
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
    private final Consumer<Step> fault;
    private int steps;

    Faulty(Consumer<Step> fault) {
      this(new Counter(10), fault);
    }

    Faulty(Mdp inner, Consumer<Step> fault) {
      super(inner);
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

  private static EnvironmentException fault(Consumer<Step> fault) {
    fault(fault, 3);
    return fault(fault, 1);
  }

  private static EnvironmentException fault(Consumer<Step> fault, int threads) {
    List<Mdp> mdps = List.of(new Counter(10), new Faulty(fault), new Faulty(fault));
    VectorEnv envs = new VectorEnv(mdps, new Rng(1), threads, ALWAYS);
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
    assertTrue(reward.endsWith("the reward is NaN, but it must be a finite float"), reward);
    reward = fault(s -> s.setReward(1e40)).getMessage();
    assertTrue(reward.endsWith("the reward is 1.0E40, but it must be a finite float"), reward);
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
    VectorEnv envs = VectorEnv.of(List.of(broken), new Rng(1), 1);
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

  /** Counters of several lengths, some of which can be saved. */
  private static List<Mdp> counters(int n) {
    List<Mdp> mdps = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      mdps.add(i % 2 == 0 ? new Counter.Saved(2 + i) : new Counter(2 + i));
    }
    return mdps;
  }

  /** Everything that so many steps give, in one list. */
  private static List<double[]> run(VectorEnv envs, Rng random, int steps) {
    List<double[]> all = new ArrayList<>();
    float[] actions = new float[envs.count()];
    for (int t = 0; t < steps; t++) {
      for (int i = 0; i < actions.length; i++) {
        envs.actionSpace().sample(random, actions, i);
      }
      envs.step(actions);
      all.add(doubles(envs.observations()));
      all.add(doubles(envs.nextObservations()));
      all.add(envs.rewards().clone());
      for (int i = 0; i < actions.length; i++) {
        all.add(
            new double[] {
              envs.terminated()[i] ? 1 : 0,
              envs.truncated()[i] ? 1 : 0,
              envs.ended()[i] ? 1 : 0,
              envs.ended()[i] ? envs.episodeReturns()[i] : 0,
              envs.ended()[i] ? envs.episodeLengths()[i] : 0
            });
      }
    }
    return all;
  }

  private static double[] doubles(float[] values) {
    double[] copy = new double[values.length];
    Arrays.setAll(copy, i -> values[i]);
    return copy;
  }

  private static void assertSameRuns(List<double[]> one, List<double[]> two) {
    assertEquals(one.size(), two.size());
    for (int i = 0; i < one.size(); i++) {
      assertArrayEquals(one.get(i), two.get(i), "record " + i);
    }
  }

  @ParameterizedTest
  @CsvSource({"7,2", "7,4", "2,9", "64,3"})
  void threads_changeNoBit(int n, int threads) {
    try (VectorEnv serial = VectorEnv.of(counters(n), new Rng(1), 1);
        VectorEnv parallel = new VectorEnv(counters(n), new Rng(1), threads, ALWAYS)) {
      serial.reset();
      parallel.reset();
      assertSameRuns(run(serial, new Rng(2), 600), run(parallel, new Rng(2), 600));
      assertArrayEquals(StateFile.toBytes("vector", serial), StateFile.toBytes("vector", parallel));
    }
  }

  @Test
  void state_continuesExactly_whereEnvironmentsCanBeSaved() {
    List<Mdp> saved = List.of(new Counter.Saved(7), new TimeLimit(new Counter.Saved(9), 5));
    List<Mdp> loaded = List.of(new Counter.Saved(7), new TimeLimit(new Counter.Saved(9), 5));
    try (VectorEnv one = VectorEnv.of(saved, new Rng(1), 1);
        VectorEnv two = VectorEnv.of(loaded, new Rng(3), 1)) {
      one.reset();
      run(one, new Rng(2), 12);
      StateFile.fromBytes(StateFile.toBytes("vector", one), "vector", two);
      assertArrayEquals(new boolean[2], two.restarted());
      assertArrayEquals(one.observations(), two.observations());
      assertArrayEquals(two.observations(), two.nextObservations());
      assertSameRuns(run(one, new Rng(4), 20), run(two, new Rng(4), 20));
    }
  }

  @Test
  void load_startsNewEpisodes_whereEnvironmentsCannotBeSaved_andSaysWhich() {
    try (VectorEnv one = VectorEnv.of(counters(3), new Rng(1), 1);
        VectorEnv two = VectorEnv.of(counters(3), new Rng(3), 1)) {
      one.reset();
      one.step(new float[] {1, 1, 1});
      byte[] state = StateFile.toBytes("vector", one);
      StateFile.fromBytes(state, "vector", two);
      assertArrayEquals(new boolean[] {false, true, false}, two.restarted());
      assertEquals(1, two.restartedCount());
      assertEquals(1, two.observations()[0]);
      assertEquals(0, two.observations()[3], "a new episode");
      two.step(new float[] {0, 0, 0});
      two.step(new float[] {0, 0, 0});
      two.step(new float[] {0, 0, 0});
      assertEquals(1 + 2 + 3, two.episodeReturns()[1], "what the lost episode earned is forgotten");
      assertEquals(3, two.episodeLengths()[1]);
      VectorEnv four = VectorEnv.of(counters(4), new Rng(3), 1);
      String message =
          assertThrows(StateFormatException.class, () -> StateFile.fromBytes(state, "vector", four))
              .getMessage();
      assertTrue(message.contains("3 environments") && message.contains("are 4"), message);
    }
  }

  @Test
  void save_needsAnEpisode_andAfterAFaultLeavesOutTheEnvironmentThatFailed() {
    VectorEnv envs =
        VectorEnv.of(
            List.of(new Counter.Saved(9), new Faulty(new Counter.Saved(9), s -> s.setReward(1e40))),
            new Rng(1),
            1);
    assertThrows(IllegalStateException.class, () -> StateFile.toBytes("vector", envs));
    envs.reset();
    envs.step(new float[2]);
    envs.step(new float[2]);
    assertThrows(EnvironmentException.class, () -> envs.step(new float[2]));
    VectorEnv next =
        VectorEnv.of(
            List.of(new Counter.Saved(9), new Faulty(new Counter.Saved(9), s -> {})),
            new Rng(2),
            1);
    StateFile.fromBytes(StateFile.toBytes("vector", envs), "vector", next);
    assertArrayEquals(new boolean[] {false, true}, next.restarted());
    assertEquals(3, next.observations()[0]);
    assertEquals(0, next.observations()[3]);
  }

  /** Takes its time, and remembers who stepped it. */
  private static final class Watched extends MdpWrapper {
    final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final long nanos;

    Watched(long nanos) {
      super(new Counter(1000));
      this.nanos = nanos;
    }

    @Override
    public void step(float[] action, Step next) {
      threads.add(Thread.currentThread());
      super.step(action, next);
      for (long end = System.nanoTime() + nanos; System.nanoTime() < end; ) {
        Thread.onSpinWait();
      }
    }
  }

  private static Set<Thread> threadsOf(List<Watched> mdps) {
    return mdps.stream().flatMap(mdp -> mdp.threads.stream()).collect(Collectors.toSet());
  }

  @Test
  @Timeout(60)
  void costlySteps_areSharedByThreads_thatParkWhenIdleAndEndWithTheVector() throws Exception {
    List<Watched> mdps = List.of(new Watched(200_000), new Watched(200_000));
    try (VectorEnv envs = VectorEnv.of(mdps, new Rng(1), 8)) {
      envs.reset();
      while (threadsOf(mdps).size() < 2) {
        envs.step(new float[2]);
      }
      Set<Thread> helpers = threadsOf(mdps);
      helpers.remove(Thread.currentThread());
      assertEquals(1, helpers.size(), "two environments need no more");
      Thread helper = helpers.iterator().next();
      while (helper.getState() != Thread.State.WAITING) {
        Thread.sleep(1);
      }
      envs.step(new float[2]);
      envs.close();
      helper.join();
    }
  }

  @Test
  void cheapSteps_areNotShared() {
    List<Watched> mdps = List.of(new Watched(0), new Watched(0));
    try (VectorEnv envs = VectorEnv.of(mdps, new Rng(1), 2)) {
      envs.reset();
      for (int t = 0; t < 2000; t++) { // until all of it is compiled
        envs.step(new float[2]);
      }
      mdps.forEach(mdp -> mdp.threads.clear());
      for (int t = 0; t < 2000; t++) {
        envs.step(new float[2]);
      }
      assertEquals(Set.of(Thread.currentThread()), threadsOf(mdps));
    }
  }

  /** Remembers what it was told and what it did. */
  private static final class Announced extends MdpWrapper implements AnnouncedMdp {
    private final List<String> log;

    Announced(List<String> log) {
      super(new Counter(9));
      this.log = log;
    }

    @Override
    public void announce(float[] action) {
      log.add("announced " + action[0]);
    }

    @Override
    public void step(float[] action, Step next) {
      log.add("step " + action[0] + " on " + Thread.currentThread().getName());
      super.step(action, next);
    }
  }

  @Test
  void actions_areAnnouncedBeforeTheFirstStep_whichTheCallerMakes() {
    List<String> log = new ArrayList<>();
    List<Mdp> mdps = List.of(new Announced(log), new TimeLimit(new Announced(log), 9));
    try (VectorEnv envs = new VectorEnv(mdps, new Rng(1), 4, ALWAYS)) {
      envs.reset();
      String own = " on " + Thread.currentThread().getName();
      for (int t = 0; t < 5; t++) {
        envs.step(new float[] {1, 0});
        assertEquals(
            List.of("announced 1.0", "announced 0.0", "step 1.0" + own, "step 0.0" + own), log);
        log.clear();
      }
    }
  }
}
