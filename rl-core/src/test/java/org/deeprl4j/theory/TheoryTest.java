package org.deeprl4j.theory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TheoryTest {
  private static final int MDPS = 20;

  /** From state 0 action 0 stays and earns 1, action 1 leads to state 1, which earns 0 for ever. */
  private static FiniteMdp chain(double gamma) {
    return new FiniteMdp(
        new double[] {1, 0},
        new double[][][] {{{1, 0}, {0, 1}}, {{0, 1}, {0, 1}}},
        new double[][] {{1, 0}, {0, 0}},
        gamma);
  }

  @Test
  void values_ofAChain_matchThoseByHand() {
    double p = 0.75;
    double gamma = 0.8;
    PolicyValues values = PolicyValues.of(chain(gamma), new double[][] {{p, 1 - p}, {0.5, 0.5}});
    double v = p / (1 - gamma * p); // V = p (1 + γ V)
    assertEquals(v, values.v()[0], 1e-12);
    assertEquals(0, values.v()[1], 1e-12);
    assertEquals(v, values.expectedReturn(), 1e-12);
    assertEquals(1 + gamma * v - v, values.advantage(0, 0), 1e-12);
    assertEquals(-v, values.advantage(0, 1), 1e-12);
    assertEquals(1 / (1 - gamma * p), values.visits()[0], 1e-12);
    assertEquals(1 / (1 - gamma) - 1 / (1 - gamma * p), values.visits()[1], 1e-12);
  }

  @Test
  void softValues_ofASingleState_countTheEntropy() {
    FiniteMdp bandit =
        new FiniteMdp(
            new double[] {1}, new double[][][] {{{1}, {1}}}, new double[][] {{1, 0}}, 0.5);
    double p = 0.3;
    double alpha = 0.2;
    double entropy = -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    assertEquals(
        (p + alpha * entropy) / 0.5,
        PolicyValues.soft(bandit, new double[][] {{p, 1 - p}}, alpha).v()[0],
        1e-12);
    // The best soft policy of a bandit is softmax(r/α), its value α log Σ exp(r/α).
    PolicyValues best = PolicyIteration.optimum(bandit, alpha, 1e-14);
    assertEquals(alpha * Math.log(Math.exp(1 / alpha) + 1) / 0.5, best.v()[0], 1e-12);
    assertEquals(1 / (1 + Math.exp(-1 / alpha)), best.policy()[0][0], 1e-12);
  }

  @Test
  void identities_holdOnRandomProcesses() {
    Rng random = new Rng(1);
    for (int i = 0; i < MDPS; i++) {
      FiniteMdp mdp = FiniteMdp.random(5, 3, 0.9, random);
      PolicyValues values = PolicyValues.of(mdp, mdp.randomPolicy(random));
      double visits = 0;
      double earned = 0;
      for (int s = 0; s < 5; s++) {
        double mean = 0;
        visits += values.visits()[s];
        for (int a = 0; a < 3; a++) {
          mean += values.policy()[s][a] * values.advantage(s, a);
          earned += values.visits()[s] * values.policy()[s][a] * mdp.reward()[s][a];
        }
        assertEquals(0, mean, 1e-12, "Σ_a π A = 0");
      }
      assertEquals(1 / (1 - 0.9), visits, 1e-9);
      assertEquals(earned, values.expectedReturn(), 1e-10, "η = Σ ρ π r");
      assertEquals(values.expectedReturn(), values.surrogate(values.policy()), 1e-12);
      // Kakade and Langford: η(π̃) = η(π) + Σ ρ_π̃ Σ π̃ A_π.
      PolicyValues other = PolicyValues.of(mdp, mdp.randomPolicy(random));
      double difference = 0;
      for (int s = 0; s < 5; s++) {
        for (int a = 0; a < 3; a++) {
          difference += other.visits()[s] * other.policy()[s][a] * values.advantage(s, a);
        }
      }
      assertEquals(other.expectedReturn(), values.expectedReturn() + difference, 1e-10, "lemma 1");
    }
  }

  @Test
  void surrogate_isTheReturnToFirstOrder() {
    Rng random = new Rng(2);
    FiniteMdp mdp = FiniteMdp.random(5, 3, 0.9, random);
    double[][] from = mdp.randomPolicy(random);
    double[][] to = mdp.randomPolicy(random);
    PolicyValues values = PolicyValues.of(mdp, from);
    double step = 1e-5;
    double slope =
        (PolicyValues.of(mdp, mixture(from, to, step)).expectedReturn()
                - PolicyValues.of(mdp, mixture(from, to, -step)).expectedReturn())
            / (2 * step);
    double expected = (values.surrogate(to) - values.surrogate(from));
    assertEquals(expected, slope, 1e-6 * Math.abs(expected) + 1e-9);
  }

  private static double[][] mixture(double[][] one, double[][] two, double share) {
    double[][] mixed = new double[one.length][one[0].length];
    for (int s = 0; s < one.length; s++) {
      for (int a = 0; a < one[s].length; a++) {
        mixed[s][a] = (1 - share) * one[s][a] + share * two[s][a];
      }
    }
    return mixed;
  }

  @Test
  void bound_holdsForRandomPairsOfPolicies() {
    Rng random = new Rng(3);
    double tightest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < 2000; i++) {
      FiniteMdp mdp = FiniteMdp.random(4, 3, new double[] {0.1, 0.5, 0.9}[i % 3], random);
      PolicyValues values = PolicyValues.of(mdp, mdp.randomPolicy(random));
      double[][] other = mixture(values.policy(), mdp.randomPolicy(random), random.nextDouble());
      double slack =
          PolicyValues.of(mdp, other).expectedReturn()
              - values.surrogate(other)
              + values.penalty() * values.largestKl(other);
      assertTrue(slack >= -1e-12, "η falls below its bound by " + -slack);
      tightest = Math.min(tightest, slack);
    }
    assertTrue(tightest < 1e-2, "the bound was never put to the test: " + tightest);
  }

  @Test
  void improvement_isTheBestOfAllPolicies() {
    Rng random = new Rng(4);
    for (int i = 0; i < MDPS; i++) {
      FiniteMdp mdp = FiniteMdp.random(3, 3, 0.2, random);
      PolicyValues values = PolicyValues.of(mdp, mdp.randomPolicy(random));
      double[][] improved = ApproximatePolicyIteration.improve(values);
      double best = bound(values, improved);
      assertTrue(best > values.expectedReturn(), "no improvement was found");
      for (int j = 0; j < 300; j++) {
        double[][] base = j % 2 == 0 ? improved : values.policy();
        double[][] rival =
            mixture(base, mdp.randomPolicy(random), Math.pow(10, -4 * random.nextDouble()));
        assertTrue(bound(values, rival) <= best + 1e-11, "a better policy than the best");
      }
    }
  }

  /** Rewards (0, 1), γ = 0.1, and a policy that only ever does what earns nothing. */
  @Test
  void improvement_takesUpActionsWithoutProbability() {
    PolicyValues values =
        PolicyValues.of(bandit(0.1, 0, 1), new double[][] {{1, 0}}); // A = (0, 1), ε = 1
    double[][] improved = ApproximatePolicyIteration.improve(values);
    // L − C·D = w/(1 − γ) + C log(1 − w), largest at 1 − w = (1 − γ) C, C = 2γ/(1 − γ)².
    double penalty = 0.2 / 0.81;
    assertEquals(1 - 0.9 * penalty, improved[0][1], 1e-8); // 0.778
    assertEquals(0.9 * penalty, improved[0][0], 1e-8);
    assertEquals(
        (1 - 0.9 * penalty) / 0.9 + penalty * Math.log(0.9 * penalty),
        bound(values, improved),
        1e-12); // 0.493
  }

  /** Half and half, with A = ±1: KL = −½ log 4π(1 − π), so that π = ½ (1 + √(1 − exp(−2κ))). */
  @ParameterizedTest
  @ValueSource(doubles = {1e-8, 1e-3, 0.1, 1, 20})
  void boundedImprovement_ofTwoActions_isTheRootOfTheirDivergence(double kappa) {
    PolicyValues values = PolicyValues.of(bandit(0.5, 1, -1), new double[][] {{0.5, 0.5}});
    double[] improved = ApproximatePolicyIteration.within(values, kappa)[0];
    double better = 0.5 * (1 + Math.sqrt(-Math.expm1(-2 * kappa)));
    double worse = Math.exp(-2 * kappa) / 4 / better; // 1 − π, for small ones
    assertEquals(better, improved[0], 1e-8);
    assertEquals(worse, improved[1], 1e-7 * worse);
  }

  /** p = (½, ½, 0), A = (0, 0, 1): the new action gets 1 − exp(−κ), the others share the rest. */
  @Test
  void boundedImprovement_givesANewActionWhatTheDivergenceLeaves() {
    PolicyValues values = PolicyValues.of(bandit(0.5, 0, 0, 1), new double[][] {{0.5, 0.5, 0}});
    double[] improved = ApproximatePolicyIteration.within(values, 0.3)[0];
    double rest = Math.exp(-0.3);
    assertArrayEquals(new double[] {rest / 2, rest / 2, 1 - rest}, improved, 1e-12);
  }

  /**
   * With s = 2π − 1, L − C·D = s/(1 − γ) + ½ C log(1 − s²) is largest where s² + C (1 − γ) s = 1:
   * for γ = ½, with C = 4, at s = √2 − 1.
   */
  @Test
  void improvement_ofTwoActions_matchesThatByHand() {
    PolicyValues values = PolicyValues.of(bandit(0.5, 1, -1), new double[][] {{0.5, 0.5}});
    assertEquals(4, values.penalty(), 1e-12);
    double[] improved = ApproximatePolicyIteration.improve(values)[0];
    assertEquals(Math.sqrt(0.5), improved[0], 1e-7);
    assertEquals(1 - Math.sqrt(0.5), improved[1], 1e-7);
  }

  @Test
  void improvement_leavesOutActionsThatAreNoBetter() {
    PolicyValues values = PolicyValues.of(bandit(0.1, 1, 0.5), new double[][] {{1, 0}});
    assertArrayEquals(new double[] {1, 0}, ApproximatePolicyIteration.improve(values)[0]);
    values = PolicyValues.of(bandit(0.1, 1, 1), new double[][] {{1, 0}});
    assertArrayEquals(new double[] {1, 0}, ApproximatePolicyIteration.improve(values)[0]);
  }

  @Test
  void improvement_ofPoliciesWithoutFullSupport_isTheBestOfAllPolicies() {
    Rng random = new Rng(8);
    int taken = 0;
    for (int i = 0; i < 60; i++) {
      FiniteMdp mdp = FiniteMdp.random(3, 4, new double[] {0.05, 0.1, 0.3}[i % 3], random);
      double[][] sparse = mdp.randomPolicy(random);
      for (double[] p : sparse) {
        int left = random.nextInt(1, 4); // actions, drawn anywhere
        for (int dropped = 4 - left; dropped > 0; ) {
          int a = random.nextInt(4);
          dropped -= p[a] > 0 ? 1 : 0;
          p[a] = 0;
        }
        normalize(p);
      }
      PolicyValues values = PolicyValues.of(mdp, sparse);
      double[][] improved = ApproximatePolicyIteration.improve(values);
      double best = bound(values, improved);
      for (int s = 0; s < 3; s++) {
        FiniteMdp.requireDistribution("improved", improved[s]);
        for (int a = 0; a < 4; a++) {
          taken += sparse[s][a] == 0 && improved[s][a] > 1e-6 ? 1 : 0;
          assertTrue(sparse[s][a] == 0 || improved[s][a] > 0, "the divergence is finite");
        }
      }
      assertTrue(PolicyValues.of(mdp, improved).expectedReturn() >= best - 1e-12);
      for (int j = 0; j < 300; j++) {
        double[][] base = j % 2 == 0 ? improved : values.policy();
        double[][] rival =
            mixture(base, mdp.randomPolicy(random), Math.pow(10, -4 * random.nextDouble()));
        assertTrue(bound(values, rival) <= best + 1e-11, "a better policy than the best");
      }
    }
    assertTrue(taken > 60, "actions without probability were taken up " + taken + " times");
  }

  @Test
  void approximatePolicyIteration_fromACorner_reachesTheOptimum() {
    FiniteMdp mdp = bandit(0.1, 0, 1);
    PolicyValues values = PolicyValues.of(mdp, new double[][] {{1, 0}});
    for (int i = 0; i < 2000; i++) {
      values = PolicyValues.of(mdp, ApproximatePolicyIteration.improve(values));
    }
    assertEquals(1 / 0.9, values.expectedReturn(), 1e-5);
  }

  private static FiniteMdp bandit(double gamma, double... rewards) {
    double[][] stays = new double[rewards.length][];
    Arrays.fill(stays, new double[] {1});
    return new FiniteMdp(
        new double[] {1}, new double[][][] {stays}, new double[][] {rewards}, gamma);
  }

  private static void normalize(double[] p) {
    double sum = Arrays.stream(p).sum();
    for (int a = 0; a < p.length; a++) {
      p[a] /= sum;
    }
  }

  private static double bound(PolicyValues values, double[][] policy) {
    return values.surrogate(policy) - values.penalty() * values.largestKl(policy);
  }

  @Test
  void approximatePolicyIteration_strictlyImproves_andReachesTheOptimum() {
    Rng random = new Rng(5);
    for (int i = 0; i < 8; i++) {
      FiniteMdp mdp = FiniteMdp.random(3, 3, 0.1, random);
      double optimum = PolicyIteration.optimum(mdp, 0, 0).expectedReturn();
      PolicyValues values = PolicyValues.of(mdp, mdp.uniformPolicy());
      int iterations = 0;
      while (optimum - values.expectedReturn() > 1e-5) {
        PolicyValues next = PolicyValues.of(mdp, ApproximatePolicyIteration.improve(values));
        assertTrue(
            next.expectedReturn() > values.expectedReturn(),
            "η must improve: " + values.expectedReturn() + " → " + next.expectedReturn());
        double bound = bound(values, next.policy());
        assertTrue(Double.isFinite(bound), "the divergence is finite, however small π has become");
        assertTrue(next.expectedReturn() >= bound - 1e-12, "η is below its bound");
        values = next;
        assertTrue(++iterations < 20_000, "the optimum is not reached");
      }
    }
  }

  @Test
  void softPolicyIteration_improvesEverywhere_andReachesTheSoftOptimum() {
    Rng random = new Rng(6);
    for (int i = 0; i < MDPS; i++) {
      FiniteMdp mdp = FiniteMdp.random(5, 3, 0.9, random);
      double alpha = 0.3;
      PolicyValues values = PolicyValues.soft(mdp, mdp.randomPolicy(random), alpha);
      for (int j = 0; j < 30; j++) {
        PolicyValues next = PolicyValues.soft(mdp, PolicyIteration.improve(values), alpha);
        for (int s = 0; s < 5; s++) {
          for (int a = 0; a < 3; a++) {
            assertTrue(next.q()[s][a] >= values.q()[s][a] - 1e-12, "lemma 2");
          }
        }
        values = next;
      }
      // Soft value iteration, from elsewhere: V(s) = α log Σ_a exp(Q(s, a)/α).
      double[] v = new double[5];
      for (int j = 0; j < 1000; j++) {
        double[] next = new double[5];
        for (int s = 0; s < 5; s++) {
          double sum = 0;
          for (int a = 0; a < 3; a++) {
            sum += Math.exp(mdp.backup(s, a, v) / alpha);
          }
          next[s] = alpha * Math.log(sum);
        }
        v = next;
      }
      assertArrayEquals(v, values.v(), 1e-9);
    }
  }

  private static double[][] randomValues(Rng random) {
    double[][] q = new double[5][3];
    for (double[] row : q) {
      Arrays.setAll(row, a -> 10 * random.nextGaussian());
    }
    return q;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.3})
  void policyEvaluation_isAContraction(double alpha) {
    Rng random = new Rng(9);
    for (int i = 0; i < MDPS; i++) {
      double gamma = random.nextDouble();
      FiniteMdp mdp = FiniteMdp.random(5, 3, gamma, random);
      double[][] policy = mdp.randomPolicy(random);
      double[][] one = randomValues(random);
      double[][] two = randomValues(random);
      double[][] shifted = new double[5][3];
      for (int s = 0; s < 5; s++) {
        for (int a = 0; a < 3; a++) {
          shifted[s][a] = one[s][a] + 2;
        }
      }
      double[][] backedUp = PolicyEvaluation.backup(mdp, policy, alpha, one);
      assertTrue(
          PolicyEvaluation.distance(backedUp, PolicyEvaluation.backup(mdp, policy, alpha, two))
              <= gamma * PolicyEvaluation.distance(one, two) + 1e-12);
      // By no less than γ: a constant difference shrinks by γ exactly.
      double[][] shiftedUp = PolicyEvaluation.backup(mdp, policy, alpha, shifted);
      for (int s = 0; s < 5; s++) {
        for (int a = 0; a < 3; a++) {
          assertEquals(2 * gamma, shiftedUp[s][a] - backedUp[s][a], 1e-12);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.3})
  void policyEvaluation_convergesToTheValuesByAtLeastGammaAStep(double alpha) {
    Rng random = new Rng(10);
    for (int i = 0; i < MDPS; i++) {
      FiniteMdp mdp = FiniteMdp.random(5, 3, 0.9, random);
      double[][] policy = mdp.randomPolicy(random);
      policy[0] = new double[] {0, 1, 0};
      double[][] exact = PolicyValues.soft(mdp, policy, alpha).q();
      assertEquals(
          0,
          PolicyEvaluation.distance(exact, PolicyEvaluation.backup(mdp, policy, alpha, exact)),
          1e-12,
          "Q_π is the fixed point");
      double[][] q = randomValues(random);
      double error = PolicyEvaluation.distance(q, exact);
      for (int j = 0; j < 100; j++) {
        q = PolicyEvaluation.backup(mdp, policy, alpha, q);
        double next = PolicyEvaluation.distance(q, exact);
        assertTrue(next <= 0.9 * error + 1e-12, "lemma 1: " + error + " → " + next);
        error = next;
      }
      double[][] start = randomValues(random);
      double[][] iterated = PolicyEvaluation.iterate(mdp, policy, alpha, start, 1e-3);
      assertTrue(PolicyEvaluation.distance(iterated, exact) <= 1e-3);
      assertTrue(PolicyEvaluation.distance(iterated, exact) > 1e-6, "it stops when it is enough");
    }
  }

  /**
   * r = 1, γ = ½, from 0: Q is 1, 1.5, 1.75, …, and what is missing is as much as the last change.
   */
  @Test
  void policyEvaluation_stopsAsSoonAsTheToleranceIsReached() {
    FiniteMdp one = bandit(0.5, 1);
    double[][] policy = {{1}};
    assertEquals(1.75, PolicyEvaluation.iterate(one, policy, 0, new double[1][1], 0.25)[0][0]);
    assertEquals(1.875, PolicyEvaluation.iterate(one, policy, 0, new double[1][1], 0.24)[0][0]);
  }

  @Test
  void greedyPolicyIteration_agreesWithValueIteration() {
    Rng random = new Rng(7);
    for (int i = 0; i < MDPS; i++) {
      FiniteMdp mdp = FiniteMdp.random(6, 4, 0.9, random);
      double[] v = new double[6];
      for (int j = 0; j < 1000; j++) {
        double[] next = new double[6];
        for (int s = 0; s < 6; s++) {
          next[s] = Double.NEGATIVE_INFINITY;
          for (int a = 0; a < 4; a++) {
            next[s] = Math.max(next[s], mdp.backup(s, a, v));
          }
        }
        v = next;
      }
      assertArrayEquals(v, PolicyIteration.optimum(mdp, 0, 0).v(), 1e-9);
    }
  }

  /** Of the chain with p = ¾, γ = 0.8: V = 1.875, A = (0.625, −1.875) in state 0, 0 in state 1. */
  @Test
  void penalty_isTwoEpsilonGammaOverTheSquareOfOneMinusGamma() {
    PolicyValues values = PolicyValues.of(chain(0.8), new double[][] {{0.75, 0.25}, {0.5, 0.5}});
    assertEquals(2 * 1.875 * 0.8 / 0.04, values.penalty(), 1e-9); // 75
  }

  @Test
  void largestKl_isThatOfTheWorstState() {
    PolicyValues values = PolicyValues.of(chain(0.8), new double[][] {{0.75, 0.25}, {0, 1}});
    double[][] other = {{0.5, 0.5}, {0.9, 0.1}};
    assertEquals(Math.log(10), values.largestKl(other), 1e-12);
    other[1] = new double[] {0.1, 0.9};
    assertEquals(0.75 * Math.log(1.5) + 0.25 * Math.log(0.5), values.largestKl(other), 1e-12);
    other[0] = new double[] {1, 0};
    assertEquals(Double.POSITIVE_INFINITY, values.largestKl(other));
  }

  @Test
  void greedyImprovement_takesTheFirstOfTheBest_andSoftImprovementOverflowsNowhere() {
    PolicyValues tied = PolicyValues.of(bandit(0.5, 1, 3, 3), new double[][] {{1, 0, 0}});
    assertArrayEquals(new double[] {0, 1, 0}, PolicyIteration.improve(tied)[0]);
    PolicyValues large = PolicyValues.soft(bandit(0.5, 3000, 3001), new double[][] {{1, 0}}, 1);
    double p = 1 / (1 + Math.exp(-1));
    assertArrayEquals(new double[] {1 - p, p}, PolicyIteration.improve(large)[0], 1e-9);
  }

  private static void assertRefused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  @Test
  void invalidProcesses_areRefused() {
    double[] one = {1};
    double[][][] stay = {{{1}}};
    double[][] reward = {{1}};
    assertEquals(1, new FiniteMdp(one, stay, reward, 0).states());
    assertRefused(
        "gamma must be in [0, 1), not -0.1", () -> new FiniteMdp(one, stay, reward, -0.1));
    assertRefused("gamma must be in [0, 1), not 1.0", () -> new FiniteMdp(one, stay, reward, 1));
    assertRefused(
        "initial must add up to 1, not 0.5",
        () -> new FiniteMdp(new double[] {0.5}, stay, reward, 0.5));
    assertRefused(
        "transition[0][0] must add up to 1, not 2.0",
        () -> new FiniteMdp(one, new double[][][] {{{2}}}, reward, 0.5));
    assertRefused(
        "transition[0][0] must have length 1, not 2",
        () -> new FiniteMdp(one, new double[][][] {{{0.5, 0.5}}}, reward, 0.5));
    assertRefused(
        "reward[0][0] must be finite, not NaN",
        () -> new FiniteMdp(one, stay, new double[][] {{Double.NaN}}, 0.5));
    assertRefused(
        "every state needs as many actions as state 0, which has 1, and at least 1, but state 0 has 1 rewards and 2 transitions",
        () -> new FiniteMdp(one, new double[][][] {{{1}, {1}}}, reward, 0.5));
    assertRefused(
        "every state needs as many actions as state 0, which has 0, and at least 1, but state 0 has 0 rewards and 0 transitions",
        () -> new FiniteMdp(one, new double[1][0][0], new double[1][0], 0.5));
    assertRefused(
        "a finite MDP needs initial probabilities, transitions and rewards of as many states, at least 1, not of 0, 0 and 0",
        () -> new FiniteMdp(new double[0], new double[0][][], new double[0][], 0.5));
    assertRefused(
        "a finite MDP needs initial probabilities, transitions and rewards of as many states, at least 1, not of 1, 2 and 1",
        () -> new FiniteMdp(one, new double[2][][], reward, 0.5));
    assertRefused(
        "a finite MDP needs initial probabilities, transitions and rewards of as many states, at least 1, not of 1, 1 and 2",
        () -> new FiniteMdp(one, stay, new double[2][], 0.5));
    assertRefused(
        "initial must hold probabilities, not [2.0, -1.0]",
        () -> new FiniteMdp(new double[] {2, -1}, new double[2][][], new double[2][], 0.5));
  }

  @Test
  void invalidPoliciesAndTemperatures_areRefused() {
    FiniteMdp mdp = bandit(0.5, 1, 2);
    double[][] q = new double[1][2];
    double[][] policy = {{0.5, 0.5}};
    assertRefused(
        "policy[0] must add up to 1, not 1.5",
        () -> PolicyEvaluation.backup(mdp, new double[][] {{0.5, 1}}, 0, q));
    assertRefused(
        "policy[0] must have 2 actions, not 1", () -> PolicyValues.of(mdp, new double[][] {{1}}));
    assertRefused(
        "the policy must have 1 states, not 2", () -> PolicyValues.of(mdp, new double[2][]));
    assertRefused(
        "the temperature must be at least 0, not -1.0", () -> PolicyValues.soft(mdp, policy, -1));
    assertRefused(
        "the tolerance must be positive, not 0.0",
        () -> PolicyEvaluation.iterate(mdp, policy, 0, q, 0));
  }
}
