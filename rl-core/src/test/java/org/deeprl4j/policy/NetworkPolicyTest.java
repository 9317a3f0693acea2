package org.deeprl4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.distributions.Categorical;
import org.deeprl4j.distributions.Distributions;
import org.deeprl4j.distributions.StateDependentGaussian;
import org.deeprl4j.distributions.TanhGaussian;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.DivergenceException;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each head's actions, from the columns of a network that has one column before them. */
final class NetworkPolicyTest {
  private static final int ROWS = 5;
  private static final int IN = 3;
  private static final Box SPACE = Box.of(-5, 5, IN);
  private static final Box BOX = Box.of(new float[] {-2, 0}, new float[] {2, 1});

  private final Compute compute = Compute.light();
  private final float[] observations = new float[ROWS * IN];
  private final float[] actual = new float[ROWS * 2];

  @BeforeEach
  void draw() {
    new Rng(4).fillGaussian(observations, 0, observations.length);
  }

  @AfterEach
  void close() {
    compute.close();
  }

  private NetworkPolicy policy(Space actions, NetworkPolicy.Head head, int columns) {
    return new NetworkPolicy(
        compute,
        new ObservationEncoder(SPACE, false),
        actions,
        compute.network(Mlp.of(IN, 1 + columns, 8), new Rng(1)),
        1,
        head);
  }

  /** The network's outputs beyond the first column. */
  private float[] columns(NetworkPolicy policy) {
    Tensor x = compute.tensor(ROWS, IN);
    System.arraycopy(observations, 0, x.floatsForWriting(), 0, observations.length);
    float[] y = policy.network().predict(x).floats();
    int n = policy.network().outputSize();
    float[] z = new float[ROWS * (n - 1)];
    for (int b = 0; b < ROWS; b++) {
      System.arraycopy(y, b * n + 1, z, b * (n - 1), n - 1);
    }
    return z;
  }

  /** From [−1, 1] to BOX. */
  private static float[] scaled(float[] units) {
    float[] actions = units.clone();
    for (int i = 0; i < actions.length; i++) {
      actions[i] = i % 2 == 0 ? 2 * units[i] : (units[i] + 1) / 2;
    }
    return actions;
  }

  private static float[] clipped(float[] drawn) {
    float[] actions = drawn.clone();
    for (int i = 0; i < actions.length; i++) {
      actions[i] =
          i % 2 == 0 ? Math.min(Math.max(drawn[i], -2), 2) : Math.min(Math.max(drawn[i], 0), 1);
    }
    return actions;
  }

  @Test
  void gaussian_isClipped() {
    NetworkPolicy policy = policy(BOX, NetworkPolicy.Head.DISTRIBUTION, 4);
    ActionDistribution gaussian = Distributions.forActionSpace(BOX);
    float[] z = columns(policy);
    float[] drawn = new float[ROWS * 2];
    gaussian.mode(z, ROWS, drawn);
    policy.act(observations, ROWS, actual);
    assertArrayEquals(clipped(drawn), actual, 1e-6f);
    policy.act(new float[ROWS * IN], ROWS, new float[ROWS * 2]); // of which nothing is left
    gaussian.sample(z, ROWS, new Rng(5), drawn);
    policy.sample(observations, ROWS, new Rng(5), actual);
    assertArrayEquals(clipped(drawn), actual, 1e-6f);
    assertFalse(Arrays.equals(drawn, actual), "nothing was clipped");
  }

