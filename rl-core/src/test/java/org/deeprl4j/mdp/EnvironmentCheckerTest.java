package org.deeprl4j.mdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.deeprl4j.mdp.Finding.Severity;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Space;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EnvironmentCheckerTest {
  private static final AtomicInteger MADE = new AtomicInteger();

  @Test
  void soundEnvironment_hasNoFindings() {
    assertEquals(List.of(), EnvironmentChecker.check(() -> new Counter(20), 1));
    assertEquals(List.of(), EnvironmentChecker.check(Point::new, 1));
    assertEquals(List.of(), EnvironmentChecker.check(() -> new Goal(-1, true, true), 1));
  }

  @Test
  void globalRandomness_isTheOnlyFinding() {
    List<Finding> findings =
        EnvironmentChecker.check(
            () ->
                new Point() {
                  @Override
                  protected void advance(float[] action, Step next) {
                    super.advance(action, next);
                    next.setReward(MADE.incrementAndGet());
                  }
                },
            1);
    assertEquals(List.of("determinism"), findings.stream().map(Finding::check).toList());
    assertTrue(findings.get(0).message().contains("all randomness must come from the generator"));
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        fault("spaces", "making the environment failed", Unmakeable::new),
        fault("spaces", "different spaces", Shapeshifter::new),
        fault(
            "spaces",
            "observationSpace() returns null",
            () ->
                new Counter(20) {
                  @Override
                  public Space observationSpace() {
                    return (new Space[1])[0]; // null
                  }
                }),
        fault(
            "values",
            "has NaN as element 0",
            () ->
                new Point() {
                  @Override
                  protected void observe(float[] observation) {}
                }),
        fault(
            "values",
            "element 0 is 3.0, not in [-1.0, 1.0]",
            () ->
                new Point() {
                  @Override
                  protected void observe(float[] observation) {
                    observation[0] = 3;
                  }
                }),
        fault(
            "values",
            "the reward of step 1 is Infinity",
            () ->
                new Point() {
                  @Override
                  protected void advance(float[] action, Step next) {
                    super.advance(action, next);
                    next.setReward(Double.POSITIVE_INFINITY);
                  }
                }),
        fault(
            "values",
            "step 1 with action [",
            () ->
                new Point() {
                  @Override
                  protected void advance(float[] action, Step next) {
                    throw new ArithmeticException("/ by zero");
                  }
                }),
        fault(
            "values",
            "the reward of step 1 is 1.0E40, but it must be a finite float",
            () ->
                new Point() {
                  @Override
                  protected void advance(float[] action, Step next) {
                    super.advance(action, next);
                    next.setReward(1e40);
                  }
                }),
        fault("goals", "reward([0.01], [0.01]) is -2.0", () -> new Goal(-2, false, false)),
        fault(
            "goals",
            "step 20 did not terminate, but terminated([0.2], [0.2]) is true",
            () -> new Goal(-1, false, true)),
        fault(
            "goals",
            "step 20 terminated in success, but terminated([0.2], [0.2]) is false",
            () -> new Goal(-1, true, false)),
        fault("threads", "environments must share nothing that changes", Sharer::new),
        fault(
            "determinism",
            "all randomness must come from the generator",
            () ->
                new Point() {
                  @Override
                  protected void start(RandomGenerator random) {
                    state[0] = (MADE.incrementAndGet() % 7) / 10.0;
                  }
                }),
        fault(
            "determinism",
            "must leave nothing of earlier episodes",
            () ->
                new Point() {
                  private double episodes;

                  @Override
                  protected void start(RandomGenerator random) {
                    state[0] = Math.min(0.5, episodes++ / 100);
                  }
                }),
        fault("arrays", "must keep no reference", Keeper::new),
        fault("arrays", "step changed its action", Scribbler::new),
        fault("life cycle", "a step before the first reset was accepted", Lenient::new),
        fault("life cycle", "a step after the episode's end was accepted", Lenient::new),
        fault("actions", "an action with a NaN as element 0 was accepted", Lenient::new),
        fault("actions", "one element too long was accepted", Lenient::new),
        fault(
            "state",
            "the state is not complete",
            () ->
                new Point() {
                  private double hidden;

                  @Override
                  protected void start(RandomGenerator random) {
                    super.start(random);
                    hidden = 0;
                  }

                  @Override
                  protected void advance(float[] action, Step next) {
                    super.advance(action, next);
                    next.setReward(++hidden);
                  }
                }));
  }

  private static Arguments fault(String check, String message, Supplier<? extends Mdp> factory) {
    return Arguments.of(check, message, factory);
  }

  @ParameterizedTest
  @MethodSource("faults")
  void fault_isNamed(String check, String message, Supplier<? extends Mdp> factory) {
    List<Finding> findings = EnvironmentChecker.check(factory, 1);
    assertTrue(
        findings.stream()
            .anyMatch(
                f ->
                    f.severity() == Severity.ERROR
                        && f.check().equals(check)
                        && f.message().contains(message)),
        () -> "nothing of \"" + message + "\" among " + findings);
  }

  @Test
  void endlessEpisode_largeObservations_andUnboundedActions_areWarnings() {
    List<Finding> findings =
        EnvironmentChecker.check(
            () ->
                new Simulation(1, Box.unbounded(1), Box.unbounded(1)) {
                  @Override
                  protected void start(RandomGenerator random) {
                    state[0] = 1000;
                  }

                  @Override
                  protected void advance(float[] action, Step next) {}

                  @Override
                  protected void observe(float[] observation) {
                    observation[0] = (float) state[0];
                  }
                },
            1);
    assertEquals(
        List.of("spaces", "scale", "episodes"), findings.stream().map(Finding::check).toList());
    assertTrue(findings.stream().allMatch(f -> f.severity() == Severity.WARNING));
  }

  /** A sound simulation: a point in [−1, 1] that is pushed, for ten steps. */
  private static class Point extends Simulation {
    Point() {
      super(2, Box.of(-1, 1, 1), Box.of(-1, 1, 1));
    }

    @Override
    protected void start(RandomGenerator random) {
      state[0] = random.nextDouble();
      state[1] = 0;
    }

    @Override
    protected void advance(float[] action, Step next) {
      state[0] = Math.max(-1, Math.min(1, state[0] + 0.1 * action[0]));
      next.setReward(-state[0] * state[0]);
      next.setTerminated(++state[1] == 10);
    }

    @Override
    protected void observe(float[] observation) {
      observation[0] = (float) state[0];
    }
  }

  private static final class Unmakeable extends Point {
    Unmakeable() {
      throw new IllegalStateException("no robot is connected");
    }
  }

  /** Observations of another size in every instance. */
  private static final class Shapeshifter implements Mdp {
    private final Box space = Box.of(-1, 1, 1 + MADE.incrementAndGet() % 1000);

    @Override
    public Space observationSpace() {
      return space;
    }

    @Override
    public Space actionSpace() {
      return Box.of(-1, 1, 1);
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {}

    @Override
    public void step(float[] action, Step next) {}
  }

  /** Checks nothing. */
  private static class Lenient implements Mdp {
    double x;
    int steps;

    @Override
    public Space observationSpace() {
      return Box.of(-10, 10, 1);
    }

    @Override
    public Space actionSpace() {
      return Box.of(-1, 1, 1);
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      x = random.nextDouble();
      steps = 0;
      observation[0] = (float) x;
    }

    @Override
    public void step(float[] action, Step next) {
      if (action.length > 0 && action[0] > x) {
        x += 0.01;
      }
      next.observation()[0] = (float) x;
      next.setTerminated(++steps == 10);
    }
  }

  /** Takes its own last observation from the caller's array. */
  private static final class Keeper extends Lenient {
    private float @Nullable [] kept;

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      super.reset(random, observation);
      kept = observation;
    }

    @Override
    public void step(float[] action, Step next) {
      super.step(action, next);
      next.setReward(kept == null || Float.isNaN(kept[0]) ? 1 : 0);
    }
  }

  /** Clips its action in place. */
  private static final class Scribbler extends Lenient {
    @Override
    public void step(float[] action, Step next) {
      super.step(action, next);
      action[0] = 0.5f;
    }
  }

  /** Keeps its position where all instances see it, during a step. */
  private static final class Sharer extends Point {
    private static volatile double shared;

    @Override
    protected void advance(float[] action, Step next) {
      shared = state[0];
      for (long end = System.nanoTime() + 20_000; System.nanoTime() < end; ) {
        Thread.yield();
      }
      super.advance(action, next);
      next.setReward(shared);
    }
  }

  /** Reaches its goal at the twentieth step, and says of its reward and its end what it is told. */
  private static final class Goal extends Simulation implements GoalMdp {
    private final double reward;
    private final boolean terminates;
    private final boolean saysSo;

    Goal(double reward, boolean terminates, boolean saysSo) {
      super(1, Dict.goal(Box.of(-1, 1, 1), Box.of(-1, 1, 1)), Box.of(-1, 1, 1));
      this.reward = reward;
      this.terminates = terminates;
      this.saysSo = saysSo;
    }

    @Override
    protected void start(RandomGenerator random) {
      state[0] = 0;
    }

    @Override
    protected void advance(float[] action, Step next) {
      state[0] += 0.01;
      boolean reached = state[0] > 0.195;
      next.setReward(-1);
      next.setSuccess(reached);
      next.setTerminated(reached && terminates);
      next.setTruncated(reached);
    }

    @Override
    protected void observe(float[] observation) {
      Arrays.fill(observation, (float) state[0]);
    }

    @Override
    public double reward(float[] achieved, float[] desired) {
      return reward;
    }

    @Override
    public boolean terminated(float[] achieved, float[] desired) {
      return saysSo && achieved[0] > 0.195f;
    }
  }
}
