package org.deeprl4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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
}
