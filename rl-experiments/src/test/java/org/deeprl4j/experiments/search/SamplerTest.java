package org.deeprl4j.experiments.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Samplers on known functions of settings. */
@Execution(ExecutionMode.CONCURRENT)
final class SamplerTest {
  private static final int ROUND = 9;

  private static SearchSpace space() throws Exception {
    return new SearchSpace(
        "test",
        new YAMLMapper()
            .readTree(
                """
                learningRate: {range: [1e-5, 1e-2], scale: log}
                gamma: {range: [0.9, 0.9999], scale: logit}
                objective: {values: [CLIP, FIXED_KL, ADAPTIVE_KL]}
                clipRange: {range: [0.05, 0.4], scale: log, when: {objective: CLIP}}
                adaptiveKlTarget: {range: [0.001, 0.1], scale: log, when: {objective: ADAPTIVE_KL}}
                entropyCoefficient: {range: [1e-8, 0.1], scale: log}
                epochs: {range: [1, 20], scale: log}
                """),
        Algorithms.PPO,
        Configurations.toJson(Algorithms.PPO.defaults()));
  }

  /** The least is 0, at a point inside; two settings matter little, as usual. */
  private static double loss(SearchSpace space, ObjectNode settings) {
    double[] u = space.point(settings);
    double objective =
        switch (settings.get("objective").textValue()) {
          case "CLIP" -> square(u[3] - 0.3);
          case "ADAPTIVE_KL" -> 0.2 + square(u[4] - 0.5);
          default -> 0.3;
        };
    return 4 * square(u[0] - 0.7)
        + 2 * square(u[1] - 0.6)
        + objective
        + 0.05 * square(u[5] - 0.5)
        + 0.3 * square(u[6] - 0.4);
  }

  private static double square(double x) {
    return x * x;
  }

  /** The least loss of a search that begins far away. */
  private static double search(SearchSpace space, Sampler sampler, int rounds) {
    List<Sampler.Observation> history = new ArrayList<>();
    history.add(observed(space, new double[] {0, 0.2, 0.9, 0, 0, 0, 0}));
    while (history.size() <= rounds * ROUND) {
      for (double[] point : sampler.propose(List.copyOf(history), ROUND)) {
        history.add(observed(space, point));
      }
    }
    return history.stream().mapToDouble(Sampler.Observation::loss).min().orElseThrow();
  }

  private static Sampler.Observation observed(SearchSpace space, double[] point) {
    ObjectNode settings = space.settings(point);
    return new Sampler.Observation(space.point(settings), loss(space, settings));
  }

  private static List<Sampler.Observation> history(
      SearchSpace space, List<ObjectNode> trials, List<Double> losses) {
    return IntStream.range(0, trials.size())
        .mapToObj(i -> new Sampler.Observation(space.point(trials.get(i)), losses.get(i)))
        .toList();
  }

  /** The median over 21 seeds, so that the order is no accident. */
  private static double median(SearchSpace space, Sampling sampling, int rounds) {
    return IntStream.range(0, 21)
        .mapToDouble(seed -> search(space, sampling.sampler(space, ROUND, seed), rounds))
        .sorted()
        .toArray()[10];
  }

  /** Why it is the default: the start and five rounds are what a search can afford. */
  @Test
  void tpe_findsBetterSettings_inFewTrials() throws Exception {
    SearchSpace space = space();
    double tpe = median(space, Sampling.TPE, 5);
    for (Sampling other : List.of(Sampling.RANDOM, Sampling.SOBOL, Sampling.CMA_ES)) {
      double found = median(space, other, 5);
      assertTrue(tpe < 0.5 * found, tpe + " against " + found + " of " + other);
    }
  }

  /** It has to learn how the function is shaped. */
  @Test
  void cmaEs_findsBetterSettings_inManyTrials() throws Exception {
    SearchSpace space = space();
    double cmaEs = median(space, Sampling.CMA_ES, 40);
    double random = median(space, Sampling.RANDOM, 40);
    assertTrue(cmaEs < 0.5 * random, cmaEs + " against " + random);
  }

