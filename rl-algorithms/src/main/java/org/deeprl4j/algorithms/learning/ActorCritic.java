package org.deeprl4j.algorithms.learning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.distributions.Distributions;
import org.deeprl4j.distributions.StateDependentGaussian;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.jspecify.annotations.Nullable;

/**
 * A policy π(a|s; θ) and a value function V(s; θ) as one network with the output columns {@code [V
 * | z]}, z being the parameters of the action distribution. Whether the two share hidden layers is
 * the network's affair; its parameters are one flat vector, so that one optimiser and one gradient
 * norm serve both.
 */
public final class ActorCritic implements Stateful {
  /** Describes a network for given inputs and actions. */
  @FunctionalInterface
  public interface Architecture {
    /**
     * Describes the network.
     *
     * @param inputs columns of the encoded observation
     * @return outputs {@code [V | z]}: one value, then the parameters of the action space's
     *     distribution
     */
    NetworkSpec describe(int inputs, Space actionSpace);
  }

  /** The gain of a policy's output layer, small so that the first policy is nearly uniform. */
  private static final double POLICY_OUTPUT_GAIN = 0.01; // Andrychowicz et al. 2021, section 3.2

  private final NetworkSpec spec;
  private final Network network;
  private final @Nullable Network valueNetwork;
  private final @Nullable Network policyNetwork;
  private final ActionDistribution distribution;
  private final Compute compute;
  private float[] values = new float[0];
  private float[] z = new float[0];
  private Tensor outputGradient;

  /**
   * Builds the network.
   *
   * @param spec its outputs are {@code 1 + distribution.parameterSize()}
   * @param random draws the initial parameters
   * @throws IllegalArgumentException if the columns do not fit
   */
  public ActorCritic(
      Compute compute, NetworkSpec spec, ActionDistribution distribution, Rng random) {
    this(compute, spec, distribution, compute.network(spec, random), null, null);
  }

  private ActorCritic(
      Compute compute,
      NetworkSpec spec,
      ActionDistribution distribution,
      Network network,
      @Nullable Network valueNetwork,
      @Nullable Network policyNetwork) {
    if (spec.outputs() != 1 + distribution.parameterSize()) {
      throw new IllegalArgumentException(
          "an actor-critic network for this action space needs 1 value and "
              + distribution.parameterSize()
              + " policy outputs, not "
              + spec.outputs()
              + " in all");
    }
    this.spec = spec;
    this.network = network;
    this.valueNetwork = valueNetwork;
    this.policyNetwork = policyNetwork;
    this.distribution = distribution;
    this.compute = compute;
    this.outputGradient = compute.tensor(1, spec.outputs());
  }

  /**
   * Builds a network whose value and policy can also be used each by itself, for algorithms that
   * train the two apart.
   *
   * @param spec networks side by side, of which the first has V as its only output
   * @throws IllegalArgumentException if it is not, or the columns do not fit
   */
  public static ActorCritic apart(
      Compute compute, NetworkSpec spec, ActionDistribution distribution, Rng random) {
    if (!(spec instanceof NetworkSpec.SideBySide sideBySide)
        || sideBySide.parts().size() < 2
        || sideBySide.parts().get(0).outputs() != 1) {
      throw new IllegalArgumentException(
          "this algorithm trains value and policy apart and needs them side by side, a value network"
              + " of one output first, not "
              + spec);
    }
    Network value = compute.network(sideBySide.parts().get(0), random);
    Network[] rest =
        sideBySide.parts().stream()
            .skip(1)
            .map(part -> compute.network(part, random))
            .toArray(Network[]::new);
    Network policy = rest.length == 1 ? rest[0] : compute.sideBySide(rest);
    return new ActorCritic(
        compute, spec, distribution, compute.sideBySide(value, policy), value, policy);
  }

