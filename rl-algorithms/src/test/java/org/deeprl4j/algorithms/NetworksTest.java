package org.deeprl4j.algorithms;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Critics;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.sac.SacConfig;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.envs.rendering.PictureObservation;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.wrappers.FrameStack;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.policy.DeployedPolicy;
import org.deeprl4j.policy.FeatureExtractor;
import org.deeprl4j.policy.Features;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.PolicyFile;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks other than multilayer perceptrons of one width, in every algorithm. */
final class NetworksTest {
  private static final Compute COMPUTE = Compute.create(Compute.Kernels.AUTO, 1);

  /** They need directional derivatives, which convolutions have not. */
  private static final Set<String> DENSE = Set.of("trpo", "npg");

  private static final Map<String, String> SMALL =
      Map.of(
          "hidden", "16",
          "bufferSize", "100",
          "batchSize", "8",
          "learningStarts", "20",
          "rolloutSteps", "16",
          "episodesPerUpdate", "1",
          "environments", "1",
          "actorLearners", "1");

  @TempDir Path folder;

  @AfterAll
  static void close() {
    COMPUTE.close();
  }

  static Stream<String> algorithms() {
    return Algorithms.all().stream().map(Algorithm::id);
  }

  private static <C extends Record> Trainer start(Algorithm<C> algorithm, TrainingSetup setup) {
    ObjectNode settings = Configurations.toJson(algorithm.defaults());
    settings.retain(SMALL.keySet());
    for (String name : SMALL.keySet()) {
      if (settings.has(name)) {
        settings.put(name, SMALL.get(name));
      }
    }
    return algorithm.start(
        setup,
        Configurations.bind(
            algorithm.defaults(), List.of(new Configurations.Layer("test", settings))));
  }

  private static Mdp numbers(Algorithm<?> algorithm) {
    try {
      algorithm.checkActions(Box.of(-1, 1, 1));
      return Environments.make("Pendulum-v1");
    } catch (IllegalArgumentException e) {
      return Environments.make("CartPole-v1");
    }
  }

  private static Mdp pictures(Algorithm<?> algorithm) {
    return new FrameStack(new PictureObservation(numbers(algorithm), 36, 40), 2);
  }

