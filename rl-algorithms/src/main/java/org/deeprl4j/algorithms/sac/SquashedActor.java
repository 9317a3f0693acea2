package org.deeprl4j.algorithms.sac;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.learning.NetworkPolicy;
import org.deeprl4j.distributions.StateDependentGaussian;
import org.deeprl4j.distributions.TanhGaussian;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.jspecify.annotations.Nullable;

/**
 * SAC's policy: a = f_φ(ε; s) = tanh(μ_φ(s) + σ_φ(s) ε), ε ~ N(0, I), and its improvement
 *
 * <pre>
 * J_π(φ) = Ê[α log π_φ(f_φ(ε; s)|s) − Q(s, f_φ(ε; s))]
 * </pre>
 *
 * <p>With gSDE, μ + σε is a sample of {@link StateDependentGaussian}: exploration holds one noise
 * matrix for several steps, learning draws from the same marginal N(μ, s²) of each state.
 */
final class SquashedActor implements Stateful {
  private final NetworkSpec spec;
  private final Network network;
  private final Adam adam;
  private final TanhGaussian distribution;
  private final @Nullable StateDependentGaussian noise;
  private final int n;
  private final int rows;

  // One batch, reused.
  private final float[] eps;
  private final float[] actions;
  private final float[] preSquash;
  private final float[] logProbs;
  private final float[] weight;
  private final float[] lossGradient;
  private final float[] gaussianGradient;
  private final Tensor zGradient;
  private float[] z = new float[0]; // of the last batch, as the network gave it
  private float[] gaussian = new float[0]; // [μ | log σ] of it

  /**
   * A policy at its start.
   *
   * @param inputs columns of an encoded observation
   * @param n action components
   * @param rows B, of every batch
   */
  SquashedActor(
      Compute compute,
      int inputs,
      int n,
      List<Integer> widths,
      Activation activation,
      LogStd logStd,
      double initialLogStd,
      int rows,
      double adamEpsilon,
      Rng random) {
    this.n = n;
    this.rows = rows;
    spec = describe(inputs, n, widths, activation, logStd, initialLogStd);
    network = compute.network(spec, random);
    adam = new Adam(0.9, 0.999, adamEpsilon);
    distribution = new TanhGaussian(n);
    noise =
        logStd == LogStd.GSDE
            ? new StateDependentGaussian(n, widths.get(widths.size() - 1), true)
            : null;
    eps = new float[rows * n];
    actions = new float[rows * n];
    preSquash = new float[rows * n];
    logProbs = new float[rows];
    weight = new float[rows];
    lossGradient = new float[rows * n];
    gaussianGradient = noise == null ? new float[0] : new float[rows * 2 * n];
    zGradient = compute.tensor(rows, spec.outputs());
  }

  private static NetworkSpec describe(
      int inputs,
      int n,
      List<Integer> widths,
      Activation activation,
      LogStd logStd,
      double initialLogStd) {
    int[] hidden = widths.stream().mapToInt(Integer::intValue).toArray();
    return switch (logStd) {
      case STATE_DEPENDENT -> mlp(inputs, 2 * n, hidden, activation);
      case FREE ->
          new NetworkSpec.SideBySide(
              List.of(
                  mlp(inputs, n, hidden, activation),
                  new NetworkSpec.Constant(inputs, Collections.nCopies(n, initialLogStd))));
      case GSDE -> {
        int features = hidden[hidden.length - 1];
        Mlp body =
            mlp(inputs, features, Arrays.copyOf(hidden, hidden.length - 1), activation)
                .withOutputActivation(activation);
        Mlp head = mlp(features, n, new int[0], Activation.IDENTITY);
        yield new NetworkSpec.SideBySide(
            List.of(
                new NetworkSpec.Stacked(body, head, true),
                new NetworkSpec.Constant(
                    inputs, Collections.nCopies(n * features, initialLogStd))));
      }
    };
  }