  @ParameterizedTest
  @EnumSource
  void proposals_areAFunctionOfHistoryAndSeed_inTheCube(Sampling sampling) throws Exception {
    SearchSpace space = space();
    List<ObjectNode> trials = new ArrayList<>(List.of(space.settings(new double[7])));
    List<Double> losses = new ArrayList<>(List.of(1.0));
    for (int round = 0; round < 4; round++) {
      List<Sampler.Observation> history = history(space, trials, losses);
      List<double[]> once = sampling.sampler(space, ROUND, 3).propose(history, ROUND);
      List<double[]> again = sampling.sampler(space, ROUND, 3).propose(history, ROUND);
      List<double[]> other = sampling.sampler(space, ROUND, 4).propose(history, ROUND);
      assertEquals(ROUND, once.size());
      assertFalse(Arrays.equals(once.get(0), other.get(0)));
      for (int i = 0; i < ROUND; i++) {
        assertArrayEquals(once.get(i), again.get(i));
        assertTrue(Arrays.stream(once.get(i)).allMatch(u -> u >= 0 && u <= 1));
        trials.add(space.settings(once.get(i)));
        losses.add(loss(space, trials.get(trials.size() - 1)));
      }
      assertEquals(ROUND, once.stream().map(Arrays::toString).distinct().count());
    }
  }

  /** Each of the points has its own part of each setting, which random ones have not. */
  @Test
  void sobol_fillsEverySettingEvenly() throws Exception {
    SearchSpace space = space();
    List<Sampler.Observation> start =
        history(space, List.of(space.settings(new double[7])), List.of(1.0));
    for (int d = 0; d < space.size(); d++) {
      int dimension = d;
      List<double[]> points = Sampling.SOBOL.sampler(space, ROUND, 5).propose(start, 63);
      double[] sorted = points.stream().mapToDouble(point -> point[dimension]).sorted().toArray();
      double widest = sorted[0] + 1 - sorted[62]; // around the ends
      for (int i = 1; i < 63; i++) {
        widest = Math.max(widest, sorted[i] - sorted[i - 1]);
      }
      assertTrue(widest <= 2.0 / 64 + 1e-12, "gap " + widest);
    }
  }

  /** The optimiser that is run anew asks for what one that is not left would ask for. */
  @Test
  void cmaEs_goesOn_whereItWasLeft() throws Exception {
    SearchSpace space = space();
    Sampler sampler = Sampling.CMA_ES.sampler(space, ROUND, 1);
    List<ObjectNode> trials = new ArrayList<>(List.of(space.settings(new double[7])));
    List<Double> losses = new ArrayList<>(List.of(1.0));
    List<double[]> whole = sampler.propose(history(space, trials, losses), ROUND);
    List<double[]> first = sampler.propose(history(space, trials, losses), 4);
    assertEquals(4, first.size());
    for (double[] point : first) {
      trials.add(space.settings(point));
      losses.add(loss(space, trials.get(trials.size() - 1)));
    }
    List<double[]> rest = sampler.propose(history(space, trials, losses), ROUND);
    assertEquals(5, rest.size(), "the rest of the generation");
    for (int i = 0; i < 5; i++) {
      assertArrayEquals(whole.get(4 + i), rest.get(i));
    }
  }

  @Test
  void importance_isThatOfTheFunction() throws Exception {
    SearchSpace space = space();
    List<double[]> points =
        Sampling.RANDOM
            .sampler(space, ROUND, 1)
            .propose(history(space, List.of(space.settings(new double[7])), List.of(1.0)), 2000);
    double[][] searched =
        points.stream().map(u -> space.point(space.settings(u))).toArray(double[][]::new);
    double[] losses = points.stream().mapToDouble(u -> loss(space, space.settings(u))).toArray();
    double[] importances =
        IntStream.range(0, space.size())
            .mapToDouble(
                d ->
                    Importance.of(
                        Arrays.stream(searched).mapToDouble(u -> u[d]).toArray(),
                        losses,
                        space.choices(d)))
            .toArray();
    List<Integer> order =
        IntStream.range(0, space.size())
            .boxed()
            .sorted(Comparator.comparingDouble(d -> -importances[d]))
            .toList();
    assertEquals(0, order.get(0), Arrays.toString(importances));
    assertTrue(importances[0] > 0.4, Arrays.toString(importances));
    assertTrue(importances[5] < 0.02, Arrays.toString(importances));
  }

  /** By hand: ranks 0 1 2 | 3 4 5: between 13.5 of 17.5, within 4 / 4 = 1. */
  @Test
  void importance_ofTwoGroups() {
    double[] coordinates = {0.25, 0.25, 0.25, 0.75, 0.75, 0.75};
    double[] losses = {-3, -2, -1, 10, 20, 30};
    assertEquals(12.5 / 17.5, Importance.of(coordinates, losses, 2), 1e-12);
    assertTrue(Double.isNaN(Importance.of(new double[] {0.1, 0.9}, new double[] {1, 2}, 2)));
    double[] unknown = {Double.NaN, Double.NaN, Double.NaN, 0.75, 0.75, 0.75};
    assertTrue(Double.isNaN(Importance.of(unknown, losses, 2)), "one group");
  }
}
