package org.deeprl4j.algorithms.learning;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.policy.Features;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;
import org.jspecify.annotations.Nullable;

/**
 * The usual multilayer perceptrons of an actor-critic on the observations' features, orthogonally
 * initialised.
 *
 * @param hidden widths of the hidden layers
 * @param valueHidden widths of those of the value network; null for {@code hidden}, as it must be
 *     if they are shared
 * @param activation of the hidden layers
 * @param layerNorm whether hidden layers normalise what they compute
 * @param shared whether policy and value share features and hidden layers
 * @param logStd where log σ comes from, for continuous actions
 * @param initialLogStd initial log σ, if it is free
 */
public record MlpArchitecture(
    List<Integer> hidden,
    @Nullable List<Integer> valueHidden,
    Activation activation,
    boolean layerNorm,
    boolean shared,
    LogStd logStd,
    double initialLogStd)
    implements ActorCritic.Architecture {
  /** The gain of a policy's output layer, small so that the first policy is nearly uniform. */
  private static final double POLICY_OUTPUT_GAIN = 0.01; // Andrychowicz et al. 2021, section 3.2

  /** Describes separate policy and value networks, with a free log σ. */
  public static MlpArchitecture apart(
      List<Integer> hidden, Activation activation, double initialLogStd) {
    return new MlpArchitecture(hidden, null, activation, false, false, LogStd.FREE, initialLogStd);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException for GSDE without hidden layers, as it needs the last one
   */
  @Override
  public NetworkSpec describe(LearnerContext context) {
    Space actions = context.actionSpace();
    Features seen = context.features();
    int inputs = seen.size();
    ActionDistribution distribution = logStd.distribution(actions, hidden);
    boolean gaussian = actions instanceof Box;
    boolean withLastLayer = gaussian && logStd == LogStd.GSDE;
    int freeLogStds =
        !gaussian || logStd == LogStd.STATE_DEPENDENT
            ? 0
            : distribution.parameterSize()
                - distribution.actionSize()
                - (withLastLayer ? lastWidth(inputs) : 0);
    int policyOutputs = freeLogStds > 0 ? distribution.actionSize() : distribution.parameterSize();
    List<NetworkSpec> parts = new ArrayList<>();
    if (shared && (!hidden.isEmpty() || seen.isExtracted())) {
      parts.add(seen.under(stacked(inputs, withLastLayer, heads(inputs, policyOutputs))));
    } else {
      List<Integer> widths = valueHidden == null ? hidden : valueHidden;
      parts.add(seen.under(mlp(inputs, 1, widths, 1)));
      parts.add(
          seen.under(
              withLastLayer
                  ? stacked(inputs, true, policyHead(inputs, policyOutputs))
                  : mlp(inputs, policyOutputs, hidden, POLICY_OUTPUT_GAIN)));
    }
    if (freeLogStds > 0) {
      List<Double> initial = Collections.nCopies(freeLogStds, initialLogStd);
      parts.add(new NetworkSpec.Constant(seen.inputs(), initial));
    }
    return parts.size() == 1 ? parts.get(0) : new NetworkSpec.SideBySide(parts);
  }

  /** A value and a policy on the same layer. */
  private NetworkSpec heads(int inputs, int policyOutputs) {
    Mlp value = mlp(lastWidth(inputs), 1, List.of(), 1).withActivation(Activation.IDENTITY);
    return new NetworkSpec.SideBySide(List.of(value, policyHead(inputs, policyOutputs)));
  }

  private Mlp policyHead(int inputs, int outputs) {
    return mlp(lastWidth(inputs), outputs, List.of(), POLICY_OUTPUT_GAIN)
        .withActivation(Activation.IDENTITY);
  }

  /** Hidden layers, if there are any, with outputs on the last of them. */
  private NetworkSpec stacked(int inputs, boolean withLastLayer, NetworkSpec head) {
    if (hidden.isEmpty()) {
      return head;
    }
    Mlp body =
        mlp(inputs, lastWidth(inputs), hidden.subList(0, hidden.size() - 1), Math.sqrt(2))
            .withOutputActivation(activation);
    return new NetworkSpec.Stacked(body, head, withLastLayer);
  }

  private Mlp mlp(int inputs, int outputs, List<Integer> widths, double outputGain) {
    return Mlp.of(inputs, outputs, widths)
        .withActivation(activation)
        .withLayerNorm(layerNorm)
        .withInit(new Mlp.Init.Orthogonal(Math.sqrt(2), outputGain));
  }

  private int lastWidth(int inputs) {
    return hidden.isEmpty() ? inputs : hidden.get(hidden.size() - 1);
  }
}
