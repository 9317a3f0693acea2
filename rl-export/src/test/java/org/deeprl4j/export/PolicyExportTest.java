package org.deeprl4j.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.policy.FeatureExtractor;
import org.deeprl4j.policy.Features;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.NetworkPolicy.Head;
import org.deeprl4j.policy.ObservationEncoder;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What ONNX Runtime and DL4J compute from exported files, against the policy itself. */
final class PolicyExportTest {
  private static final int ROWS = 200;
  private static final Box PLAIN = Box.of(-5, 5, 3);
  private static final Box ARM = Box.of(new float[] {-2, 0}, new float[] {2, 0.5f});

  @TempDir Path folder;

  /** A kind of policy. */
  record Case(
      String name,
      Space observations,
      boolean normalize,
      NetworkSpec network,
      Space actions,
      Head head,
      int firstColumn) {
    @Override
    public String toString() {
      return name;
    }

    NetworkPolicy policy(Compute compute) {
      NetworkPolicy policy =
          new NetworkPolicy(
              compute,
              new ObservationEncoder(observations, normalize),
              actions,
              compute.network(network, new Rng(1)),
              firstColumn,
              head);
      // Biases, gains and small output layers that stay as they are drawn would hide mistakes.
      float[] theta = policy.network().parameters().floatsForWriting();
      Rng random = new Rng(2);
      for (int i = 0; i < theta.length; i++) {
        theta[i] += (float) (0.3 * random.nextGaussian());
      }
      policy.encoder().observe(draw(observations, 7), ROWS);
      return policy;
    }
  }

  static float[] draw(Space space, long seed) {
    float[] rows = new float[ROWS * space.size()];
    Rng random = new Rng(seed);
    float[] one = new float[space.size()];
    for (int b = 0; b < ROWS; b++) {
      drawOne(space, random, one, 0);
      System.arraycopy(one, 0, rows, b * one.length, one.length);
    }
    return rows;
  }

  private static void drawOne(Space space, Rng random, float[] out, int at) {
    if (space instanceof Discrete discrete) {
      out[at] = random.nextInt(discrete.n());
    } else if (space instanceof MultiDiscrete many) {
      for (int i = 0; i < many.size(); i++) {
        out[at + i] = random.nextInt(many.counts()[i]);
      }
    } else if (space instanceof MultiBinary bits) {
      for (int i = 0; i < bits.size(); i++) {
        out[at + i] = random.nextInt(2);
      }
    } else if (space instanceof Dict dict) {
      int next = at;
      for (Space part : dict.spaces().values()) {
        drawOne(part, random, out, next);
        next += part.size();
      }
    } else {
      for (int i = 0; i < space.size(); i++) {
        out[at + i] = (float) (3 * random.nextGaussian());
      }
    }
  }

  private static Dict masked(Space observations, int flags) {
    Map<String, Space> entries = new LinkedHashMap<>();
    entries.put(Dict.OBSERVATION, observations);
    entries.put(Dict.ACTION_MASK, new MultiBinary(flags));
    return new Dict(entries);
  }

  private static NetworkSpec convolved(Space space) {
    FeatureExtractor layers =
        FeatureExtractor.pictures(
            new FeatureExtractor.Layer(4, 4, 2), new FeatureExtractor.Layer(3, 3, 1));
    Features features = new Features(layers, new ObservationEncoder(space, false));
    Mlp head = Mlp.of(features.size(), 2, 8).withOutputActivation(Activation.TANH);
    return features.under(head);
  }

  /** A value, the means of an arm's actions and their free log σ. */
  private static NetworkSpec apart(int inputs) {
    return new NetworkSpec.SideBySide(
        List.of(
            Mlp.of(inputs, 1, 8),
            Mlp.of(inputs, 2, 16, 16),
            new NetworkSpec.Constant(inputs, List.of(-1.0, -1.0))));
  }

  /** Seven units of memory on the features, with a head. */
  private static NetworkSpec remembering(Space observations, NetworkSpec head) {
    ObservationEncoder encoder = new ObservationEncoder(observations, false);
    return new Features(FeatureExtractor.pictures(), encoder).remembered(7, seen -> head);
  }