  @Test
  void squashedGaussian_isScaled() {
    NetworkPolicy policy = policy(BOX, NetworkPolicy.Head.SQUASHED_GAUSSIAN, 4);
    TanhGaussian gaussian = new TanhGaussian(2);
    float[] z = columns(policy);
    float[] drawn = new float[ROWS * 2];
    gaussian.mode(z, ROWS, drawn);
    policy.act(observations, ROWS, actual);
    assertArrayEquals(scaled(drawn), actual, 1e-6f);
    gaussian.sample(z, ROWS, new Rng(5), drawn);
    policy.sample(observations, ROWS, new Rng(5), actual);
    assertArrayEquals(scaled(drawn), actual, 1e-6f);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stateDependentGaussian_isClippedOrSquashed(boolean squashed) {
    NetworkPolicy policy =
        policy(
            BOX,
            squashed
                ? NetworkPolicy.Head.SQUASHED_STATE_DEPENDENT_GAUSSIAN
                : NetworkPolicy.Head.STATE_DEPENDENT_GAUSSIAN,
            2 + 3 + 2 * 3);
    StateDependentGaussian gaussian = new StateDependentGaussian(2, 3, false);
    float[] z = columns(policy);
    float[] drawn = new float[ROWS * 2];
    gaussian.mode(z, ROWS, drawn);
    policy.act(observations, ROWS, actual);
    assertArrayEquals(legal(drawn, squashed), actual, 1e-6f);
    gaussian.sample(z, ROWS, new Rng(5), drawn);
    policy.sample(observations, ROWS, new Rng(5), actual);
    assertArrayEquals(legal(drawn, squashed), actual, 1e-6f);
  }

  @Test
  void stateDependentGaussian_mayHaveASingleFeature() {
    NetworkPolicy policy = policy(BOX, NetworkPolicy.Head.STATE_DEPENDENT_GAUSSIAN, 2 + 1 + 2);
    float[] drawn = new float[ROWS * 2];
    new StateDependentGaussian(2, 1, false).sample(columns(policy), ROWS, new Rng(5), drawn);
    policy.sample(observations, ROWS, new Rng(5), actual);
    assertArrayEquals(clipped(drawn), actual, 1e-6f);
  }

  private static float[] legal(float[] drawn, boolean squashed) {
    if (!squashed) {
      return clipped(drawn);
    }
    float[] units = drawn.clone();
    for (int i = 0; i < units.length; i++) {
      units[i] = (float) Math.tanh(units[i]);
    }
    return scaled(units);
  }

  @Test
  void deterministicAction_isScaled_alsoWhenSampled() {
    NetworkPolicy policy = policy(BOX, NetworkPolicy.Head.DETERMINISTIC, 2);
    float[] units = columns(policy);
    for (int i = 0; i < units.length; i++) {
      units[i] = Math.min(Math.max(units[i], -1), 1);
    }
    policy.act(observations, ROWS, actual);
    assertArrayEquals(scaled(units), actual, 1e-6f);
    float[] sampled = new float[ROWS * 2];
    policy.sample(observations, ROWS, new Rng(5), sampled);
    assertArrayEquals(actual, sampled);
  }

  @Test
  void actionValues_giveTheFirstOfTheLargest_alsoWhenSampled() {
    NetworkPolicy policy = policy(new Discrete(4), NetworkPolicy.Head.ACTION_VALUES, 4);
    float[] q = columns(policy);
    float[] expected = new float[ROWS];
    new Categorical(4).mode(q, ROWS, expected);
    float[] actions = new float[ROWS];
    policy.act(observations, ROWS, actions);
    assertArrayEquals(expected, actions);
    Arrays.fill(actions, -1);
    policy.sample(observations, ROWS, new Rng(5), actions);
    assertArrayEquals(expected, actions);
    for (int b = 0; b < ROWS; b++) {
      float[] observation = Arrays.copyOfRange(observations, b * IN, (b + 1) * IN);
      assertArrayEquals(new float[] {expected[b]}, policy.act(observation));
    }
  }

  @Test
  void properties_areThoseItWasMadeOf() {
    NetworkPolicy policy = policy(BOX, NetworkPolicy.Head.DETERMINISTIC, 2);
    assertSame(SPACE, policy.observationSpace());
    assertSame(BOX, policy.actionSpace());
    assertEquals(1, policy.firstColumn());
    assertEquals(NetworkPolicy.Head.DETERMINISTIC, policy.head());
    assertEquals(SPACE, policy.encoder().space());
  }

  private String refusal(Space actions, NetworkPolicy.Head head, int inputs, int columns, int at) {
    Network network = compute.network(Mlp.of(inputs, columns), new Rng(1));
    return assertThrows(
            IllegalArgumentException.class,
            () ->
                new NetworkPolicy(
                    compute, new ObservationEncoder(SPACE, false), actions, network, at, head))
        .getMessage();
  }

  @Test
  void networksThatDoNotFit_areRefused() {
    NetworkPolicy.Head head = NetworkPolicy.Head.DETERMINISTIC;
    String rest = " does not fit observations of 3 and 2 policy columns from column ";
    assertEquals("a network 4 → 2" + rest + 0, refusal(BOX, head, 4, 2, 0));
    assertEquals("a network 3 → 2" + rest + 1, refusal(BOX, head, 3, 2, 1));
    assertEquals("a network 3 → 2" + rest + -1, refusal(BOX, head, 3, 2, -1));
    assertEquals(
        "action values need discrete actions, not " + BOX,
        refusal(BOX, NetworkPolicy.Head.ACTION_VALUES, 3, 2, 0));
    for (int columns : new int[] {2, 4, 6}) { // 5 and 8 are possible
      assertEquals(
          columns + " columns cannot be the means, features and log σ of 2 actions",
          refusal(BOX, NetworkPolicy.Head.STATE_DEPENDENT_GAUSSIAN, 3, columns, 0));
    }
  }

  @Test
  void outputThatIsNotFinite_isNoAction() {
    NetworkPolicy policy = policy(new Discrete(4), NetworkPolicy.Head.ACTION_VALUES, 4);
    Arrays.fill(policy.network().parameters().floatsForWriting(), Float.NaN);
    assertThrows(DivergenceException.class, () -> policy.act(new float[IN]));
  }

  @Test
  void savedAndLoaded_actsTheSame() {
    NetworkPolicy policy =
        new NetworkPolicy(
            compute,
            new ObservationEncoder(SPACE, true),
            BOX,
            compute.network(Mlp.of(IN, 2, 8), new Rng(1)),
            0,
            NetworkPolicy.Head.DETERMINISTIC);
    policy.encoder().observe(observations, ROWS);
    NetworkPolicy loaded =
        new NetworkPolicy(
            compute,
            new ObservationEncoder(SPACE, true),
            BOX,
            compute.network(Mlp.of(IN, 2, 8), new Rng(2)),
            0,
            NetworkPolicy.Head.DETERMINISTIC);
    StateFile.fromBytes(StateFile.toBytes("policy", policy), "policy", loaded);
    policy.act(observations, ROWS, actual);
    float[] again = new float[ROWS * 2];
    loaded.act(observations, ROWS, again);
    assertArrayEquals(actual, again);
  }

  @Test
  void oneRow_isTheFirstOfMany() {
    ActionValueFunction q = (s, a, rows, values) -> values[0] = rows + 10 * s[0] + 100 * a[0];
    assertEquals(321, q.value(new float[] {2}, new float[] {3}));
    ValueFunction v = (s, rows, values) -> values[0] = rows + 10 * s[0];
    assertEquals(21, v.value(new float[] {2}));
  }

  @Test
  void layers_areThoseOfTheMeans() {
    NetworkPolicy gaussian = policy(BOX, NetworkPolicy.Head.SQUASHED_GAUSSIAN, 4);
    assertEquals(2, gaussian.layers().layers().get(1).outputs());
    NetworkPolicy values = policy(new Discrete(4), NetworkPolicy.Head.ACTION_VALUES, 4);
    assertEquals(4, values.layers().layers().get(1).outputs());
  }
}