  @ParameterizedTest
  @MethodSource("algorithms")
  void everyAlgorithm_learnsFromPictures(String id) throws IOException {
    Algorithm<?> algorithm = Algorithms.find(id);
    TrainingSetup setup = new TrainingSetup(() -> pictures(algorithm), 60, 2, COMPUTE);
    if (DENSE.contains(id)) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> start(algorithm, setup).close())
              .getMessage();
      assertTrue(message.contains("dense"), message);
      return;
    }
    try (Trainer trainer = start(algorithm, setup)) {
      NetworkPolicy policy = (NetworkPolicy) trainer.policy();
      String spec = policy.network().spec().toString();
      assertTrue(spec.contains("Convolution[scale=0.00392"), spec);
      float[] before = policy.network().parameters().floats().clone();
      trainer.train();
      float[] after = policy.network().parameters().floats();
      // The networks begin with the filters of 8 × 8 pixels in two pictures.
      assertTrue(!Arrays.equals(before, 0, 32 * 128, after, 0, 32 * 128), "no filter has moved");

      PolicyFile.write(folder.resolve("policy"), policy);
      DeployedPolicy read = PolicyFile.read(folder.resolve("policy"));
      float[] picture = new float[2 * 36 * 40];
      Rng random = new Rng(3);
      for (int i = 0; i < picture.length; i++) {
        picture[i] = random.nextInt(256);
      }
      float[] expected = new float[policy.actionSpace().size()];
      policy.act(picture, 1, expected);
      assertArrayEquals(expected, read.act(picture), 1e-6f);
    }
  }

  @ParameterizedTest
  @MethodSource("algorithms")
  void everyAlgorithm_takesADenseExtractor(String id) {
    Algorithm<?> algorithm = Algorithms.find(id);
    FeatureExtractor extractor =
        encoder -> Mlp.of(encoder.size(), 5, 6).withOutputActivation(Activation.TANH);
    TrainingSetup setup = new TrainingSetup(() -> numbers(algorithm), 60, 1, COMPUTE, extractor);
    try (Trainer trainer = start(algorithm, setup)) {
      String spec = ((NetworkPolicy) trainer.policy()).network().spec().toString();
      assertTrue(spec.contains("outputs=5, hidden=[6]"), spec);
      trainer.train();
    }
  }

  @Test
  void critics_haveTheirOwnWidths_onFeaturesAndActions() {
    SacConfig config =
        SacConfig.defaults()
            .withHidden(List.of(8))
            .withValueHidden(List.of(7, 6))
            .withLayerNorm(true);
    LearnerContext plain = Batches.context(COMPUTE, 4, Box.of(-1, 1, 2), 1);
    LearnerContext context =
        new LearnerContext(
            COMPUTE,
            plain.encoder(),
            new Features(encoder -> Mlp.of(4, 3), plain.encoder()),
            plain.actionSpace(),
            new Rng(1));
    NetworkSpec.Stacked spec =
        (NetworkSpec.Stacked) new Critics(context, config, 2, 2).networks().get(1).network().spec();
    assertEquals(
        new NetworkSpec.Parallel(List.of(Mlp.of(4, 3), new NetworkSpec.Identity(2))), spec.body());
    Mlp head = (Mlp) spec.head();
    assertEquals(5, head.inputs());
    assertEquals(List.of(7, 6), head.hidden());
    assertTrue(head.layerNorm());
  }

  @Test
  void actorCritics_shareFeaturesOrNot() {
    LearnerContext plain = Batches.context(COMPUTE, 4, Box.of(-1, 1, 2), 1);
    Mlp extractor = Mlp.of(4, 3);
    LearnerContext context =
        new LearnerContext(
            COMPUTE,
            plain.encoder(),
            new Features(encoder -> extractor, plain.encoder()),
            plain.actionSpace(),
            new Rng(1));
    List<NetworkSpec> apart = describe(context, List.of(9), false, List.of(8));
    assertEquals(3, apart.size());
    assertEquals(extractor, ((NetworkSpec.Stacked) apart.get(0)).body());
    assertEquals(List.of(9), ((Mlp) ((NetworkSpec.Stacked) apart.get(0)).head()).hidden());
    assertEquals(extractor, ((NetworkSpec.Stacked) apart.get(1)).body());
    assertEquals(List.of(8), ((Mlp) ((NetworkSpec.Stacked) apart.get(1)).head()).hidden());
    assertEquals(4, apart.get(2).inputs());

    for (List<Integer> hidden : List.of(List.of(8), List.<Integer>of())) {
      List<NetworkSpec> shared = describe(context, null, true, hidden);
      assertEquals(2, shared.size());
      assertEquals(extractor, ((NetworkSpec.Stacked) shared.get(0)).body());
      assertEquals(3, shared.get(0).outputs());
    }
  }

  private static List<NetworkSpec> describe(
      LearnerContext context, List<Integer> valueHidden, boolean shared, List<Integer> hidden) {
    NetworkSpec spec =
        new MlpArchitecture(hidden, valueHidden, Activation.TANH, false, shared, LogStd.FREE, 0)
            .describe(context);
    return ((NetworkSpec.SideBySide) spec).parts();
  }

  @Test
  void settingsThatDoNotGoTogether_areRefused() {
    Algorithm<?> ppo = Algorithms.PPO;
    for (String settings :
        List.of(
            "{\"sharedNetwork\": true, \"valueHidden\": \"8\"}",
            "{\"sharedNetwork\": true, \"layerNorm\": true}")) {
      assertThrows(IllegalArgumentException.class, () -> bind(ppo, settings), settings);
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> bind(Algorithms.SAC, "{\"logStd\": \"GSDE\", \"layerNorm\": true}"));
    assertThrows(
        IllegalArgumentException.class,
        () -> bind(Algorithms.DQN, "{\"dueling\": true, \"layerNorm\": true}"));
  }

  private static <C extends Record> C bind(Algorithm<C> algorithm, String settings)
      throws IOException {
    ObjectNode node =
        (ObjectNode) new com.fasterxml.jackson.databind.ObjectMapper().readTree(settings);
    return Configurations.bind(
        algorithm.defaults(), List.of(new Configurations.Layer("test", node)));
  }
}
