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
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        fault("spaces", "making the environment failed", Unmakeable::new),
        fault("spaces", "different spaces", Shapeshifter::new),
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
        fault("goals", "must be a pure function of the goals", FickleGoal::new),
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

  /** Goals whose reward, asked for later, is another one. */
  private static final class FickleGoal extends Simulation implements GoalMdp {
    FickleGoal() {
      super(1, Dict.goal(Box.of(-1, 1, 1), Box.of(-1, 1, 1)), Box.of(-1, 1, 1));
    }

    @Override
    protected void start(RandomGenerator random) {
      state[0] = 0;
    }

    @Override
    protected void advance(float[] action, Step next) {
      state[0] += 0.01;
      next.setReward(-1);
      next.setTruncated(state[0] > 0.2);
    }

    @Override
    protected void observe(float[] observation) {
      Arrays.fill(observation, (float) state[0]);
    }

    @Override
    public double reward(float[] achieved, float[] desired) {
      return -2;
    }
  }
}
