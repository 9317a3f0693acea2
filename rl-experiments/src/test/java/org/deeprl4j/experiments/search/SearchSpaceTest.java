package org.deeprl4j.experiments.search;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.ArrayList;
import java.util.List;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.configuration.Presets;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.space.Space;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@Execution(ExecutionMode.CONCURRENT)
final class SearchSpaceTest {
  private static final ObjectNode PPO = Configurations.toJson(Algorithms.PPO.defaults());

  private static JsonNode yaml(String text) throws Exception {
    return new YAMLMapper().readTree(text);
  }

  private static SearchSpace ppo(String text) throws Exception {
    return new SearchSpace("mine.yaml", yaml(text), Algorithms.PPO, PPO);
  }

  static List<Algorithm<?>> algorithms() {
    return Algorithms.all();
  }

  /** Each from the defaults and from every preset. */
  @ParameterizedTest
  @MethodSource("algorithms")
  <C extends Record> void bundledSpaces_areAcceptedWhole(Algorithm<C> algorithm) {
    List<List<Configurations.Layer>> starts = new ArrayList<>(List.of(List.of()));
    Presets.of(algorithm.id()).forEach(preset -> starts.add(List.of(preset.layer())));
    for (String environment : List.of("CartPole-v1", "Pendulum-v1")) {
      Space actions;
      try (Mdp mdp = Environments.make(environment)) {
        actions = mdp.actionSpace();
        algorithm.checkActions(actions);
      } catch (IllegalArgumentException e) {
        continue; // not for this algorithm
      }
      for (List<Configurations.Layer> layers : starts) {
        ObjectNode start = Configurations.toJson(Configurations.bind(algorithm.defaults(), layers));
        SearchSpace space =
            new SearchSpace(algorithm.id(), SearchSpace.bundled(algorithm.id()), algorithm, start);
        assertTrue(space.size() >= 5, "settings of " + algorithm.id());
        space.check(algorithm, actions);
      }
      return;
    }
    fail("no environment for " + algorithm.id());
  }

  @Test
  void ranges_areDividedByTheirScale() throws Exception {
    SearchSpace space =
        ppo(
            """
            learningRate: {range: [1e-5, 1e-1], scale: log}
            gamma: {range: [0.1, 0.9], scale: logit}
            klPenalty: {range: [2, 4]}
            epochs: {range: [1, 4]}
            """);
    assertEquals(
        "{\"learningRate\":1.0E-5,\"gamma\":0.1,\"klPenalty\":2.0,\"epochs\":1}",
        space.settings(new double[] {0, 0, 0, 0}).toString());
    assertEquals(
        "{\"learningRate\":0.1,\"gamma\":0.9,\"klPenalty\":4.0,\"epochs\":4}",
        space.settings(new double[] {1, 1, 1, 1}).toString());
    assertEquals(
        "{\"learningRate\":0.001,\"gamma\":0.5,\"klPenalty\":3.0,\"epochs\":2}",
        space.settings(new double[] {0.5, 0.5, 0.5, 0.49}).toString());
    // Each whole number has a quarter.
    int[] counts = new int[5];
    for (int i = 0; i < 1000; i++) {
      double[] point = {0, 0, 0, (i + 0.5) / 1000};
      counts[space.settings(point).get("epochs").intValue()]++;
    }
    assertArrayEquals(new int[] {0, 250, 250, 250, 250}, counts);
  }

  @Test
  void numbersNearOne_keepTheDigitsOfTheirDistance() throws Exception {
    SearchSpace space = ppo("gamma: {range: [0.9, 0.99999], scale: logit}");
    double gamma = space.settings(new double[] {0.93}).get("gamma").doubleValue();
    assertEquals(
        gamma, space.settings(space.point(settings(space, 0.93))).get("gamma").doubleValue());
    double digits = (1 - gamma) * 1e8;
    assertEquals(Math.rint(digits), digits, 1e-3); // 1 − γ ≈ 1.9e-5, of four digits
  }

  private static ObjectNode settings(SearchSpace space, double... point) {
    return space.settings(point);
  }

