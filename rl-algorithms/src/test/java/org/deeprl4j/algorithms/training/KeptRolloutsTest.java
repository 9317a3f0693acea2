package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.mdp.AnnouncedMdp;
import org.deeprl4j.mdp.EnvironmentException;
import org.deeprl4j.mdp.MaskedMdp;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rollouts elsewhere, in environments whose states cannot be saved and so stay where they are. */
final class KeptRolloutsTest {
  private static final int ENVIRONMENTS = 6;
  private static final int ROWS = 48 * ENVIRONMENTS;
  private static final String SETTINGS =
      "environments=6 rolloutSteps=48 batchSize=96 hidden=8 normalizeRewards=true";
  private static final String MEMORY = SETTINGS + " lstmUnits=4";

  /** Steps of an episode: the time limit's, as nothing else ends one. */
  private static final int LENGTH = 21;

  /** All that were made, in their order. */
  private final List<Hidden> made = new ArrayList<>();

  private Compute compute;

  @BeforeEach
  void open() {
    compute = Compute.create(Compute.Kernels.JAVA, 1);
  }

  @AfterEach
  void close() {
    compute.close();
  }

  /** A walk that keeps its place to itself and draws on its way; some steps are not legal. */
  private static final class Hidden implements AnnouncedMdp, MaskedMdp {
    private int place;
    private RandomGenerator random = new Rng(0);
    private int left = Integer.MAX_VALUE;
    private boolean recovers;
    int closed;

    /** Has it fail in a step. */
    void failAfter(int steps, boolean gone) {
      left = steps;
      recovers = gone;
    }

    @Override
    public Space observationSpace() {
      return Box.of(-100, 100, 2);
    }

    @Override
    public Space actionSpace() {
      return new Discrete(3);
    }

    @Override
    public void reset(RandomGenerator start, float[] observation) {
      random = start;
      place = random.nextInt(5);
      observe(observation);
    }

    @Override
    public void step(float[] action, Step next) {
      if (--left < 0) {
        throw new IllegalStateException("broken");
      }
      place += (int) action[0] - 1;
      observe(next.observation());
      next.setReward(place + random.nextFloat());
    }

    private void observe(float[] observation) {
      observation[0] = place;
      observation[1] = random.nextFloat();
    }

    @Override
    public void actionMask(boolean[] legal) {
      Arrays.fill(legal, true);
      legal[0] = place > -2;
    }

    @Override
    public void announce(float[] action) {}

    @Override
    public boolean isGone() {
      return left < 0 && recovers;
    }

    @Override
    public void close() {
      closed++;
    }
  }

  private Mdp environment() {
    Hidden one = new Hidden();
    made.add(one);
    return new TimeLimit(one, LENGTH);
  }

  private OnPolicyTrainer start(String settings, Supplier<Mdp> environments, Compute by) {
    PpoConfig configuration =
        Configurations.bind(
            Algorithms.PPO.defaults(),
            List.of(Configurations.assignments("test", Arrays.asList(settings.split(" ")))));
    return (OnPolicyTrainer)
        Algorithms.PPO.start(new TrainingSetup(environments, 8 * ROWS, 3, by), configuration);
  }

  private OnPolicyTrainer start(String settings) {
    return start(settings, this::environment, compute);
  }

  /** Parts that are gathered in this program, and what happens to them. */
  private final class Workers implements RolloutWorkers {
    final RolloutPool pool;
    private final IntUnaryOperator parts; // by the rollout
    final List<String> told = new ArrayList<>();
    Runnable before = () -> {};
    int rollouts;
    boolean answerIsLost; // of the first part, once

    Workers(String settings, IntUnaryOperator parts) {
      this.parts = parts;
      pool =
          new RolloutPool(
              sparing ->
                  start(
                      settings,
                      sparing.apply(KeptRolloutsTest.this::environment),
                      Compute.create(Compute.Kernels.JAVA, 1)));
    }

    @Override
    public int count() {
      return parts.applyAsInt(rollouts);
    }

    @Override
    public List<byte[]> gather(byte[] policy, List<byte[]> all, boolean stay) {
      assertTrue(stay);
      rollouts++;
      before.run();
      if (answerIsLost) {
        answerIsLost = false;
        pool.gather(policy, all.get(0));
      }
      return all.stream().map(part -> pool.gather(policy, part)).toList();
    }

