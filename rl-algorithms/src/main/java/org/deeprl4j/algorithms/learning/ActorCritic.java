package org.deeprl4j.algorithms.learning;

import java.util.Arrays;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.distributions.Categorical;
import org.deeprl4j.distributions.StateDependentGaussian;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.NetworkInput;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.ObservationEncoder;
import org.deeprl4j.policy.ValueFunction;
import org.deeprl4j.rollout.RolloutBatch;
import org.deeprl4j.state.DivergenceException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.jspecify.annotations.Nullable;

/**
 * A policy π(a|s; θ) and a value function V(s; θ) as one network with the output columns {@code [V
 * | z]}, z being the parameters of the action distribution. The network decides whether the two
 * share hidden layers. Its parameters are one flat vector, so one optimiser and one gradient norm
 * serve both.
 *
 * <p>A network with memory also takes and gives the states that whoever acts keeps, and a batch
 * holds sequences, see {@link NetworkSpec#stateSize}.
 */
public final class ActorCritic implements Stateful {
  /** Describes a network for an environment. */
  @FunctionalInterface
  public interface Architecture {
    /**
     * Describes the network.
     *
     * @param context knows the encoded observations, their features and the actions
     * @return takes encoded observations, {@code context.encoder().size()} columns, and outputs
     *     {@code [V | z]}: one value, then the parameters of the action space's distribution; with
     *     a memory, its states behind both
     */
    NetworkSpec describe(LearnerContext context);

    /** This network on an LSTM of so many units; without units, the network alone. */
    default Architecture onMemory(int units) {
      return units == 0
          ? this
          : of ->
              of.features()
                  .remembered(
                      units,
                      seen ->
                          describe(
                              new LearnerContext(
                                  of.compute(),
                                  of.encoder(),
                                  seen,
                                  of.actionSpace(),
                                  of.random())));
    }
  }

  private final Network network;
  private final @Nullable Network valueNetwork;
  private final @Nullable Network policyNetwork;
  private final ActionDistribution distribution;
  private final boolean masked;
  private final int stateSize;
  private final Compute compute;
  private float[] values = new float[0];
  private float[] z = new float[0];
  private float[] logProbs = new float[0];
  private float[] entropies = new float[0];
  private float[] valueGradient = new float[0];
  private float[] zGradient = new float[0];
  private int rows; // B
  private Tensor output; // of the last batch
  private Tensor outputGradient;

  private ActorCritic(
      LearnerContext context,
      ActionDistribution distribution,
      Network network,
      @Nullable Network valueNetwork,
      @Nullable Network policyNetwork) {
    stateSize = network.spec().stateSize();
    int columns = network.outputSize() - stateSize;
    if (columns != 1 + distribution.parameterSize()) {
      throw new IllegalArgumentException(
          "an actor-critic network for this action space needs 1 value and %d policy outputs, not %d in all"
              .formatted(distribution.parameterSize(), columns));
    }
    this.network = network;
    this.valueNetwork = valueNetwork;
    this.policyNetwork = policyNetwork;
    this.distribution = distribution;
    compute = context.compute();
    masked = context.encoder().maskSize() > 0;
    output = compute.tensor(1, network.outputSize());
    outputGradient = compute.tensor(1, network.outputSize());
  }

  /**
   * Builds the network.
   *
   * @throws IllegalArgumentException if its columns do not fit the distribution
   */
  public static ActorCritic together(
      LearnerContext context, Architecture architecture, ActionDistribution distribution) {
    NetworkSpec spec = architecture.describe(context);
    return new ActorCritic(context, distribution, context.network(spec), null, null);
  }

  /**
   * Builds a network whose value and policy can also be used separately, for algorithms that train
   * the two apart.
   *
   * @param architecture describes networks side by side; the only output of the first is V
   * @throws IllegalArgumentException if it describes other networks, or the columns do not fit
   */
  public static ActorCritic apart(
      LearnerContext context, Architecture architecture, ActionDistribution distribution) {
    NetworkSpec spec = architecture.describe(context);
    if (!(spec instanceof NetworkSpec.SideBySide sideBySide)
        || sideBySide.parts().size() < 2
        || sideBySide.parts().get(0).outputs() != 1) {
      throw new IllegalArgumentException(
          "this algorithm trains value and policy apart and needs them side by side, a value"
              + " network of one output first, not "
              + spec);
    }
    Network value = context.network(sideBySide.parts().get(0));
    Network[] rest =
        sideBySide.parts().stream().skip(1).map(context::network).toArray(Network[]::new);
    Compute compute = context.compute();
    Network policy = rest.length == 1 ? rest[0] : compute.sideBySide(rest);
    return new ActorCritic(context, distribution, compute.sideBySide(value, policy), value, policy);
  }

  /** The network, with outputs {@code [V | z]}. */
  public Network network() {
    return network;
  }

  /**
   * V alone, sharing parameters with {@link #network()}.
   *
   * @throws IllegalStateException unless the networks are {@link #apart}
   */
  public Network valueNetwork() {
    return requireApart(valueNetwork);
  }

