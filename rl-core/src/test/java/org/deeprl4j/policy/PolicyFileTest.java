package org.deeprl4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of network and of head comes back from its file as it went in. */
final class PolicyFileTest {
  private static final Box OBSERVATIONS = Box.of(-5, 5, 3);

  @TempDir Path folder;

  /** A policy's description. */
  record Case(NetworkSpec network, Space actions, NetworkPolicy.Head head, int firstColumn) {}

  static Stream<Case> cases() {
    Box box = Box.of(-2, 2, 2);
    String dl4j =
        new NeuralNetConfiguration.Builder()
            .list()
            .layer(
                new DenseLayer.Builder()
                    .nIn(3)
                    .nOut(4)
                    .activation(org.nd4j.linalg.activations.Activation.TANH)
                    .build())
            .build()
            .toJson();
    return Stream.of(
        new Case(Mlp.of(3, 5, 8), new Discrete(4), NetworkPolicy.Head.DISTRIBUTION, 1),
        new Case(
            new NetworkSpec.SideBySide(
                List.of(
                    new NetworkSpec.Stacked(
                        Mlp.of(3, 6, 8).withOutputActivation(Activation.TANH),
                        new NetworkSpec.SideBySide(List.of(Mlp.of(6, 1), Mlp.of(6, 2))),
                        true),
                    new NetworkSpec.Constant(3, Collections.nCopies(2 * 6, -2.0)))),
            box,
            NetworkPolicy.Head.STATE_DEPENDENT_GAUSSIAN,
            1),
        new Case(
            Mlp.of(3, 4).withInit(new Mlp.Init.Dl4j(dl4j)),
            box,
            NetworkPolicy.Head.SQUASHED_GAUSSIAN,
            0),
        new Case(
            Mlp.of(3, 2, 8).withInit(new Mlp.Init.FanInUniformSmallOutput(3e-3)),
            box,
            NetworkPolicy.Head.DETERMINISTIC,
            0),
        new Case(
            new NetworkSpec.Dl4j(3, 4, dl4j),
            new Discrete(4),
            NetworkPolicy.Head.ACTION_VALUES,
            0));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void policy_comesBackAsItWas(Case c) throws Exception {
    Path file = folder.resolve("policy.rl");
    float[] observations = new float[5 * 3];
    new Rng(4).fillGaussian(observations, 0, observations.length);
    float[] expected = new float[5 * c.actions().size()];
    float[] actual = expected.clone();
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      NetworkPolicy policy =
          new NetworkPolicy(
              compute,
              new ObservationEncoder(OBSERVATIONS, true),
              c.actions(),
              compute.network(c.network(), new Rng(1)),
              c.firstColumn(),
              c.head());
      policy.encoder().observe(observations, 5);
      policy.act(observations, 5, expected);
      PolicyFile.write(file, policy);
      NetworkPolicy read = PolicyFile.read(file, compute);
      read.act(observations, 5, actual);
      assertEquals(c.network(), read.network().spec());
      assertEquals(c.actions(), read.actionSpace());
    }
    assertArrayEquals(expected, actual);
  }

  /** A file whose description says what it should not, with a right checksum. */
  private String refusal(String description) throws Exception {
    Path file = folder.resolve("forged.bin");
    StateFile.write(
        file,
        "policy",
        new Stateful() {
          @Override
          public void save(StateWriter out) {
            out.put("description", description.replace('\'', '"'));
          }

          @Override
          public void load(StateReader in) {}
        });
    return assertThrows(StateFormatException.class, () -> PolicyFile.read(file)).getMessage();
  }

  private static String description(
      String observations, String actions, String network, int firstColumn) {
    return ("{'observationSpace':%s,'actionSpace':%s,'normalizeObservations':false,'network':%s,"
            + "'firstColumn':%d,'head':'DISTRIBUTION'}")
        .formatted(observations, actions, network, firstColumn);
  }

  private static String bits(int n) {
    return "{'kind':'multi-binary','n':%d}".formatted(n);
  }

  private static String mlp(int inputs, int outputs, String hidden) {
    return ("{'kind':'mlp','inputs':%d,'outputs':%d,'hidden':[%s],'activation':'TANH',"
            + "'outputActivation':'IDENTITY','layerNorm':false,'init':{'kind':'fan-in-uniform'}}")
        .formatted(inputs, outputs, hidden);
  }

  /** Nothing is as large as a description says before it is compared with the file. */
  @Test
  void descriptionsLargerThanTheirFile_areRefused() throws Exception {
    int many = (1 << 24) + 1;
    String constant = "{'kind':'constant','inputs':%d,'initial':[0,0,0]}";
    String few = refusal(description(bits(2), bits(3), mlp(2, 3, "1000"), 0));
    assertTrue(few.contains("the policy's network has 6003 parameters, more than a file of"), few);
    String inputs = refusal(description(bits(2), bits(3), constant.formatted(many), 0));
    assertTrue(
        inputs.contains("the policy has 16777217 inputs of its network, more than 16777216"),
        inputs);
    String observations = refusal(description(bits(many), bits(3), constant.formatted(2), 0));
    assertTrue(
        observations.contains("the policy has 16777217 numbers in an observation, more than"),
        observations);
    String actions = refusal(description(bits(2), bits(many), constant.formatted(2), 0));
    assertTrue(actions.contains("the policy has 16777217 numbers in an action, more"), actions);
    String choices =
        refusal(description(bits(2), "{'kind':'discrete','n':4}", constant.formatted(2), 0));
    assertTrue(
        choices.contains("the policy's network has 3 outputs, which are too few for "), choices);
    String columns = refusal(description(bits(2), bits(3), constant.formatted(2), 1));
    assertTrue(
        columns.contains(
            "the policy's description does not fit together: a network 2 → 3 does not fit"),
        columns);
  }

  @Test
  void otherPolicies_areRefused() {
    Policy other =
        new Policy() {
          @Override
          public Space observationSpace() {
            return OBSERVATIONS;
          }

          @Override
          public Space actionSpace() {
            return OBSERVATIONS;
          }

          @Override
          public void act(float[] observations, int rows, float[] actions) {}
        };
    Path file = folder.resolve("other.bin");
    String message =
        assertThrows(IllegalArgumentException.class, () -> PolicyFile.write(file, other))
            .getMessage();
    assertTrue(
        message.startsWith("a policy file holds a NetworkPolicy or a DeployedPolicy, not a org."),
        message);
    assertFalse(Files.exists(file));
    assertThrows(IllegalArgumentException.class, () -> DeployedPolicy.of(other));
  }
}
