package org.deeprl4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.distributions.Categorical;
import org.deeprl4j.distributions.Distributions;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;
import org.junit.jupiter.api.Test;

/** Policies that carry a state from step to step, and policies that must not take every action. */
final class MemoryAndMasksTest {
  private static final int IN = 3;
  private static final Box BOX = Box.of(-5, 5, IN);
  private static final float INF = Float.NEGATIVE_INFINITY;

  private final Compute compute = Compute.light();

  private NetworkPolicy remembering() {
    return new NetworkPolicy(
        compute,
        new ObservationEncoder(BOX, false),
        new Discrete(4),
        compute.network(
            NetworkSpec.Lstm.under(new NetworkSpec.Lstm(IN, 3), Mlp.of(3, 4)), new Rng(1)),
        0,
        NetworkPolicy.Head.DISTRIBUTION);
  }

  /** The output [z | next state] of a policy's network for one observation. */
  private float[] output(NetworkPolicy policy, float[] observation, float[] state) {
    Tensor x = compute.tensor(1, IN + state.length + 1);
    System.arraycopy(observation, 0, x.floatsForWriting(), 0, IN);
    System.arraycopy(state, 0, x.floatsForWriting(), IN, state.length);
    x.floatsForWriting()[IN + state.length] = 1;
    return Arrays.copyOf(policy.network().predict(x).floats(), 4 + state.length);
  }

  /** Three steps; each state is what the network gave at the step before. */
  @Test
  void states_areCarriedFromStepToStep() {
    NetworkPolicy network = remembering();
    for (StochasticPolicy policy : new StochasticPolicy[] {network, DeployedPolicy.of(network)}) {
      assertEquals(6, policy.stateSize());
      float[] state = new float[6];
      float[] sampledState = new float[6];
      float[] expectedState = new float[6];
      Rng random = new Rng(8);
      Rng expectedRandom = new Rng(8);
      for (int t = 0; t < 3; t++) {
        float[] observation = {t, 1 - t, 0.5f};
        float[] y = output(network, observation, expectedState);
        float[] expected = new float[1];
        new Categorical(4).mode(y, 1, expected);
        assertArrayEquals(expected, policy.act(observation, state));
        new Categorical(4).sample(y, 1, expectedRandom, expected);
        float[] sampled = new float[1];
        policy.sample(observation, 1, sampledState, random, sampled);
        assertArrayEquals(expected, sampled);
        expectedState = Arrays.copyOfRange(y, 4, 10);
        assertArrayEquals(expectedState, state, 1e-6f);
        assertArrayEquals(expectedState, sampledState, 1e-6f);
        assertTrue(state[0] != 0, "nothing is remembered");
      }
    }
  }

  @Test
  void rows_haveStatesOfTheirOwn() {
    NetworkPolicy policy = remembering();
    DeployedPolicy deployed = DeployedPolicy.of(policy);
    float[] observations = {1, 2, 3, -1, 0, 2};
    float[] states = new float[12];
    new Rng(3).fillGaussian(states, 0, 12);
    float[] before = states.clone();
    float[] others = states.clone();
    float[] actions = new float[2];
    policy.act(observations, 2, states, actions);
    deployed.act(observations, 2, others, new float[2]);
    assertArrayEquals(states, others, 1e-6f);
    for (int b = 0; b < 2; b++) {
      float[] state = Arrays.copyOfRange(before, 6 * b, 6 * b + 6);
      float[] action = policy.act(Arrays.copyOfRange(observations, 3 * b, 3 * b + 3), state);
      assertEquals(actions[b], action[0]);
      assertArrayEquals(Arrays.copyOfRange(states, 6 * b, 6 * b + 6), state, 1e-6f);
    }
  }

  @Test
  void aPolicyWithMemory_needsItsState() {
    NetworkPolicy policy = remembering();
    String expected =
        "this policy has a memory: pass the 6 numbers that it carries from step to step, 0 at the start of an episode";
    assertEquals(
        expected,
        assertThrows(IllegalArgumentException.class, () -> policy.act(new float[IN])).getMessage());
    assertEquals(
        expected,
        assertThrows(
                IllegalArgumentException.class,
                () -> policy.sample(new float[IN], 1, new Rng(1), new float[1]))
            .getMessage());
    DeployedPolicy deployed = DeployedPolicy.of(policy);
    String few = "states has 11 numbers; 2 rows of a state take 12";
    assertEquals(
        few,
        assertThrows(
                IllegalArgumentException.class,
                () -> deployed.act(new float[6], 2, new float[11], new float[2]))
            .getMessage());
    assertEquals(
        few,
        assertThrows(
                IllegalArgumentException.class,
                () -> deployed.sample(new float[6], 2, new float[11], new Rng(1), new float[2]))
            .getMessage());
    deployed.act(new float[6], 2, new float[12], new float[2]);
  }

