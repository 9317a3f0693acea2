package org.deeprl4j.algorithms.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.EnvironmentException;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.policy.StochasticPolicy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.JsonFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluationTest {

  /** Draws a length in 1…20 and counts down to it; rewards 1, success for even lengths. */
  private static final class Countdown implements Mdp {
    static int open;
    private int left;
    private int length;

    Countdown() {
      open++;
    }

    @Override
    public Space observationSpace() {
      return Box.of(0, 20, 1);
    }

    @Override
    public Space actionSpace() {
      return new Discrete(2);
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      length = 1 + random.nextInt(20);
      left = length;
      observation[0] = left;
    }

    @Override
    public void step(float[] action, Step next) {
      // the policy answers the parity of what it sees: rows must not be mixed up
      if (action[0] != left % 2) {
        throw new IllegalStateException("action " + action[0] + " with " + left + " left");
      }
      left--;
      next.observation()[0] = left;
      next.setReward(1);
      next.setTerminated(left == 0);
      next.setSuccess(length % 2 == 0);
    }

    @Override
    public void close() {
      open--;
    }
  }

  private record Parity(Space observationSpace, Space actionSpace) implements Policy {
    @Override
    public void act(float[] observations, int rows, float[] actions) {
      for (int i = 0; i < rows; i++) {
        actions[i] = observations[i] % 2;
      }
    }
  }

  private static final Parity PARITY = new Parity(Box.of(0, 20, 1), new Discrete(2));

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 50, 64})
  void episodes_areThoseOfTheSeed_whateverTheBatch(int sideBySide) {
    Rng random = new Rng(5);
    List<Double> expected = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      expected.add(1.0 + random.split().nextInt(20));
    }
    EvaluationResult result = Evaluation.run(Countdown::new, PARITY, 50, 5, sideBySide);
    assertEquals(expected, result.returns());
    double mean = expected.stream().mapToDouble(x -> x).average().orElseThrow();
    double squares = expected.stream().mapToDouble(x -> x * x).average().orElseThrow();
    assertEquals(mean, result.meanReturn(), 1e-12);
    assertEquals(Math.sqrt(squares - mean * mean), result.stdReturn(), 1e-12);
    assertEquals(mean, result.meanLength(), 1e-12);
    double even = expected.stream().filter(x -> x % 2 == 0).count() / 50.0;
    assertEquals(OptionalDouble.of(even), result.successRate());
    assertEquals(0, Countdown.open);
  }

  @Test
  void longerEvaluation_beginsWithTheShorterOne() {
    List<Double> ten = Evaluation.run(Countdown::new, PARITY, 10, 9).returns();
    List<Double> hundred = Evaluation.run(Countdown::new, PARITY, 100, 9).returns();
    assertEquals(ten, hundred.subList(0, 10));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void fewEnvironments_giveTheSame(int most) {
    int[] made = new int[1];
    EvaluationResult few =
        Evaluation.run(
            () -> {
              if (made[0] == most) {
                throw new IllegalArgumentException("the port is in use");
              }
              made[0]++;
              return new Countdown();
            },
            PARITY,
            20,
            9);
    assertEquals(Evaluation.run(Countdown::new, PARITY, 20, 9), few);
    assertEquals(most, made[0]);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Evaluation.run(
                    () -> {
                      throw new IllegalArgumentException("the port is in use");
                    },
                    PARITY,
                    20,
                    9));
    assertEquals("the port is in use", e.getMessage());
  }

  @Test
  void successRate_isEmpty_whereTheEnvironmentHasNone() {
    Mdp cartPole = Environments.make("CartPole-v1");
    Policy left = constant(cartPole, 0);
    EvaluationResult result = Evaluation.run(() -> Environments.make("CartPole-v1"), left, 20, 1);
    assertTrue(result.successRate().isEmpty());
    // pushing one way topples the pole within a dozen steps
    assertTrue(result.meanReturn() > 5 && result.meanReturn() < 15, result.toString());
    EvaluationResult.Stored stored =
        JsonFiles.parse(
            "what it wrote",
            JsonFiles.strict().build(),
            result.toJson().put("steps", 7).toString().getBytes(StandardCharsets.UTF_8),
            EvaluationResult.Stored.class);
    assertEquals(result, stored.result());
  }

  @Test
  void policyOfOtherSpaces_isRefused() {
    Policy policy = constant(Environments.make("CartPole-v1"), 0);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Evaluation.run(() -> Environments.make("Pendulum-v1"), policy, 1, 1))
            .getMessage();
    assertTrue(message.contains("Discrete") && message.contains("environment's"), message);
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, 1e40})
  void reward_thatIsNoFiniteFloat_stopsWithEpisodeAndStep(double reward) {
    Policy policy = PARITY;
    String message =
        assertThrows(
                EnvironmentException.class,
                () -> Evaluation.run(() -> new Broken(reward), policy, 1, 1))
            .getMessage();
    assertEquals(
        "episode 0, step 3 of Broken: the reward is " + reward + ", but it must be a finite float",
        message);
  }

  @Test
  void episodeWithoutEnd_isCutOff() {
    Mdp endless =
        new Mdp() {
          @Override
          public Space observationSpace() {
            return Box.of(0, 1, 1);
          }

          @Override
          public Space actionSpace() {
            return new Discrete(2);
          }

          @Override
          public void reset(RandomGenerator random, float[] observation) {
            observation[0] = 0;
          }

          @Override
          public void step(float[] action, Step next) {
            next.observation()[0] = 1;
            next.setReward(0.5);
          }
        };
    EvaluationResult result = Evaluation.run(() -> endless, constant(endless, 0), 1, 1);
    assertEquals(List.of(50_000.0), result.returns());
    assertEquals(100_000, result.meanLength());
  }

  /** Gives NaN at its third step. */
  private static final class Broken implements Mdp {
    private final double reward;
    private int steps;

    Broken(double reward) {
      this.reward = reward;
    }

    @Override
    public Space observationSpace() {
      return Box.of(0, 20, 1);
    }

    @Override
    public Space actionSpace() {
      return new Discrete(2);
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      observation[0] = 1;
    }

    @Override
    public void step(float[] action, Step next) {
      next.observation()[0] = 1;
      next.setReward(++steps == 3 ? reward : 0);
    }
  }

  private static Policy constant(Mdp mdp, float action) {
    return new Policy() {
      @Override
      public Space observationSpace() {
        return mdp.observationSpace();
      }

      @Override
      public Space actionSpace() {
        return mdp.actionSpace();
      }

      @Override
      public void act(float[] observations, int rows, float[] actions) {
        java.util.Arrays.fill(actions, 0, rows, action);
      }
    };
  }

  /** Chooses 0 or 1 by chance, and is paid for 1. */
  private record Coin(Space observationSpace, Space actionSpace) implements StochasticPolicy {
    @Override
    public void act(float[] observations, int rows, float[] actions) {
      Arrays.fill(actions, 0, rows, 0);
    }

    @Override
    public void sample(float[] observations, int rows, RandomGenerator random, float[] actions) {
      for (int i = 0; i < rows; i++) {
        actions[i] = random.nextInt(2);
      }
    }
  }

  /** As many steps as Countdown has, of the reward that the action is. */
  private static final class Paid implements Mdp {
    private int left;

    @Override
    public Space observationSpace() {
      return Box.of(0, 20, 1);
    }

    @Override
    public Space actionSpace() {
      return new Discrete(2);
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      left = 1 + random.nextInt(20);
    }

    @Override
    public void step(float[] action, Step next) {
      next.setReward(action[0]);
      next.setTerminated(--left == 0);
    }
  }

  private static final Coin COIN = new Coin(Box.of(0, 20, 1), new Discrete(2));

  @Test
  void sampledActions_areThoseOfTheEpisode_whateverTheBatch() {
    EvaluationResult one = Evaluation.sampled(Paid::new, COIN, 50, 5, 1);
    for (int sideBySide : new int[] {3, 7, 50, 64}) {
      assertEquals(one, Evaluation.sampled(Paid::new, COIN, 50, 5, sideBySide));
    }
    assertEquals(
        one.episodes().subList(0, 9), Evaluation.sampled(Paid::new, COIN, 9, 5).episodes());
    EvaluationResult mode = Evaluation.run(Paid::new, COIN, 50, 5);
    assertEquals(0, mode.meanReturn());
    assertEquals(mode.meanLength(), one.meanLength(), "the environments draw the same");
    assertEquals(one.meanLength() / 2, one.meanReturn(), 1);
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> Evaluation.sampled(Paid::new, PARITY, 1, 1));
    assertTrue(refused.getMessage().contains("none to sample"), refused.getMessage());
  }

  /** Student's t of two degrees of freedom has its 97.5 % at 4.3026527. */
  @Test
  void margin_isStudents() {
    EvaluationResult result =
        new EvaluationResult(
            List.of(
                new EvaluationResult.Episode(1, 5, null),
                new EvaluationResult.Episode(2, 5, true),
                new EvaluationResult.Episode(3, 8, false)));
    assertEquals(4.3026527 / Math.sqrt(3), result.margin().orElseThrow(), 1e-6);
    assertEquals(2, result.meanReturn());
    assertEquals(6, result.meanLength());
    assertEquals(OptionalDouble.of(0.5), result.successRate());
    assertEquals("[-1,1,0]", result.toJson().get("successes").toString());
    assertEquals("[5,5,8]", result.toJson().get("lengths").toString());
    EvaluationResult single = new EvaluationResult(result.episodes().subList(0, 1));
    assertTrue(single.margin().isEmpty());
    assertTrue(single.successRate().isEmpty());
    assertThrows(IllegalArgumentException.class, () -> new EvaluationResult(List.of()));
  }
}