  private static Mlp mlp(int inputs, int outputs, int[] hidden, Activation activation) {
    return Mlp.of(inputs, outputs, hidden)
        .withActivation(activation)
        .withInit(new Mlp.Init.FanInUniform());
  }

  NetworkSpec spec() {
    return spec;
  }

  Network network() {
    return network;
  }

  NetworkPolicy.Head head() {
    return noise == null
        ? NetworkPolicy.Head.SQUASHED_GAUSSIAN
        : NetworkPolicy.Head.SQUASHED_STATE_DEPENDENT_GAUSSIAN;
  }

  /** Draws a new noise matrix for each environment, with gSDE. */
  void resample(int environments, Rng random) {
    if (noise != null) {
      noise.resample(environments, random);
    }
  }

  /**
   * Actions to explore with.
   *
   * @param observations s, [environments, observation]
   * @param explored receives a, [environments, action]. Modified.
   */
  void explore(Tensor observations, Rng random, float[] explored) {
    float[] out = network.predict(observations).floats();
    if (noise == null) {
      distribution.sample(out, observations.rows(), random, explored);
    } else {
      noise.explore(out, observations.rows(), explored);
      TanhGaussian.squash(explored, explored.length);
    }
  }

  /** Samples a ~ π_φ(·|s) of a batch into {@link #actions} and {@link #logProbs}. */
  void sample(Tensor observations, Rng random) {
    draw(network.predict(observations).floats(), random);
  }

  /** As {@link #sample}, for {@link #improve}: a = f_φ(ε; s). */
  void rsample(Tensor observations, Rng random) {
    draw(network.forward(observations).floats(), random);
  }

  private void draw(float[] out, Rng random) {
    z = out;
    gaussian = noise == null ? out : noise.gaussian(out, rows);
    random.fillGaussian(eps, 0, eps.length);
    distribution.rsample(gaussian, rows, eps, actions, preSquash, logProbs);
  }

  /** a of the last batch, [B, action], until the next one. */
  float[] actions() {
    return actions;
  }

  /** log π_φ(a|s) of the last batch, [B], until the next one. */
  float[] logProbs() {
    return logProbs;
  }

  /** Ê[−log π_φ(a|s)] of the last batch. */
  double entropy() {
    double sum = 0;
    for (float logProb : logProbs) {
      sum -= logProb;
    }
    return sum / rows;
  }

  /**
   * dJ_π/dφ of the last {@link #rsample}, in the network's gradient.
   *
   * @param actionGradient ∂Q(s, a)/∂a, [B, action]
   */
  void differentiate(double alpha, float[] actionGradient) {
    Arrays.fill(weight, (float) (alpha / rows));
    for (int i = 0; i < lossGradient.length; i++) {
      lossGradient[i] = -actionGradient[i] / rows;
    }
    zGradient.fill(0);
    float[] out = zGradient.floatsForWriting();
    if (noise == null) {
      distribution.addReparameterizedGradient(
          gaussian, eps, actions, rows, lossGradient, weight, out);
    } else {
      Arrays.fill(gaussianGradient, 0);
      distribution.addReparameterizedGradient(
          gaussian, eps, actions, rows, lossGradient, weight, gaussianGradient);
      noise.addGaussianGradient(z, gaussianGradient, rows, out);
    }
    network.gradient().fill(0);
    network.backward(zGradient);
  }

  /** φ ← φ − λ ∇J_π(φ), by Adam. */
  void descend(double learningRate) {
    adam.step(network.parameters(), network.gradient(), learningRate);
  }

  @Override
  public void save(StateWriter out) {
    out.put("network", network);
    out.put("adam", adam);
    if (noise != null) {
      out.put("noise", noise);
    }
  }

  @Override
  public void load(StateReader in) {
    in.get("network", network);
    in.get("adam", adam);
    if (noise != null) {
      in.get("noise", noise);
    }
  }
}
