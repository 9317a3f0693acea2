package org.deeprl4j.algorithms.learning;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;

/**
 * The usual multilayer perceptrons of an actor-critic, orthogonally initialised.
 *
 * @param hidden widths of the hidden layers, of the policy and of the value network
 * @param activation of the hidden layers
 * @param shared whether the two share their hidden layers
 * @param logStd where log σ comes from, for continuous actions
 * @param initialLogStd initial log σ, if it is free
 */
public record MlpArchitecture(
    List<Integer> hidden,
    Activation activation,
    boolean shared,
    LogStd logStd,
    double initialLogStd)
    implements ActorCritic.Architecture {
  /** The gain of a policy's output layer, small so that the first policy is nearly uniform. */
  private static final double POLICY_OUTPUT_GAIN = 0.01; // Andrychowicz et al. 2021, section 3.2

  /** Describes separate policy and value networks, with a free log σ. */
  public static MlpArchitecture apart(
      List<Integer> hidden, Activation activation, double initialLogStd) {
    return new MlpArchitecture(hidden, activation, false, LogStd.FREE, initialLogStd);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException for GSDE without hidden layers, as it needs the last one
   */
  @Override
  public NetworkSpec describe(int inputs, Space actions) {
    ActionDistribution distribution = ActorCritic.distribution(actions, logStd, hidden);
    boolean gaussian = actions instanceof Box;
    boolean features = gaussian && logStd == LogStd.GSDE;
    int freeLogStds =
        !gaussian || logStd == LogStd.STATE_DEPENDENT
            ? 0
            : distribution.parameterSize()
                - distribution.actionSize()
                - (features ? lastWidth() : 0);
    int policyOutputs = freeLogStds > 0 ? distribution.actionSize() : distribution.parameterSize();
    List<NetworkSpec> parts = new ArrayList<>();
    if (shared && !hidden.isEmpty()) {
      parts.add(stacked(inputs, features, heads(policyOutputs)));
    } else {
      parts.add(mlp(inputs, 1, hidden, 1));
      parts.add(
          features
              ? stacked(inputs, true, policyHead(policyOutputs))
              : mlp(inputs, policyOutputs, hidden, POLICY_OUTPUT_GAIN));
    }
    if (freeLogStds > 0) {
      parts.add(new NetworkSpec.Constant(inputs, Collections.nCopies(freeLogStds, initialLogStd)));
    }
    return parts.size() == 1 ? parts.get(0) : new NetworkSpec.SideBySide(parts);
  }

  /** A value and a policy that share their features. */
  private NetworkSpec heads(int policyOutputs) {
    return new NetworkSpec.SideBySide(
        List.of(
            mlp(lastWidth(), 1, List.of(), 1).withActivation(Activation.IDENTITY),
            policyHead(policyOutputs)));
  }

  private Mlp policyHead(int outputs) {
    return mlp(lastWidth(), outputs, List.of(), POLICY_OUTPUT_GAIN)
        .withActivation(Activation.IDENTITY);
  }

  /** Hidden layers with outputs on the last of them. */
  private NetworkSpec stacked(int inputs, boolean features, NetworkSpec head) {
    Mlp body =
        mlp(inputs, lastWidth(), hidden.subList(0, hidden.size() - 1), Math.sqrt(2))
            .withOutputActivation(activation);
    return new NetworkSpec.Stacked(body, head, features);
  }

  private Mlp mlp(int inputs, int outputs, List<Integer> widths, double outputGain) {
    return Mlp.of(inputs, outputs, widths)
        .withActivation(activation)
        .withInit(new Mlp.Init.Orthogonal(Math.sqrt(2), outputGain));
  }

  private int lastWidth() {
    return hidden.get(hidden.size() - 1);
  }
}