  /**
   * The network of z alone, sharing parameters with {@link #network()}.
   *
   * @throws IllegalStateException unless the networks are {@link #apart}
   */
  public Network policyNetwork() {
    return requireApart(policyNetwork);
  }

  private static Network requireApart(@Nullable Network part) {
    if (part == null) {
      throw new IllegalStateException("value and policy are one network");
    }
    return part;
  }

  /** The policy, sharing the network. */
  public NetworkPolicy policy(LearnerContext context) {
    return context.policy(
        network,
        1,
        distribution instanceof StateDependentGaussian
            ? NetworkPolicy.Head.STATE_DEPENDENT_GAUSSIAN
            : NetworkPolicy.Head.DISTRIBUTION);
  }

  /** V as a function of raw observations, live; with a memory, of those that begin an episode. */
  public ValueFunction valueFunction(ObservationEncoder encoder) {
    return (observations, rows, out) -> {
      NetworkInput input = new NetworkInput(compute, encoder, stateSize);
      predict(input.of(observations, rows, new float[rows * stateSize]));
      System.arraycopy(values, 0, out, 0, rows);
    };
  }

  /** The distribution family of π. */
  public ActionDistribution distribution() {
    return distribution;
  }

  /** An empty batch of a rollout's rows, at most {@code capacity}, for this network. */
  public RolloutBatch batch(int capacity) {
    return new RolloutBatch(compute, network, distribution, capacity);
  }

  /** Computes V and z for a batch, without remembering anything for {@link #backward}. */
  public void predict(Tensor observations) {
    split(network.predict(observations));
  }

  /** Computes V for a batch, [B]; the array may be longer. */
  public float[] valuesOf(Tensor observations) {
    predict(observations);
    return values;
  }

  /** Computes V and z for a batch, remembering what {@link #backward} needs. */
  public void forward(Tensor observations) {
    split(network.forward(observations));
  }

  /** Whether some actions may be illegal: −∞ in z then forbids. */
  public boolean masksActions() {
    return masked;
  }

  /**
   * Forbids the actions in z of the last batch that were forbidden to the policy that acted.
   *
   * @param old z of that policy, [B, parameterSize]; not modified
   */
  public void forbidAs(float[] old) {
    if (masked) {
      Categorical.forbidAs(old, z, rows * distribution.parameterSize());
    }
  }

  /** S of the network, 0 without memory. */
  public int stateSize() {
    return stateSize;
  }

  /**
   * Checks that the network has no memory, for a driver that keeps no states.
   *
   * @throws IllegalArgumentException if it has one
   */
  public void requireNoMemory() {
    if (stateSize > 0) {
      throw new IllegalArgumentException(
          "this algorithm takes no network with memory; PPO and A2C do");
    }
  }

  /** The network's output for the last batch, with a memory {@code [V | z | next state]}. */
  public Tensor output() {
    return output;
  }

  /** V of the last batch, [B]; the array may be longer. */
  public float[] values() {
    return values;
  }

  /** z of the last batch, [B, parameterSize]; the array may be longer. */
  public float[] distributionParameters() {
    return z;
  }

  /** log π(a|s) of the last batch, [B]; the array may be longer. */
  public float[] logProbs(float[] actions) {
    distribution.logProb(z, actions, rows, logProbs);
    return logProbs;
  }

  /** H(π(·|s)) of the last batch, [B]; the array may be longer. */
  public float[] entropies() {
    distribution.entropy(z, rows, entropies);
    return entropies;
  }

  /** Receives dL/dV of the last batch, [B], before {@link #backward}; holds anything. */
  public float[] valueGradient() {
    return valueGradient;
  }

  /** Receives dL/dz of the last batch, [B, parameterSize], before {@link #backward}; zeros. */
  public float[] zGradient() {
    Arrays.fill(zGradient, 0);
    return zGradient;
  }

  /** Adds dL/dθ to the network's gradient. */
  public void backward() {
    int columns = network.outputSize();
    int n = distribution.parameterSize();
    if (outputGradient.rows() != rows) {
      outputGradient = compute.tensor(rows, columns);
    }
    float[] out = outputGradient.floatsForWriting();
    for (int b = 0; b < rows; b++) {
      out[b * columns] = valueGradient[b];
      System.arraycopy(zGradient, b * n, out, b * columns + 1, n);
    }
    network.backward(outputGradient);
  }

  private void split(Tensor result) {
    output = result;
    rows = output.rows();
    int columns = output.columns();
    int n = distribution.parameterSize();
    if (values.length < rows) {
      values = new float[rows];
      z = new float[rows * n];
      logProbs = new float[rows];
      entropies = new float[rows];
      valueGradient = new float[rows];
      zGradient = new float[z.length];
    }
    float[] y = output.floats();
    DivergenceException.check("the output [V | z]", y, rows, columns);
    for (int b = 0; b < rows; b++) {
      values[b] = y[b * columns];
      System.arraycopy(y, b * columns + 1, z, b * n, n);
    }
  }

  @Override
  public void save(StateWriter out) {
    out.put("network", network);
  }

  @Override
  public void load(StateReader in) {
    in.get("network", network);
  }
}
