package org.deeprl4j.theory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.EnvironmentChecker;
import org.deeprl4j.mdp.Finding;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Discrete;
import org.junit.jupiter.api.Test;

class FiniteEnvironmentTest {
  /**
   * Starts in state 1 or 3. From state 1, action 0 leads to states 0, 1, 2, 3 with probabilities 0,
   * 0.2, 0.5, 0.3; action 1 to state 0. State 0 is terminal. State 2 is left again, state 3 pays
   * for staying: neither is.
   */
  private static final FiniteMdp MDP =
      new FiniteMdp(
          new double[] {0, 0.6, 0, 0.4},
          new double[][][] {
            {{1, 0, 0, 0}, {1, 0, 0, 0}},
            {{0, 0.2, 0.5, 0.3}, {1, 0, 0, 0}},
            {{0, 0, 1, 0}, {0, 1, 0, 0}},
            {{0, 0, 0, 1}, {0, 0, 0, 1}}
          },
          new double[][] {{0, 0}, {2, 3}, {0, 0}, {0, 1}},
          0.9);

  /** Draws the same number again and again. */
  private record Constant(double value) implements RandomGenerator {
    @Override
    public double nextDouble() {
      return value;
    }

    @Override
    public long nextLong() {
      throw new AssertionError();
    }
  }

  private static int first(double draw) {
    float[] observation = new float[1];
    new FiniteEnvironment(MDP).reset(new Constant(draw), observation);
    return (int) observation[0];
  }

  private static Step step(int state, int action, double draw) {
    FiniteEnvironment environment = new FiniteEnvironment(MDP);
    environment.reset(new Constant(draw), new float[1]);
    environment.setState(new double[] {state});
    Step step = new Step(1);
    environment.step(new float[] {action}, step);
    return step;
  }

  @Test
  void spaces_matchTheProcess() {
    FiniteEnvironment environment = new FiniteEnvironment(MDP);
    assertEquals(new Discrete(4), environment.observationSpace());
    assertEquals(new Discrete(2), environment.actionSpace());
    List<Finding> findings = EnvironmentChecker.check(() -> new FiniteEnvironment(MDP), 1);
    assertTrue(findings.stream().allMatch(f -> f.severity() == Finding.Severity.WARNING));
  }

  @Test
  void draws_followTheProbabilities() {
    assertEquals(1, first(0), "a state without probability is never drawn");
    assertEquals(1, first(0.599));
    assertEquals(3, first(0.6), "draws are less than 1");
    assertEquals(3, first(0.601));
    assertEquals(3, first(0.999));
    assertEquals(1, step(1, 0, 0).observation()[0]);
    assertEquals(1, step(1, 0, 0.199).observation()[0]);
    assertEquals(2, step(1, 0, 0.201).observation()[0]);
    assertEquals(2, step(1, 0, 0.699).observation()[0]);
    assertEquals(3, step(1, 0, 0.701).observation()[0]);
    assertEquals(0, step(1, 1, 0.5).observation()[0]);
  }

  @Test
  void draws_takeTheLastPossibleState_whenProbabilitiesAddUpToLess() {
    double[] p = {0.5, 0.5 - 1e-10, 0};
    FiniteMdp mdp =
        new FiniteMdp(p, new double[][][] {{p}, {p}, {p}}, new double[][] {{1}, {1}, {1}}, 0.5);
    float[] observation = new float[1];
    new FiniteEnvironment(mdp).reset(new Constant(Math.nextDown(1.0)), observation);
    assertEquals(1, observation[0]);
  }

  @Test
  void states_areTerminal_whereEveryActionLeadsBackWithoutReward() {
    Step end = step(1, 1, 0.5);
    assertTrue(end.terminated());
    assertFalse(end.truncated());
    assertEquals(3, end.reward());
    assertFalse(step(1, 0, 0.6).terminated(), "an action leads out of state 2");
    assertFalse(step(1, 0, 0.9).terminated(), "an action is paid for in state 3");
    assertEquals(2, step(1, 0, 0.6).reward());
    assertEquals(1, step(3, 1, 0.6).reward());
  }

  @Test
  void frequencies_areTheProbabilities() {
    FiniteEnvironment environment = new FiniteEnvironment(MDP);
    Rng random = new Rng(1);
    Step step = new Step(1);
    int n = 20_000;
    double[] shares = new double[4];
    for (int i = 0; i < n; i++) {
      environment.reset(random, step.observation());
      environment.setState(new double[] {1});
      step.clear();
      environment.step(new float[] {0}, step);
      shares[(int) step.observation()[0]] += 1.0 / n;
    }
    assertArrayEquals(new double[] {0, 0.2, 0.5, 0.3}, shares, 0.0142); // four standard errors
  }

  @Test
  void impossibleState_isRefused() {
    FiniteEnvironment environment = new FiniteEnvironment(MDP);
    for (double bad : new double[] {4, -1, 0.5}) {
      String message =
          assertThrows(
                  IllegalArgumentException.class, () -> environment.setState(new double[] {bad}))
              .getMessage();
      assertEquals("the state must be an integer in [0, 4), not " + bad, message);
    }
  }
}
