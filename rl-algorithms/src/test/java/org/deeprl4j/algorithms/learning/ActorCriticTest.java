package org.deeprl4j.algorithms.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks with the columns [V | z], of three inputs. */
final class ActorCriticTest {
  private static final int ROWS = 5;
  private static final int IN = 3;
  private static final Box BOX = Box.of(-1, 1, 2);
  private static final Discrete CHOICES = new Discrete(4);

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final Tensor observations = compute.tensor(ROWS, IN);

  ActorCriticTest() {
    new Rng(3).fillGaussian(observations.floatsForWriting(), 0, ROWS * IN);
  }

  @AfterEach
  void close() {
    compute.close();
  }

  private static MlpArchitecture architecture(boolean shared, LogStd logStd, Integer... hidden) {
    return new MlpArchitecture(List.of(hidden), null, Activation.TANH, false, shared, logStd, -0.5);
  }

  private ActorCritic together(Space actions, MlpArchitecture architecture) {
    return ActorCritic.together(
        Batches.context(compute, IN, actions, 1),
        architecture,
        architecture.logStd().distribution(actions, architecture.hidden()));
  }

  /** Parameters counted by hand: a dense layer of i inputs and o outputs has i·o + o. */
  static Stream<Arguments> networks() {
    int value = 3 * 8 + 8 + 8 + 1;
    int body = 3 * 8 + 8;
    return Stream.of(
        Arguments.of(CHOICES, architecture(false, LogStd.FREE), 4 + 16, 5),
        Arguments.of(CHOICES, architecture(true, LogStd.FREE), 4 + 16, 5),
        Arguments.of(CHOICES, architecture(false, LogStd.FREE, 8), value + body + 36, 5),
        Arguments.of(CHOICES, architecture(true, LogStd.FREE, 8), body + 9 + 36, 5),
        Arguments.of(BOX, architecture(false, LogStd.FREE, 8), value + body + 18 + 2, 5),
        Arguments.of(BOX, architecture(true, LogStd.FREE, 8), body + 9 + 18 + 2, 5),
        Arguments.of(BOX, architecture(false, LogStd.STATE_DEPENDENT, 8), value + body + 36, 5),
        Arguments.of(BOX, architecture(true, LogStd.STATE_DEPENDENT, 8), body + 9 + 36, 5),
        // [V | μ | φ | log σ] with eight features φ and 2·8 log σ
        Arguments.of(BOX, architecture(false, LogStd.GSDE, 8), value + body + 18 + 16, 27),
        Arguments.of(BOX, architecture(true, LogStd.GSDE, 8), body + 9 + 18 + 16, 27),
        Arguments.of(BOX, architecture(true, LogStd.GSDE, 4, 8), 16 + 40 + 9 + 18 + 16, 27));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void networks_haveTheLayersTheyShouldHave(
      Space actions, MlpArchitecture architecture, int parameters, int columns) {
    ActorCritic model = together(actions, architecture);
    assertEquals(parameters, model.network().parameters().size());
    assertEquals(columns, model.network().outputSize());
    model.predict(observations);
    if (architecture.logStd() != LogStd.STATE_DEPENDENT && actions == BOX) {
      int size = model.distribution().parameterSize();
      assertEquals(-0.5f, model.distributionParameters()[size - 1], "the free log σ");
    }
  }

  @Test
  void columns_areTheValueAndTheParameters() {
    ActorCritic model = together(CHOICES, architecture(false, LogStd.FREE, 8));
    float[] y = model.network().predict(observations).floats().clone();
    model.predict(observations);
    for (int b = 0; b < ROWS; b++) {
      assertEquals(y[5 * b], model.values()[b]);
      for (int k = 0; k < 4; k++) {
        assertEquals(y[5 * b + 1 + k], model.distributionParameters()[4 * b + k]);
      }
    }
    float[] actions = {0, 1, 2, 3, 0};
    float[] logProbs = new float[ROWS];
    float[] entropies = new float[ROWS];
    model.distribution().logProb(model.distributionParameters(), actions, ROWS, logProbs);
    model.distribution().entropy(model.distributionParameters(), ROWS, entropies);
    assertArrayEquals(logProbs, model.logProbs(actions));
    assertArrayEquals(entropies, model.entropies());
    float[] values = new float[ROWS];
    model
        .valueFunction(Batches.context(compute, IN, CHOICES, 1).encoder())
        .values(observations.floats(), ROWS, values);
    for (int b = 0; b < ROWS; b++) {
      assertEquals(y[5 * b], values[b]);
    }
  }

  @Test
  void backward_isTheDerivativeByBothOutputs() {
    ActorCritic model = together(CHOICES, architecture(true, LogStd.FREE, 8));
    float[] slopes = new float[ROWS * 5];
    new Rng(4).fillGaussian(slopes, 0, slopes.length);
    model.zGradient();
    model.forward(observations);
    Arrays.fill(model.zGradient(), 7); // what was there is gone when it is asked for again
    float[] z = model.zGradient();
    for (int b = 0; b < ROWS; b++) {
      model.valueGradient()[b] = slopes[5 * b];
      for (int k = 0; k < 4; k++) {
        assertEquals(0, z[4 * b + k]);
        z[4 * b + k] = slopes[5 * b + 1 + k];
      }
    }
    model.network().gradient().fill(0);
    model.backward();
    Gradients.assertDerivative(
        model.network(),
        () -> {
          float[] y = model.network().predict(observations).floats();
          double sum = 0;
          for (int i = 0; i < y.length; i++) {
            sum += slopes[i] * y[i];
          }
          return sum;
        });
  }

  @Test
  void apart_thePartsShareTheParametersOfTheWhole() {
    MlpArchitecture networks = architecture(false, LogStd.FREE, 8);
    ActorCritic model =
        ActorCritic.apart(
            Batches.context(compute, IN, BOX, 1),
            networks,
            LogStd.FREE.distribution(BOX, List.of(8)));
    float[] y = model.network().predict(observations).floats().clone();
    float[] v = model.valueNetwork().predict(observations).floats().clone();
    float[] z = model.policyNetwork().predict(observations).floats().clone();
    for (int b = 0; b < ROWS; b++) {
      assertEquals(y[5 * b], v[b]);
      assertArrayEquals(
          Arrays.copyOfRange(y, 5 * b + 1, 5 * b + 5), Arrays.copyOfRange(z, 4 * b, 4 * b + 4));
    }
    model.valueNetwork().parameters().fill(0);
    model.predict(observations);
    assertEquals(0, model.values()[2]);
    assertEquals(z[9], model.distributionParameters()[9]);
  }

  private String refusal(ActorCritic.Architecture architecture) {
    ActionDistribution distribution = LogStd.FREE.distribution(CHOICES, List.of());
    return assertThrows(
            IllegalArgumentException.class,
            () ->
                ActorCritic.apart(
                    Batches.context(compute, IN, CHOICES, 1), architecture, distribution))
        .getMessage();
  }

  @Test
  void apart_networksThatAreNot_areRefused() {
    String expected = "this algorithm trains value and policy apart";
    for (NetworkSpec spec :
        List.of(
            Mlp.of(IN, 5),
            new NetworkSpec.SideBySide(List.of(Mlp.of(IN, 5))),
            new NetworkSpec.SideBySide(List.of(Mlp.of(IN, 2), Mlp.of(IN, 3))))) {
      String message = refusal(context -> spec);
      assertEquals(expected, message.substring(0, expected.length()));
    }
    assertEquals(
        "an actor-critic network for this action space needs 1 value and 4 policy outputs, not 4 in all",
        refusal(context -> new NetworkSpec.SideBySide(List.of(Mlp.of(IN, 1), Mlp.of(IN, 3)))));
    ActorCritic model = together(CHOICES, architecture(false, LogStd.FREE));
    assertEquals(
        "value and policy are one network",
        assertThrows(IllegalStateException.class, model::valueNetwork).getMessage());
    assertThrows(IllegalStateException.class, model::policyNetwork);
  }

  @Test
  void standardDeviations_areForContinuousActions() {
    assertEquals(
        "logStd GSDE is for continuous actions, a Box space, not for "
            + CHOICES
            + ": leave it FREE",
        assertThrows(
                IllegalArgumentException.class, () -> LogStd.GSDE.distribution(CHOICES, List.of(8)))
            .getMessage());
    assertEquals(
        "logStd GSDE explores with the policy's last hidden layer, but hidden is empty",
        assertThrows(IllegalArgumentException.class, () -> LogStd.GSDE.distribution(BOX, List.of()))
            .getMessage());
  }

  @Test
  void policy_actsByTheModelsColumns() {
    for (LogStd logStd : new LogStd[] {LogStd.FREE, LogStd.GSDE}) {
      ActorCritic model = together(BOX, architecture(false, logStd, 8));
      NetworkPolicy policy = model.policy(Batches.context(compute, IN, BOX, 1));
      assertSame(model.network(), policy.network());
      float[] mode = new float[ROWS * 2];
      model.predict(observations);
      model.distribution().mode(model.distributionParameters(), ROWS, mode);
      float[] actions = new float[ROWS * 2];
      policy.act(observations.floats(), ROWS, actions);
      assertArrayEquals(mode, actions, 1e-6f); // small at the start, and not clipped
    }
  }

  @Test
  void savedAndLoaded_isTheSame() {
    ActorCritic model = together(CHOICES, architecture(true, LogStd.FREE, 8));
    ActorCritic loaded =
        ActorCritic.together(
            Batches.context(compute, IN, CHOICES, 9),
            architecture(true, LogStd.FREE, 8),
            model.distribution());
    StateFile.fromBytes(StateFile.toBytes("model", model), "model", loaded);
    assertArrayEquals(
        model.network().parameters().floats(), loaded.network().parameters().floats());
  }

  /**
   * The policy's last layer is a hundredth as large, so that the first policy is nearly uniform.
   */
  @Test
  void firstPolicies_areNearlyUniform() {
    for (boolean shared : new boolean[] {false, true}) {
      ActorCritic model = together(CHOICES, architecture(shared, LogStd.FREE, 64));
      model.predict(observations);
      double most = 0;
      double value = 0;
      for (int b = 0; b < ROWS; b++) {
        value = Math.max(value, Math.abs(model.values()[b]));
        for (int k = 0; k < 4; k++) {
          most = Math.max(most, Math.abs(model.distributionParameters()[4 * b + k]));
        }
      }
      assertEquals(0, most, 0.05);
      assertEquals(1, value, 0.95);
    }
  }

  /** What was forbidden to the policy that acted stays forbidden, row by row. */
  @Test
  void forbiddenActions_areForbiddenAgain() {
    float inf = Float.NEGATIVE_INFINITY;
    float[] old = new float[ROWS * 4];
    old[1] = inf;
    old[4 * 2] = inf;
    old[4 * ROWS - 1] = inf;
    for (boolean masked : new boolean[] {false, true}) {
      ActorCritic model =
          ActorCritic.together(
              masked
                  ? Batches.maskedContext(compute, IN, CHOICES, 1)
                  : Batches.context(compute, IN, CHOICES, 1),
              architecture(false, LogStd.FREE, 8),
              LogStd.FREE.distribution(CHOICES, List.of(8)));
      assertEquals(masked, model.masksActions());
      model.forward(observations);
      float[] before = Arrays.copyOf(model.distributionParameters(), ROWS * 4);
      model.forbidAs(old);
      for (int i = 0; i < before.length; i++) {
        float expected = masked && old[i] == inf ? inf : before[i];
        assertEquals(expected, model.distributionParameters()[i], "element " + i);
      }
    }
  }

  @Test
  void networksWithMemory_areForDriversThatKeepStates() {
    ActorCritic plain = together(CHOICES, architecture(false, LogStd.FREE, 8));
    plain.requireNoMemory();
    assertEquals(0, plain.stateSize());
    ActorCritic model =
        ActorCritic.together(
            Batches.context(compute, IN, CHOICES, 1),
            architecture(false, LogStd.FREE, 8).onMemory(3),
            LogStd.FREE.distribution(CHOICES, List.of(8)));
    assertEquals(6, model.stateSize());
    assertEquals(IN + 7, model.network().inputSize());
    assertEquals(
        "this algorithm takes no network with memory; PPO and A2C do",
        assertThrows(IllegalArgumentException.class, model::requireNoMemory).getMessage());
    float[] v = new float[1];
    Tensor x = compute.tensor(1, IN + 7);
    System.arraycopy(observations.floats(), 0, x.floatsForWriting(), 0, IN);
    x.floatsForWriting()[IN + 6] = 1; // an episode begins
    float expected = model.network().predict(x).floats()[0];
    model
        .valueFunction(Batches.context(compute, IN, CHOICES, 1).encoder())
        .values(observations.floats(), 1, v);
    assertEquals(expected, v[0], 1e-6);
    assertSame(
        plain.network().spec().getClass(),
        ActorCritic.together(
                Batches.context(compute, IN, CHOICES, 1),
                architecture(false, LogStd.FREE, 8).onMemory(0),
                LogStd.FREE.distribution(CHOICES, List.of(8)))
            .network()
            .spec()
            .getClass());
  }
}