  static Stream<Case> cases() {
    Box grey = Box.of(0, 255, 2, 12, 13);
    Box coloured = Box.of(0, 255, 12, 13, 3);
    Map<String, Space> seen = new LinkedHashMap<>();
    seen.put("joints", Box.of(-9, 9, 2));
    seen.put("picture", grey);
    seen.put("tool", new Discrete(3));
    Dict withPicture = new Dict(seen);
    Map<String, Space> mixed = new LinkedHashMap<>();
    mixed.put("a", new Discrete(3));
    mixed.put("b", Box.of(-9, 9, 2));
    mixed.put("c", MultiDiscrete.of(2, 4));
    mixed.put("d", Box.of(-9, 9, 1));
    Dict dict = new Dict(mixed);
    NetworkSpec apart = apart(3);
    NetworkSpec shared =
        new NetworkSpec.Stacked(
            Mlp.of(3, 8, 16).withOutputActivation(Activation.TANH),
            new NetworkSpec.SideBySide(List.of(Mlp.of(8, 1), Mlp.of(8, 5))),
            false);
    NetworkSpec gsde =
        new NetworkSpec.SideBySide(
            List.of(
                Mlp.of(3, 1, 8),
                new NetworkSpec.Stacked(
                    Mlp.of(3, 6, 8).withOutputActivation(Activation.TANH), Mlp.of(6, 2), true),
                new NetworkSpec.Constant(3, Collections.nCopies(12, -2.0))));
    return Stream.of(
        new Case("gaussian", PLAIN, false, apart, ARM, Head.DISTRIBUTION, 1),
        new Case("gaussian normalised", PLAIN, true, apart, ARM, Head.DISTRIBUTION, 1),
        new Case("categorical, shared", PLAIN, true, shared, new Discrete(5), Head.DISTRIBUTION, 1),
        new Case(
            "multi-discrete",
            PLAIN,
            false,
            Mlp.of(3, 9, 16),
            MultiDiscrete.of(2, 3, 4),
            Head.DISTRIBUTION,
            0),
        new Case(
            "multi-binary",
            PLAIN,
            false,
            Mlp.of(3, 4, 16),
            new MultiBinary(4),
            Head.DISTRIBUTION,
            0),
        new Case("gSDE", PLAIN, false, gsde, ARM, Head.STATE_DEPENDENT_GAUSSIAN, 1),
        new Case(
            "gSDE squashed", PLAIN, true, gsde, ARM, Head.SQUASHED_STATE_DEPENDENT_GAUSSIAN, 1),
        new Case("squashed", PLAIN, false, Mlp.of(3, 4, 16, 16), ARM, Head.SQUASHED_GAUSSIAN, 0),
        new Case("deterministic", PLAIN, false, Mlp.of(3, 2, 16), ARM, Head.DETERMINISTIC, 0),
        new Case(
            "action values",
            PLAIN,
            false,
            Mlp.of(3, 6, 16),
            new Discrete(6),
            Head.ACTION_VALUES,
            0),
        new Case("stacked pictures", grey, false, convolved(grey), ARM, Head.DETERMINISTIC, 0),
        new Case(
            "coloured pictures", coloured, false, convolved(coloured), ARM, Head.DETERMINISTIC, 0),
        new Case(
            "dictionary with a picture",
            withPicture,
            false,
            convolved(withPicture),
            ARM,
            Head.DETERMINISTIC,
            0),
        new Case("categories", new Discrete(7), false, Mlp.of(7, 2, 8), ARM, Head.DETERMINISTIC, 0),
        new Case("dictionary", dict, false, Mlp.of(12, 2, 8), ARM, Head.DETERMINISTIC, 0),
        new Case("dictionary normalised", dict, true, Mlp.of(12, 2, 8), ARM, Head.DETERMINISTIC, 0),
        new Case(
            "masks",
            masked(PLAIN, 5),
            true,
            Mlp.of(3, 5, 16),
            new Discrete(5),
            Head.DISTRIBUTION,
            0),
        new Case(
            "masks of values, categories",
            masked(new Discrete(7), 6),
            false,
            Mlp.of(7, 6, 8),
            new Discrete(6),
            Head.ACTION_VALUES,
            0),
        new Case(
            "masks of choices",
            masked(PLAIN, 9),
            false,
            Mlp.of(3, 9, 16),
            MultiDiscrete.of(2, 3, 4),
            Head.DISTRIBUTION,
            0),
        new Case("memory", PLAIN, true, remembering(PLAIN, apart(7)), ARM, Head.DISTRIBUTION, 1),
        new Case(
            "memory and masks of pictures",
            masked(withPicture, 4),
            false,
            remembering(masked(withPicture, 4), Mlp.of(7, 4, 5)),
            new Discrete(4),
            Head.DISTRIBUTION,
            0),
        new Case(
            "layer normalisation",
            PLAIN,
            false,
            Mlp.of(3, 2, 16, 8).withActivation(Activation.RELU).withLayerNorm(true),
            ARM,
            Head.DETERMINISTIC,
            0));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void onnx_givesTheSameActions(Case c) throws Exception {
    try (Compute compute = Compute.light()) {
      check(c.policy(compute));
    }
  }

  @ParameterizedTest
  @EnumSource
  void onnx_hasEveryActivation(Activation activation) throws Exception {
    Mlp mlp = Mlp.of(3, 2, 16).withActivation(activation);
    try (Compute compute = Compute.light()) {
      check(
          new Case("of " + activation, PLAIN, false, mlp, ARM, Head.DETERMINISTIC, 0)
              .policy(compute));
    }
  }

  private void check(NetworkPolicy policy) throws Exception {
    Path file = folder.resolve("policy.onnx");
    PolicyExport.onnx(policy, file);
    int flags = policy.encoder().maskSize();
    int inputs = policy.observationSpace().size() - flags;
    int outputs = policy.actionSpace().size();
    float[] observations = draw(policy.observationSpace(), 3);
    float[] seen = new float[ROWS * inputs];
    float[] masks = new float[ROWS * flags];
    for (int b = 0; b < ROWS; b++) {
      int at = b * (inputs + flags);
      for (int i = 0, k = inputs; i < outputs && flags > 0; i++) {
        observations[at + k] = 1; // each choice has an alternative
        k += policy.actionSpace().choices()[i];
      }
      System.arraycopy(observations, at, seen, b * inputs, inputs);
      System.arraycopy(observations, at + inputs, masks, b * flags, flags);
    }
    float[] expected = new float[ROWS * outputs];
    int size = policy.stateSize();
    float[] states = new float[ROWS * size];
    new Rng(4).fillGaussian(states, 0, states.length);
    float[] next = states.clone();
    policy.act(observations, ROWS, next, expected);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(file.toString());
        OnnxTensor x =
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(seen), new long[] {ROWS, inputs});
        OnnxTensor mask =
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(masks), new long[] {ROWS, flags});
        OnnxTensor state =
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(states), new long[] {ROWS, size});
        OrtSession.Result result = session.run(given(x, flags, mask, size, state))) {
      float[][] actions = (float[][]) result.get("actions").orElseThrow().getValue();
      for (int b = 0; b < ROWS; b++) {
        for (int i = 0; i < outputs; i++) {
          assertEquals(expected[b * outputs + i], actions[b][i], 1e-5f, "row " + b);
        }
      }
      for (int b = 0; b < ROWS && size > 0; b++) {
        float[][] given = (float[][]) result.get("next_state").orElseThrow().getValue();
        for (int i = 0; i < size; i++) {
          assertEquals(next[b * size + i], given[b][i], 1e-5f, "state of row " + b);
        }
      }
      assertTrue(
          session.getMetadata().getCustomMetadata().get("policy").contains("\"actionSpace\""));
    }
  }

  private static Map<String, OnnxTensor> given(
      OnnxTensor x, int flags, OnnxTensor mask, int size, OnnxTensor state) {
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>(Map.of("observations", x));
    if (flags > 0) {
      inputs.put("action_mask", mask);
    }
    if (size > 0) {
      inputs.put("state", state);
    }
    return inputs;
  }

  @Test
  void dl4jExport_givesTheMeans() throws Exception {
    Case c = new Case("shared", PLAIN, false, Mlp.of(3, 4, 16, 8), ARM, Head.SQUASHED_GAUSSIAN, 0);
    Path file = folder.resolve("policy.zip");
    try (Compute compute = Compute.light()) {
      NetworkPolicy policy = c.policy(compute);
      PolicyExport.dl4j(policy, file);
      float[] observations = draw(PLAIN, 3);
      float[] expected = new float[ROWS * 2];
      policy.act(observations, ROWS, expected);
      MultiLayerNetwork network = MultiLayerNetwork.load(file.toFile(), false);
      INDArray means = network.output(Nd4j.create(observations, new long[] {ROWS, 3}, 'c'));
      float[] actions = new float[ROWS * 2];
      for (int b = 0; b < ROWS; b++) {
        actions[2 * b] = (float) (2 * Math.tanh(means.getFloat(b, 0)));
        actions[2 * b + 1] = (float) (0.25 * (Math.tanh(means.getFloat(b, 1)) + 1));
      }
      assertArrayEquals(expected, actions, 1e-5f);
    }
  }

  @Test
  void json_saysAllThatIsNeeded() throws Exception {
    Path file = folder.resolve("policy.json");
    try (Compute compute = Compute.light()) {
      Case c =
          new Case("normalised", PLAIN, true, Mlp.of(3, 4, 16), ARM, Head.SQUASHED_GAUSSIAN, 0);
      NetworkPolicy policy = c.policy(compute);
      PolicyExport.json(policy, file);
      JsonNode root = new ObjectMapper().readTree(file.toFile());
      float[] observation = {0.3f, -1, 2};
      double[] x = new double[3];
      for (int i = 0; i < 3; i++) {
        JsonNode encoding = root.get("observations");
        x[i] =
            (observation[i] - encoding.get("means").get(i).doubleValue())
                * encoding.get("scales").get(i).doubleValue();
      }
      for (JsonNode layer : root.get("layers")) {
        double[] y = new double[layer.get("biases").size()];
        for (int o = 0; o < y.length; o++) {
          y[o] = layer.get("biases").get(o).doubleValue();
          for (int i = 0; i < x.length; i++) {
            y[o] += x[i] * layer.get("weights").get(i).get(o).doubleValue();
          }
          y[o] = layer.get("activation").textValue().equals("TANH") ? Math.tanh(y[o]) : y[o];
        }
        x = y;
      }
      float[] action = policy.act(observation);
      assertEquals(action[0], 2 * Math.tanh(x[0]), 1e-5);
      assertEquals(action[1], 0.25 * (Math.tanh(x[1]) + 1), 1e-5);
      assertEquals("SQUASHED_GAUSSIAN", root.get("policy").get("head").textValue());
    }
  }

  @Test
  void memory_isRefusedByFormatsOfDenseLayers() {
    Path file = folder.resolve("policy.zip");
    try (Compute compute = Compute.light()) {
      NetworkPolicy policy =
          new Case("memory", PLAIN, true, remembering(PLAIN, apart(7)), ARM, Head.DISTRIBUTION, 1)
              .policy(compute);
      for (Executable export :
          List.<Executable>of(
              () -> PolicyExport.dl4j(policy, file), () -> PolicyExport.json(policy, file))) {
        String why = assertThrows(IllegalArgumentException.class, export).getMessage();
        assertTrue(why.contains("Lstm"), why);
      }
    }
    assertFalse(Files.exists(file));
  }

  @Test
  void networkOfDl4j_isRefused_andNothingIsWritten() throws Exception {
    String configuration =
        new org.deeplearning4j.nn.conf.NeuralNetConfiguration.Builder()
            .list()
            .layer(
                new org.deeplearning4j.nn.conf.layers.DenseLayer.Builder().nIn(3).nOut(2).build())
            .build()
            .toJson();
    Path file = folder.resolve("policy.onnx");
    List<String> messages = new ArrayList<>();
    try (Compute compute = Compute.light()) {
      NetworkPolicy policy =
          new Case(
                  "dl4j",
                  PLAIN,
                  false,
                  new NetworkSpec.Dl4j(3, 2, configuration),
                  ARM,
                  Head.DETERMINISTIC,
                  0)
              .policy(compute);
      messages.add(
          assertThrows(IllegalArgumentException.class, () -> PolicyExport.onnx(policy, file))
              .getMessage());
    }
    assertTrue(messages.get(0).contains("Dl4j"), messages.get(0));
    assertFalse(Files.exists(file));
  }
}