  /**
   * The usual multilayer perceptrons with orthogonal initialisation.
   *
   * @param inputs columns of the encoded observation
   * @param widths of the hidden layers, of the policy and of the value network
   * @param shared whether both share their hidden layers
   * @param logStd for continuous actions
   * @param initialLogStd log σ at the start, where it is free
   * @throws IllegalArgumentException for GSDE without hidden layers, whose last one it needs
   */
  public static NetworkSpec mlp(
      int inputs,
      Space actions,
      List<Integer> widths,
      Activation activation,
      boolean shared,
      LogStd logStd,
      double initialLogStd) {
    ActionDistribution distribution = distribution(actions, logStd, widths);
    boolean gaussian = actions instanceof Box;
    int[] hidden = widths.stream().mapToInt(Integer::intValue).toArray();
    boolean features = gaussian && logStd == LogStd.GSDE;
    int freeLogStds =
        !gaussian || logStd == LogStd.STATE_DEPENDENT
            ? 0
            : distribution.parameterSize()
                - distribution.actionSize()
                - (features ? hidden[hidden.length - 1] : 0);
    int policyOutputs = freeLogStds > 0 ? distribution.actionSize() : distribution.parameterSize();
    List<NetworkSpec> parts = new ArrayList<>();
    if (shared && hidden.length > 0) {
      parts.add(stacked(inputs, hidden, activation, features, heads(hidden, policyOutputs)));
    } else {
      parts.add(mlp(inputs, 1, hidden, activation, 1));
      parts.add(
          features
              ? stacked(inputs, hidden, activation, true, policyHead(hidden, policyOutputs))
              : mlp(inputs, policyOutputs, hidden, activation, POLICY_OUTPUT_GAIN));
    }
    if (freeLogStds > 0) {
      parts.add(new NetworkSpec.Constant(inputs, Collections.nCopies(freeLogStds, initialLogStd)));
    }
    return parts.size() == 1 ? parts.get(0) : new NetworkSpec.SideBySide(parts);
  }

  /**
   * The family of an action space's policies.
   *
   * @param widths of the policy's hidden layers, of which GSDE takes the last
   */
  public static ActionDistribution distribution(
      Space actions, LogStd logStd, List<Integer> widths) {
    if (!(actions instanceof Box) || logStd != LogStd.GSDE) {
      return Distributions.forActionSpace(actions);
    }
    if (widths.isEmpty()) {
      throw new IllegalArgumentException(
          "logStd GSDE explores with the policy's last hidden layer, but networks has none");
    }
    return new StateDependentGaussian(actions.size(), widths.get(widths.size() - 1), false);
  }

  /** A value and a policy on the same features. */
  private static NetworkSpec heads(int[] hidden, int policyOutputs) {
    return new NetworkSpec.SideBySide(
        List.of(
            mlp(hidden[hidden.length - 1], 1, new int[0], Activation.IDENTITY, 1),
            policyHead(hidden, policyOutputs)));
  }

  private static Mlp policyHead(int[] hidden, int outputs) {
    return mlp(
        hidden[hidden.length - 1], outputs, new int[0], Activation.IDENTITY, POLICY_OUTPUT_GAIN);
  }

  /** Hidden layers, and what stands on the last of them. */
  private static NetworkSpec stacked(
      int inputs, int[] hidden, Activation activation, boolean features, NetworkSpec head) {
    int last = hidden.length - 1;
    Mlp body =
        mlp(inputs, hidden[last], Arrays.copyOf(hidden, last), activation, Math.sqrt(2))
            .withOutputActivation(activation);
    return new NetworkSpec.Stacked(body, head, features);
  }

  private static Mlp mlp(
      int inputs, int outputs, int[] hidden, Activation activation, double outputGain) {
    return Mlp.of(inputs, outputs, hidden)
        .withActivation(activation)
        .withInit(new Mlp.Init.Orthogonal(Math.sqrt(2), outputGain));
  }

  /** The network's description. */
  public NetworkSpec spec() {
    return spec;
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

  /** The family π belongs to. */
  public ActionDistribution distribution() {
    return distribution;
  }

  /** Computes V and z for a batch, without remembering anything for {@link #backward}. */
  public void predict(Tensor observations) {
    split(network.predict(observations));
  }

  /** Computes V and z for a batch, remembering what {@link #backward} needs. */
  public void forward(Tensor observations) {
    split(network.forward(observations));
  }

  /** V of the last batch, [B]; the array may be longer. */
  public float[] values() {
    return values;
  }

  /** z of the last batch, [B, parameterSize]; the array may be longer. */
  public float[] distributionParameters() {
    return z;
  }

  /**
   * Adds dL/dθ to the network's gradient.
   *
   * @param valueGradient dL/dV, [rows]
   * @param zGradient dL/dz, [rows, parameterSize]
   */
  public void backward(float[] valueGradient, float[] zGradient, int rows) {
    int columns = network.outputSize();
    if (outputGradient.rows() != rows) {
      outputGradient = compute.tensor(rows, columns);
    }
    float[] out = outputGradient.floatsForWriting();
    for (int b = 0, o = 0, p = 0; b < rows; b++) {
      out[o++] = valueGradient[b];
      for (int j = 1; j < columns; j++) {
        out[o++] = zGradient[p++];
      }
    }
    network.backward(outputGradient);
  }

  private void split(Tensor output) {
    int rows = output.rows();
    int columns = output.columns();
    if (values.length < rows) {
      values = new float[rows];
      z = new float[rows * (columns - 1)];
    }
    float[] y = output.floats();
    for (int b = 0, o = 0, p = 0; b < rows; b++) {
      values[b] = y[o++];
      for (int j = 1; j < columns; j++) {
        z[p++] = y[o++];
      }
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