  @Test
  void conditions_decideWhatIsSearched() throws Exception {
    SearchSpace space =
        ppo(
            """
            objective: {values: [CLIP, ADAPTIVE_KL]}
            clipRange: {range: [0.1, 0.3], when: {objective: clip}}
            adaptiveKlTarget: {range: [0.001, 0.1], scale: log, when: {objective: [ADAPTIVE_KL]}}
            klPenalty: {range: [1, 2], when: {sharedNetwork: true}}
            """);
    ObjectNode clip = space.settings(new double[] {0.2, 0.5, 0.5, 0.5});
    assertEquals("{\"objective\":\"CLIP\",\"clipRange\":0.2}", clip.toString());
    ObjectNode adaptive = space.settings(new double[] {0.7, 0.5, 0.5, 0.5});
    assertEquals("{\"objective\":\"ADAPTIVE_KL\",\"adaptiveKlTarget\":0.01}", adaptive.toString());
    assertArrayEquals(
        new double[] {0.75, Double.NaN, 0.5, Double.NaN}, space.point(adaptive), 1e-12);
    // The start's objective is CLIP, with the clip range 0.2.
    assertArrayEquals(
        new double[] {0.25, 0.5, Double.NaN, Double.NaN}, space.point(clip.objectNode()), 1e-12);
  }

  @Test
  void schedules_keepTheirShape() throws Exception {
    ObjectNode start = PPO.deepCopy().put("learningRate", "linear(1e-3, 1e-4)");
    SearchSpace space =
        new SearchSpace(
            "mine.yaml",
            yaml("learningRate: {range: [1e-4, 1e-2], scale: log}"),
            Algorithms.PPO,
            start);
    assertEquals(0.5, space.point(start.objectNode())[0], 1e-12);
    assertEquals(
        "linear(0.01, 0.001)", space.settings(new double[] {1}).get("learningRate").asText());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      value = {
        "learningRat: {range: [1, 2]} > mine.yaml: no setting 'learningRat'",
        "gamma: 0.9 > mine.yaml: gamma needs a range or values, such as {range: [1, 10]}, not 0.9",
        "gamma: {rang: [0, 1]} > mine.yaml: no key 'gamma.rang'",
        "gamma: {scale: log} > mine.yaml: gamma needs either a range or values",
        "gamma: {range: [0, 1], values: [0, 1]} > mine.yaml: gamma needs either a range or values",
        "gamma: {range: [1, 0]} > gamma: a range must be two ascending numbers, not [1,0]",
        "gamma: {range: [0, 1], scale: log} > gamma: on a log scale a range must be above 0",
        "gamma: {range: [0.5, 1], scale: logit} > gamma: on a logit scale a range must be between",
        "gamma: {range: [0.5, 1], scale: cubic} > a scale must be linear, log or logit",
        "gamma: {values: [0.9, 0.90]} > gamma: values must be different, not 0.9 twice",
        "gamma: {values: [0.9]} > gamma: values must be a list of at least two",
        "activation: {range: [0, 1]} > activation is not a number: it needs values, not a range",
        "epochs: {range: [1, 2.5]} > epochs is a whole number: its range must be so",
        "'{objective: {values: [CLIP, CPI]}, clipRange: {range: [0.1, 0.2], when: {objective: X}}}'"
            + " > clipRange is searched when objective = X, which is not one of its values",
        "clipRange: {range: [0.1, 0.2], when: {objectiv: CLIP}} > no setting 'objectiv'",
        "[] > mine.yaml: a search space must be settings by name, not []"
      })
  void whatIsNoSpace_isRefused(String text, String message) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> ppo(text.strip()));
    assertTrue(e.getMessage().contains(message.strip()), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      value = {
        "gamma: {range: [0.9, 1.5]} > gamma must be in [0.0, 1.0], not 1.5",
        "batchSize: {values: [64, 4096]} > batchSize must be in [1, 2048], not 4096",
        "activation: {values: [TANH, GELUX]} > activation must be one of",
        "'{objective: {values: [CLIP, CPI]}, clipRange: {range: [0.1, 0.2]}}' > has no effect with"
            + " objective = CPI",
        "'{rolloutSteps: {range: [64, 128]}, batchSize: {range: [32, 96]}}' > batchSize must be in"
            + " [1, 64], not 96"
      })
  void whatTheAlgorithmRefuses_isRefusedBeforeAnyTrial(String text, String message)
      throws Exception {
    SearchSpace space = ppo(text.strip());
    try (Mdp mdp = Environments.make("CartPole-v1")) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class, () -> space.check(Algorithms.PPO, mdp.actionSpace()));
      assertTrue(e.getMessage().contains(message.strip()), e.getMessage());
      assertTrue(e.getMessage().contains("mine.yaml"), e.getMessage());
    }
  }
}
