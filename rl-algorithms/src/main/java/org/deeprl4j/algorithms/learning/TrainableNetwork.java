package org.deeprl4j.algorithms.learning;

import java.util.List;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.optim.GradientClipping;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.jspecify.annotations.Nullable;

/** A network θ with its optimiser, Adam, and if requested a target network θ̄ that follows it. */
public final class TrainableNetwork implements Stateful {
  /** The settings that a learner's networks read. */
  public interface Settings {
    /** Widths of the hidden layers. */
    List<Integer> hidden();

    /** Widths of those of value networks, if they differ; null for {@link #hidden}. */
    default @Nullable List<Integer> valueHidden() {
      return null;
    }

    /** Activation of the hidden layers. */
    Activation activation();

    /** Whether hidden layers normalise what they compute. */
    boolean layerNorm();

    /** Adam's ε. */
    double adamEpsilon();

    /** Bound on the norm of each network's gradient; null for none. */
    @Nullable Double maxGradientNorm();

    /** Rows of a batch. */
    int batchSize();

    /** Environments stepped together. */
    int environments();
  }

  /** Steps between measurements of a gradient's norm that is not bounded, only a metric. */
  private static final int NORM_EVERY = 32;

  private final Network network;
  private final @Nullable Network target;
  private final Adam adam;
  private final Tensor outputGradient;
  private final @Nullable Double maxGradientNorm;
  private double gradientNorm;
  private boolean measured;
  private long steps;

  private TrainableNetwork(
      LearnerContext context, NetworkSpec spec, Settings settings, boolean followed) {
    network = context.network(spec);
    target = followed ? context.network(spec) : null;
    if (target != null) {
      target.parameters().copyFrom(network.parameters());
    }
    adam = new Adam(0.9, 0.999, settings.adamEpsilon());
    outputGradient = context.compute().tensor(settings.batchSize(), spec.outputs());
    maxGradientNorm = settings.maxGradientNorm();
  }

  /** Creates a network without a target network. */
  public static TrainableNetwork alone(
      LearnerContext context, NetworkSpec spec, Settings settings) {
    return new TrainableNetwork(context, spec, settings, false);
  }

  /** Creates a network with an equal target network. */
  public static TrainableNetwork withTarget(
      LearnerContext context, NetworkSpec spec, Settings settings) {
    return new TrainableNetwork(context, spec, settings, true);
  }

  /**
   * Creates the usual multilayer perceptron of off-policy learners, with weights uniform in
   * ±1/√inputs.
   */
  public static Mlp mlp(int inputs, int outputs, List<Integer> hidden, Settings settings) {
    return Mlp.of(inputs, outputs, hidden)
        .withActivation(settings.activation())
        .withLayerNorm(settings.layerNorm())
        .withInit(new Mlp.Init.FanInUniform());
  }

  /** As {@link #mlp}, with the widths of value networks. */
  public static Mlp valueMlp(int inputs, int outputs, Settings settings) {
    List<Integer> own = settings.valueHidden();
    return mlp(inputs, outputs, own == null ? settings.hidden() : own, settings);
  }

  /** θ's network. */
  public Network network() {
    return network;
  }

  /**
   * θ̄'s network.
   *
   * @throws IllegalStateException if there is none
   */
  public Network target() {
    if (target == null) {
      throw new IllegalStateException("this network has no target network");
    }
    return target;
  }

  /** Receives dL/dy of a batch, [B, out], before {@link #descend}. */
  public Tensor outputGradient() {
    return outputGradient;
  }

  /**
   * Takes one step of Adam down dL/dθ, from {@link #outputGradient} and the network's last forward.
   */
  public void descend(double learningRate) {
    network.gradient().fill(0);
    network.backward(outputGradient);
    measured = maxGradientNorm != null || steps % NORM_EVERY == 0;
    if (measured) {
      gradientNorm = GradientClipping.globalNorm(maxGradientNorm, network.gradient());
    }
    adam.step(network.parameters(), network.gradient(), learningRate);
    steps++;
  }

  /**
   * Begins a step that the caller takes: it leaves dL/dθ in the network's gradient and moves θ.
   *
   * @throws IllegalStateException if the gradient is bounded, which only {@link #descend} does
   */
  public Adam.Step beginStep(double learningRate) {
    if (maxGradientNorm != null) {
      throw new IllegalStateException("only descend bounds the gradient");
    }
    return adam.begin(network.gradient(), learningRate);
  }

  /** Ends a step that {@link #beginStep} began. */
  public void endStep() {
    measured = steps % NORM_EVERY == 0;
    if (measured) {
      gradientNorm = network.gradient().norm2();
    }
    steps++;
  }

  /** Adds the norm of the last step's gradient, before it was bounded, if it was measured. */
  public void reportGradientNorm(String name, Averages averages) {
    if (measured) {
      averages.add(name, gradientNorm);
    }
  }

  /** Moves the target network: θ̄ ← τ θ + (1 − τ) θ̄. */
  public void trackTarget(double tau) {
    target().moveTowards(network, tau);
  }

  @Override
  public void save(StateWriter out) {
    out.put("network", network);
    if (target != null) {
      out.put("target", target);
    }
    out.put("adam", adam);
    out.put("steps", steps);
  }

  @Override
  public void load(StateReader in) {
    in.get("network", network);
    if (target != null) {
      in.get("target", target);
    }
    in.get("adam", adam);
    steps = in.getLong("steps");
  }
}