    @Override
    public void close() {
      pool.close();
    }
  }

  private static byte[] state(Trainer trainer) {
    return StateFile.toBytes("test", trainer);
  }

  private static List<Integer> lengths(Trainer trainer) {
    List<Integer> lengths = new ArrayList<>();
    trainer.episodes().listen(null, (steps, episode) -> lengths.add(episode.length()));
    return lengths;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        SETTINGS,
        MEMORY,
        SETTINGS + " normalizeObservations=true statisticsPerRollout=true"
      })
  void whileNothingIsLost_aRunHasTheBitsOfOneProgram(String settings) {
    try (OnPolicyTrainer local = start(settings);
        OnPolicyTrainer remote = start(settings);
        Workers workers = new Workers(settings, rollout -> 3 - rollout % 2)) {
      RemoteRollouts.gatherOn(remote, workers, workers.told::add);
      List<Integer> ended = lengths(remote);
      while (!local.done()) {
        assertEquals(local.iterate().values(), remote.iterate().values());
        assertArrayEquals(state(local), state(remote));
      }
      assertEquals(List.of(), workers.told);
      assertTrue(ended.size() > 10);
    }
  }

  /** Each is made once where it is stepped, and none is left anywhere. */
  @Test
  void environments_areThoseThatAreStepped_andAllAreClosed() {
    Workers workers = new Workers(SETTINGS, rollout -> 3);
    try (OnPolicyTrainer remote = start(SETTINGS)) {
      assertEquals(ENVIRONMENTS, made.size());
      RemoteRollouts.gatherOn(remote, workers, workers.told::add);
      remote.train();
      assertEquals(2 * ENVIRONMENTS, made.size());
      for (int i = 0; i < made.size(); i++) {
        assertEquals(i < ENVIRONMENTS ? 1 : 0, made.get(i).closed, "environment " + i);
      }
      workers.pool.closeIdle(Duration.ofHours(1));
      assertEquals(0, made.get(made.size() - 1).closed);
      workers.close();
    }
    assertTrue(made.stream().allMatch(one -> one.closed == 1));
  }

  private OnPolicyTrainer withLosses(Workers workers) {
    OnPolicyTrainer remote = start(MEMORY);
    RemoteRollouts.gatherOn(remote, workers, workers.told::add);
    workers.before =
        () -> {
          if (workers.rollouts == 4) {
            workers.pool.closeIdle(Duration.ZERO);
          }
        };
    return remote;
  }

  /** The run says so, no episode goes on that was cut off, and memories of it are gone. */
  @Test
  void environmentsThatAreLost_beginAnew() {
    try (Workers workers = new Workers(MEMORY, rollout -> 2);
        OnPolicyTrainer remote = withLosses(workers)) {
      List<Integer> ended = lengths(remote);
      for (int i = 0; i < 3; i++) {
        remote.iterate();
      }
      assertTrue(memory(remote) > 0, "no episode goes on");
      remote.iterate();
      assertEquals(0, memory(remote));
      assertEquals(
          List.of(
              "after 864 steps, environments that could not be reached and began new episodes: 6"
                  + " of 6"),
          workers.told);
      remote.train();
      assertEquals(1, workers.told.size());
      // 144 steps, of which the last 18 are lost, and 240.
      assertEquals((6 + 11) * ENVIRONMENTS, ended.size());
      assertTrue(ended.stream().allMatch(length -> length == LENGTH), ended.toString());
    }
  }

  /** The largest state in which an environment's first row of a rollout was seen. */
  private static float memory(OnPolicyTrainer trainer) {
    int size = trainer.rollout.observationSize();
    float most = 0;
    for (int e = 0; e < ENVIRONMENTS; e++) {
      for (int i = size - 1 - trainer.model.stateSize(); i < size - 1; i++) {
        most = Math.max(most, Math.abs(trainer.rollout.observations()[e * size + i]));
      }
    }
    return most;
  }

  @Test
  void theSameLosses_giveTheSameBits() {
    byte[][] states = new byte[2][];
    for (int i = 0; i < 2; i++) {
      try (Workers workers = new Workers(MEMORY, rollout -> 2);
          OnPolicyTrainer remote = withLosses(workers)) {
        remote.train();
        states[i] = state(remote);
      }
    }
    assertArrayEquals(states[0], states[1]);
    try (OnPolicyTrainer local = start(MEMORY)) {
      local.train();
      assertFalse(Arrays.equals(states[0], state(local)), "nothing was lost");
    }
  }

  /** What was gathered without the run knowing is no place to go on from. */
  @Test
  void aPartThatIsGatheredTwice_beginsAnew() {
    try (Workers workers = new Workers(SETTINGS, rollout -> 3);
        OnPolicyTrainer remote = start(SETTINGS)) {
      RemoteRollouts.gatherOn(remote, workers, workers.told::add);
      remote.iterate();
      workers.answerIsLost = true;
      remote.iterate();
      assertEquals(1, workers.told.size(), workers.told.toString());
      assertTrue(workers.told.get(0).endsWith(": 2 of 6"), workers.told.get(0));
      remote.train();
      assertEquals(1, workers.told.size(), workers.told.toString());
    }
  }

  /** Fewer workers than before gather as many parts; more than before get parts of their own. */
  @Test
  void moreWorkers_getParts_fewerGatherAsMany() {
    try (Workers workers =
            new Workers(SETTINGS, rollout -> List.of(2, 1, 2, 3, 1).get(rollout % 5));
        OnPolicyTrainer remote = start(SETTINGS)) {
      RemoteRollouts.gatherOn(remote, workers, workers.told::add);
      for (int i = 0; i < 3; i++) {
        remote.iterate();
      }
      assertEquals(List.of(), workers.told);
      remote.train();
      assertEquals(1, workers.told.size(), workers.told.toString());
    }
  }

  /** The last of those that step something. */
  private Hidden last() {
    return made.get(made.size() - 1);
  }

  @Test
  void aProcessThatEnds_isReplaced() {
    try (Workers workers = new Workers(SETTINGS, rollout -> 3);
        OnPolicyTrainer remote = start(SETTINGS)) {
      RemoteRollouts.gatherOn(remote, workers, workers.told::add);
      remote.iterate();
      Hidden broken = last();
      broken.failAfter(7, true);
      remote.iterate();
      assertEquals(1, broken.closed);
      assertTrue(workers.told.get(0).endsWith(": 2 of 6"), workers.told.get(0));
      remote.train();
      assertEquals(1, workers.told.size(), workers.told.toString());
    }
  }

  /** An environment that fails is told as it is by one program. */
  @Test
  void aFault_endsTheRun() {
    try (Workers workers = new Workers(SETTINGS, rollout -> 3);
        OnPolicyTrainer remote = start(SETTINGS);
        OnPolicyTrainer local = start(SETTINGS)) {
      Hidden here = last();
      RemoteRollouts.gatherOn(remote, workers, workers.told::add);
      remote.iterate();
      local.iterate();
      last().failAfter(7, false);
      here.failAfter(7, false);
      EnvironmentException there = assertThrows(EnvironmentException.class, remote::iterate);
      EnvironmentException expected = assertThrows(EnvironmentException.class, local::iterate);
      assertEquals(expected.getMessage(), there.getMessage());
    }
  }

  /** A resumed run has said already that its environments began anew. */
  @Test
  void aRunThatIsResumed_goesOnElsewhere() {
    try (Workers before = new Workers(MEMORY, rollout -> 2);
        Workers after = new Workers(MEMORY, rollout -> 2);
        OnPolicyTrainer first = start(MEMORY);
        OnPolicyTrainer second = start(MEMORY)) {
      RemoteRollouts.gatherOn(first, before, before.told::add);
      first.iterate();
      byte[] middle = state(first);
      first.train();
      StateFile.fromBytes(middle, "test", second);
      assertEquals(ENVIRONMENTS, second.restarted());
      RemoteRollouts.gatherOn(second, after, after.told::add);
      List<Integer> ended = lengths(second);
      second.train();
      assertEquals(List.of(), after.told);
      assertTrue(ended.stream().allMatch(length -> length == LENGTH), ended.toString());
    }
  }
}
