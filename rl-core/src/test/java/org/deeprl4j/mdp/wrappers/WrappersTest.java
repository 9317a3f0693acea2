package org.deeprl4j.mdp.wrappers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.deeprl4j.mdp.EnvironmentChecker;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.VectorEnv;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class WrappersTest {

  /**
   * Two numbers that the actions in [−2, 4] × [0, 10] are added to; rewards are the new sum;
   * terminates after 9 steps.
   */
  private static final class Adding extends Simulation {
    final float[] seen = new float[2];

    Adding() {
      super(3, Box.unbounded(2), Box.of(new float[] {-2, 0}, new float[] {4, 10}));
    }

    @Override
    protected void start(RandomGenerator random) {
      state[0] = random.nextInt(10);
      state[1] = 0;
      state[2] = 0;
    }

    @Override
    protected void advance(float[] action, Step next) {
      System.arraycopy(action, 0, seen, 0, 2);
      state[0] += action[0];
      state[1] += action[1];
      state[2]++;
      next.setReward(state[0] + state[1]);
      next.setTerminated(state[2] == 9);
    }

    @Override
    protected void observe(float[] observation) {
      observation[0] = (float) state[0];
      observation[1] = (float) state[1];
    }
  }

  /** Observes its step as an index in each of two spaces; two actions. */
  private static final class Indices extends Simulation {
    Indices(Space observations) {
      super(1, observations, new Discrete(2));
    }

    @Override
    protected void start(RandomGenerator random) {
      state[0] = 0;
    }

    @Override
    protected void advance(float[] action, Step next) {
      state[0] = (state[0] + 1) % 2;
    }

    @Override
    protected void observe(float[] observation) {
      Arrays.fill(observation, (float) state[0]);
    }
  }

  private static Step step(Mdp mdp, float... action) {
    Step next = new Step(mdp.observationSpace().size());
    mdp.step(action, next);
    return next;
  }

  private static float[] reset(Mdp mdp) {
    float[] observation = new float[mdp.observationSpace().size()];
    mdp.reset(new Rng(1), observation);
    return observation;
  }

  @Test
  void timeLimit_truncatesAtItsLastStep_andRefusesFurtherOnes() {
    TimeLimit mdp = new TimeLimit(new Adding(), 3);
    reset(mdp);
    assertFalse(step(mdp, 0, 0).ended());
    assertFalse(step(mdp, 0, 0).ended());
    Step last = step(mdp, 0, 0);
    assertTrue(last.truncated());
    assertFalse(last.terminated());
    assertThrows(IllegalStateException.class, () -> step(mdp, 0, 0));
    reset(mdp);
    assertFalse(step(mdp, 0, 0).ended());
    assertFalse(step(mdp, 0, 0).ended());
    assertTrue(step(mdp, 0, 0).truncated());
  }

  @Test
  void timeLimit_keepsTermination_onTheSameStep() {
    TimeLimit mdp = new TimeLimit(new Adding(), 9);
    reset(mdp);
    Step last = step(mdp, 0, 0);
    for (int t = 1; t < 9; t++) {
      last = step(mdp, 0, 0);
    }
    assertTrue(last.truncated());
    assertTrue(last.terminated());
  }

  /** Observes 10t + i in its element i of four. */
  private static final class Tens extends Simulation {
    Tens() {
      super(1, Box.of(new float[] {-1, -2, -3, -4}, new float[] {1, 2, 3, 4}), new Discrete(2));
    }

    @Override
    protected void start(RandomGenerator random) {
      state[0] = 0;
    }

    @Override
    protected void advance(float[] action, Step next) {
      state[0]++;
      next.setReward(7);
      next.setTerminated(state[0] == 2);
    }

    @Override
    protected void observe(float[] observation) {
      for (int i = 0; i < 4; i++) {
        observation[i] = (float) (10 * state[0] + i);
      }
    }
  }

  @Test
  void hide_showsTheOtherElements_andTheirBounds() {
    Mdp mdp = Wrappers.of(List.of("hide=3, 1")).apply(new Tens());
    assertEquals(Box.of(new float[] {-1, -3}, new float[] {1, 3}), mdp.observationSpace());
    assertArrayEquals(new float[] {0, 2}, reset(mdp));
    Step first = step(mdp, 1);
    assertArrayEquals(new float[] {10, 12}, first.observation());
    assertEquals(7, first.reward());
    assertFalse(first.ended());
    assertTrue(step(mdp, 0).terminated());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hide=4 | an element to hide must be in [0, 4), not 4",
        "hide=-1 | an element to hide must be in [0, 4), not -1",
        "hide=1,1 | element 1 is hidden twice",
        "hide=0,1,2,3 | no element of the observation would be left",
        "hide=1, | takes whole numbers, as in hide=1,3, not 'hide=1,'",
        "hide | takes whole numbers, as in hide=1,3, not 'hide'",
        "history=1,3 | takes a whole number, as in history=4",
      })
  void hide_refusesWhatIsNotThere(String described, String why) {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Wrappers.of(List.of(described)).apply(new Tens()))
            .getMessage();
    assertTrue(message.contains(why), message);
  }

  @Test
  void discretizeAction_namesEveryCornerOfTheGrid() {
    Adding inner = new Adding();
    DiscretizeAction mdp = new DiscretizeAction(inner, 3);
    assertEquals(new Discrete(9), mdp.actionSpace());
    reset(mdp);
    Set<List<Float>> seen = new HashSet<>();
    for (int i = 0; i < 9; i++) {
      step(mdp, i);
      seen.add(List.of(inner.seen[0], inner.seen[1]));
      if (i == 5) { // 1·3 + 2
        assertArrayEquals(new float[] {1, 10}, inner.seen);
      }
    }
    assertEquals(9, seen.size());
    assertThrows(IllegalArgumentException.class, () -> step(mdp, 9));
    assertThrows(IllegalArgumentException.class, () -> step(mdp, 0.5f));
  }

  @Test
  void discretizeAction_makes2187JointActions_ofSevenJoints_andRefusesWhatCannotBeCounted() {
    Mdp arm = new BoxActions(7);
    assertEquals(new Discrete(2187), new DiscretizeAction(arm, 3).actionSpace());
    String message =
        assertThrows(IllegalArgumentException.class, () -> new DiscretizeAction(arm, 21))
            .getMessage();
    assertTrue(message.contains("1.801e+09 joint actions"), message);
  }

  @Test
  void history_holdsObservationsThenActions_oldestFirst() {
    History mdp = new History(new Adding(), 2, 3);
    float[] first = reset(mdp);
    float x = first[0];
    assertArrayEquals(new float[] {x, 0, x, 0, 0, 0, 0, 0, 0, 0}, first);
    assertArrayEquals(
        new float[] {x, 0, x + 1, 2, 0, 0, 0, 0, 1, 2}, step(mdp, 1, 2).observation());
    assertArrayEquals(
        new float[] {x + 1, 2, x + 4, 6, 0, 0, 1, 2, 3, 4}, step(mdp, 3, 4).observation());
    reset(mdp);
    assertArrayEquals(new float[] {x, 0, x, 1, 0, 0, 0, 0, 0, 1}, step(mdp, 0, 1).observation());
  }

  @Test
  void history_encodesIndicesAsUnitVectors() {
    History mdp = new History(new Indices(new Discrete(2)), 1, 1);
    assertArrayEquals(new float[] {1, 0, 0, 0}, reset(mdp));
    assertArrayEquals(new float[] {0, 1, 0, 1}, step(mdp, 1).observation());
  }

  @Test
  void frameStack_addsAnAxis() {
    FrameStack mdp = new FrameStack(new Adding(), 3);
    assertArrayEquals(new int[] {3, 2}, ((Box) mdp.observationSpace()).shape());
    float x = reset(mdp)[0];
    assertArrayEquals(new float[] {x, 0, x, 0, x, 1}, step(mdp, 0, 1).observation());
  }

  /** Every wrapper around a fresh simulation. */
  static Stream<Mdp> wrappers() {
    return Stream.of(
        new TimeLimit(new Adding(), 7),
        new DiscretizeAction(new Adding(), 5),
        new History(new Adding(), 3, 2),
        new FrameStack(new Adding(), 2));
  }

  /** Saved and loaded in mid-episode, every wrapper goes on as if nothing had happened. */
  @ParameterizedTest
  @MethodSource("wrappers")
  void savedAndLoaded_goesOnAsIfNeverStopped(Mdp mdp) {
    VectorEnv one = VectorEnv.of(List.of(mdp), new Rng(1), 1);
    VectorEnv two = VectorEnv.of(List.of(fresh(mdp)), new Rng(2), 1);
    Rng actions = new Rng(5);
    float[] action = new float[mdp.actionSpace().size()];
    one.reset();
    for (int t = 0; t < 4; t++) {
      mdp.actionSpace().sample(actions, action, 0);
      one.step(action);
    }
    StateFile.fromBytes(StateFile.toBytes("mdp", one), "mdp", two);
    assertArrayEquals(new boolean[1], two.restarted());
    for (int t = 0; t < 3; t++) {
      mdp.actionSpace().sample(actions, action, 0);
      one.step(action);
      two.step(action);
      assertArrayEquals(one.nextObservations(), two.nextObservations());
      assertArrayEquals(one.rewards(), two.rewards());
      assertArrayEquals(one.truncated(), two.truncated());
    }
    assertArrayEquals(StateFile.toBytes("mdp", one), StateFile.toBytes("mdp", two));
  }

  /** Wrappers keep the whole contract of an environment. */
  @Test
  void wrappersKeepTheContract() {
    List<java.util.function.Supplier<Mdp>> sound =
        List.of(
            () -> new TimeLimit(new Adding(), 7),
            () -> new DiscretizeAction(new Adding(), 5),
            () -> new History(new Adding(), 3, 2),
            () -> new FrameStack(new Adding(), 2));
    for (var factory : sound) {
      assertEquals(
          List.of(),
          EnvironmentChecker.check(factory, 1),
          () -> factory.get().getClass().getSimpleName());
    }
  }

  private static Mdp fresh(Mdp like) {
    return wrappers().filter(m -> m.getClass() == like.getClass()).findFirst().orElseThrow();
  }

  @Test
  void findAndBase_walkTheChain() {
    Adding base = new Adding();
    TimeLimit limit = new TimeLimit(base, 5);
    Mdp chain = new MdpWrapper(limit) {};
    assertEquals(limit, MdpWrapper.find(chain, TimeLimit.class).orElseThrow());
    assertTrue(MdpWrapper.find(chain, History.class).isEmpty());
    assertEquals(base, MdpWrapper.base(chain));
  }

  /** Nothing but actions in [−1, 1]ⁿ. */
  private static final class BoxActions extends Simulation {
    BoxActions(int n) {
      super(1, Box.unbounded(1), Box.of(-1, 1, n));
    }

    @Override
    protected void start(RandomGenerator random) {}

    @Override
    protected void advance(float[] action, Step next) {}

    @Override
    protected void observe(float[] observation) {}
  }
}