  @Test
  void networksWhoseStatesDoNotFit_areRefused() {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new NetworkPolicy(
                        compute,
                        new ObservationEncoder(Box.of(-5, 5, 2), false),
                        new Discrete(4),
                        remembering().network(),
                        0,
                        NetworkPolicy.Head.DISTRIBUTION))
            .getMessage();
    assertEquals(
        "a network 10 → 10 with 6 of state does not fit observations of 2 and 4 policy columns from column 0",
        message);
    assertThrows( // the state's columns are none of the policy's
        IllegalArgumentException.class,
        () ->
            new NetworkPolicy(
                compute,
                new ObservationEncoder(BOX, false),
                new Discrete(4),
                remembering().network(),
                1,
                NetworkPolicy.Head.DISTRIBUTION));
  }

  private static Dict masked(int flags) {
    Map<String, Space> entries = new LinkedHashMap<>();
    entries.put(Dict.OBSERVATION, BOX);
    entries.put(Dict.ACTION_MASK, new MultiBinary(flags));
    return new Dict(entries);
  }

  private NetworkPolicy masked(Space actions, int flags, NetworkPolicy.Head head) {
    return new NetworkPolicy(
        compute,
        new ObservationEncoder(masked(flags), false),
        actions,
        compute.network(Mlp.of(IN, 7), new Rng(2)),
        0,
        head);
  }

  /** z of one observation, −∞ where it is illegal. */
  private float[] logits(NetworkPolicy policy, float[] observation, boolean[] legal) {
    Tensor x = compute.tensor(1, IN);
    System.arraycopy(observation, 0, x.floatsForWriting(), 0, IN);
    float[] z = Arrays.copyOf(policy.network().predict(x).floats(), 7);
    for (int k = 0; k < 7; k++) {
      z[k] = legal[k] ? z[k] : INF;
    }
    return z;
  }

  @Test
  void actions_areTheBestOfTheLegalOnes() {
    MultiDiscrete space = MultiDiscrete.of(3, 4);
    NetworkPolicy policy = masked(space, 7, NetworkPolicy.Head.DISTRIBUTION);
    NetworkPolicy values = masked(new Discrete(7), 7, NetworkPolicy.Head.ACTION_VALUES);
    ActionDistribution pairs = Distributions.forActionSpace(space);
    Rng random = new Rng(4);
    float[] observation = new float[IN];
    int forbiddenBest = 0;
    for (int trial = 0; trial < 50; trial++) {
      random.fillGaussian(observation, 0, IN);
      boolean[] legal = new boolean[7];
      for (int k = 0; k < 7; k++) {
        legal[k] = random.nextInt(2) == 0;
      }
      legal[random.nextInt(3)] = true;
      legal[3 + random.nextInt(4)] = true;
      float[] z = logits(policy, observation, legal);
      float[] expected = new float[2];
      pairs.mode(z, 1, expected);
      assertArrayEquals(expected, policy.act(observation, legal));
      assertArrayEquals(expected, DeployedPolicy.of(policy).act(observation, legal));
      float[] q = logits(values, observation, legal);
      int best = 0;
      int unmasked = 0;
      boolean[] all = new boolean[7];
      Arrays.fill(all, true);
      float[] whole = logits(values, observation, all);
      for (int k = 1; k < 7; k++) {
        best = q[k] > q[best] ? k : best;
        unmasked = whole[k] > whole[unmasked] ? k : unmasked;
      }
      assertEquals(best, values.act(observation, legal)[0]);
      forbiddenBest += legal[unmasked] ? 0 : 1;
      pairs.sample(z, 1, new Rng(trial), expected);
      float[] raw = Arrays.copyOf(observation, IN + 7);
      for (int k = 0; k < 7; k++) {
        raw[IN + k] = legal[k] ? 1 : 0;
      }
      float[] sampled = new float[2];
      policy.sample(raw, 1, new Rng(trial), sampled);
      assertArrayEquals(expected, sampled);
    }
    assertTrue(forbiddenBest > 5, "the best action was forbidden " + forbiddenBest + " times");
  }

  @Test
  void everyChoice_needsALegalAction() {
    NetworkPolicy policy = masked(MultiDiscrete.of(3, 4), 7, NetworkPolicy.Head.DISTRIBUTION);
    float[] two = new float[2 * (IN + 7)];
    two[IN] = 1;
    two[IN + 3] = 1;
    two[IN + 7 + IN + 2] = 1; // the second choice of the second row has none
    assertEquals(
        "the action mask of observation 1 leaves no legal action of " + MultiDiscrete.of(3, 4),
        assertThrows(IllegalArgumentException.class, () -> policy.act(two, 2, new float[4]))
            .getMessage());
    two[IN + 7 + IN + 6] = 1;
    float[] actions = new float[4];
    policy.act(two, 2, actions);
    assertArrayEquals(new float[] {0, 0, 2, 3}, actions);
  }

  @Test
  void masksOfOtherActions_areRefused() {
    assertEquals(
        "action masks of 6 flags do not fit " + new Discrete(7),
        assertThrows(
                IllegalArgumentException.class,
                () -> masked(new Discrete(7), 6, NetworkPolicy.Head.DISTRIBUTION))
            .getMessage());
    NetworkPolicy policy = masked(new Discrete(7), 7, NetworkPolicy.Head.DISTRIBUTION);
    assertEquals(
        "this policy takes 3 numbers and an action mask of 7 flags, not 2 and 7",
        assertThrows(IllegalArgumentException.class, () -> policy.act(new float[2], new boolean[7]))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> policy.act(new float[3], new boolean[6]));
    assertEquals(
        "this policy takes 3 numbers and an action mask of 0 flags, not 3 and 4",
        assertThrows(
                IllegalArgumentException.class,
                () -> remembering().act(new float[3], new boolean[4]))
            .getMessage());
  }

  @Test
  void onlyDistributions_areDrawnFrom() {
    assertTrue(remembering().isStochastic());
    assertFalse(masked(new Discrete(7), 7, NetworkPolicy.Head.ACTION_VALUES).isStochastic());
    assertEquals(4, remembering().deterministicColumns());
    NetworkPolicy gaussian =
        new NetworkPolicy(
            compute,
            new ObservationEncoder(BOX, false),
            Box.of(-1, 1, 2),
            compute.network(Mlp.of(IN, 4), new Rng(2)),
            0,
            NetworkPolicy.Head.SQUASHED_GAUSSIAN);
    assertTrue(gaussian.isStochastic());
    assertEquals(2, gaussian.deterministicColumns());
  }
}
