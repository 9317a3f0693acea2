package org.deeprl4j.algorithms.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deeprl4j.algorithms.ddpg.DdpgConfig;
import org.deeprl4j.algorithms.dqn.DqnConfig;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** y = wx + b of one row, x = 2. */
final class TrainableNetworkTest {
  private static final DqnConfig SETTINGS =
      DqnConfig.defaults()
          .with(c -> c.batchSize(1).hidden(List.of()).adamEpsilon(1e-12).maxGradientNorm(null));

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final LearnerContext context = Batches.context(compute, 1, new Discrete(2), 1);
  private final Mlp line = TrainableNetwork.mlp(1, 1, List.of(), SETTINGS);

  @AfterEach
  void close() {
    compute.close();
  }

  private void descend(TrainableNetwork network, float slope, double learningRate) {
    Tensor x = compute.tensor(1, 1);
    x.fill(2);
    network.network().forward(x);
    network.outputGradient().fill(slope);
    network.descend(learningRate);
  }

  private static double norm(TrainableNetwork network) {
    Averages averages = new Averages(List.of("norm"));
    network.reportGradientNorm("norm", averages);
    return averages.of("norm");
  }

  @Test
  void descend_stepsAgainstTheGradientOfTheLastPass() {
    TrainableNetwork network = TrainableNetwork.alone(context, line, SETTINGS);
    float[] before = network.network().parameters().floats().clone();
    descend(network, 3, 0.1);
    assertArrayEquals(new float[] {6, 3}, network.network().gradient().floats());
    assertArrayEquals(
        new float[] {before[0] - 0.1f, before[1] - 0.1f},
        network.network().parameters().floats(),
        1e-5f);
    descend(network, -1, 0.1); // gradients do not add up
    assertArrayEquals(new float[] {-2, -1}, network.network().gradient().floats());
  }

  @Test
  void norm_isMeasuredInEvery32ndStep() {
    TrainableNetwork network = TrainableNetwork.alone(context, line, SETTINGS);
    assertEquals(Double.NaN, norm(network), "no step yet");
    for (int step = 0; step < 65; step++) {
      descend(network, step + 1, 0);
      double expected = step % 32 == 0 ? (step + 1) * Math.sqrt(5) : Double.NaN;
      assertEquals(expected, norm(network), 1e-4, "step " + step);
    }
  }

  @Test
  void boundedGradient_isMeasuredInEveryStepAndScaled() {
    TrainableNetwork network =
        TrainableNetwork.withTarget(context, line, SETTINGS.withMaxGradientNorm(1.0));
    for (int step = 0; step < 3; step++) {
      descend(network, 3, 0);
      assertEquals(3 * Math.sqrt(5), norm(network), 1e-5);
      assertEquals(1, network.network().gradient().norm2(), 1e-6);
    }
  }

  @Test
  void stepsThatAnotherClassTakes_countLikeItsOwn() {
    TrainableNetwork network = TrainableNetwork.alone(context, line, SETTINGS);
    for (int step = 0; step < 33; step++) {
      network.network().gradient().fill(step + 1);
      network.beginStep(0.1);
      network.endStep();
      double expected = step % 32 == 0 ? (step + 1) * Math.sqrt(2) : Double.NaN;
      assertEquals(expected, norm(network), 1e-4, "step " + step);
    }
  }

  @Test
  void boundedGradient_isNotForStepsOfAnotherClass() {
    TrainableNetwork network =
        TrainableNetwork.withTarget(context, line, SETTINGS.withMaxGradientNorm(1.0));
    assertEquals(
        "only descend bounds the gradient",
        assertThrows(IllegalStateException.class, () -> network.beginStep(0.1)).getMessage());
  }

  @Test
  void target_movesByTau() {
    TrainableNetwork network = TrainableNetwork.withTarget(context, line, SETTINGS);
    float[] start = network.network().parameters().floats().clone();
    assertArrayEquals(start, network.target().parameters().floats());
    descend(network, 1, 0.4);
    network.trackTarget(0.25);
    assertArrayEquals(
        new float[] {start[0] - 0.1f, start[1] - 0.1f},
        network.target().parameters().floats(),
        1e-6f);
  }

  @Test
  void networkWithoutATarget_saysSo() {
    TrainableNetwork network = TrainableNetwork.alone(context, line, SETTINGS);
    assertEquals(
        "this network has no target network",
        assertThrows(IllegalStateException.class, network::target).getMessage());
  }

  @Test
  void savedAndLoaded_goesOn() {
    for (boolean followed : new boolean[] {false, true}) {
      TrainableNetwork network = network(followed);
      descend(network, 2, 0.1);
      TrainableNetwork loaded = network(followed);
      StateFile.fromBytes(StateFile.toBytes("network", network), "network", loaded);
      if (followed) {
        assertArrayEquals(
            network.target().parameters().floats(), loaded.target().parameters().floats());
      }
      descend(network, -1, 0.1);
      descend(loaded, -1, 0.1);
      assertArrayEquals(
          network.network().parameters().floats(), loaded.network().parameters().floats());
      assertEquals(Double.NaN, norm(loaded), "the second step is not measured");
    }
  }

  private TrainableNetwork network(boolean followed) {
    return followed
        ? TrainableNetwork.withTarget(context, line, SETTINGS)
        : TrainableNetwork.alone(context, line, SETTINGS);
  }

  @Test
  void valueNetworks_haveWidthsOfTheirOwn_ifTheyAreGiven() {
    DdpgConfig settings =
        DdpgConfig.defaults().with(c -> c.hidden(List.of(8)).activation(Activation.TANH));
    Mlp usual = TrainableNetwork.valueMlp(3, 1, settings);
    assertEquals(List.of(8), usual.hidden());
    assertEquals(Activation.TANH, usual.activation());
    assertFalse(usual.layerNorm());
    Mlp own = TrainableNetwork.valueMlp(3, 1, settings.withValueHidden(List.of(4, 5)));
    assertEquals(List.of(4, 5), own.hidden());
    assertTrue(TrainableNetwork.valueMlp(3, 1, settings.withLayerNorm(true)).layerNorm());
    assertEquals(List.of(8), TrainableNetwork.mlp(3, 1, List.of(8), settings).hidden());
  }
}
