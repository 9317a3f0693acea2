package org.deeprl4j.algorithms.sac;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.learning.TrainableNetwork;
import org.deeprl4j.algorithms.training.OffPolicySettings;
import org.deeprl4j.distributions.StateDependentGaussian;
import org.deeprl4j.distributions.TanhGaussian;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.jspecify.annotations.Nullable;

/**
 * SAC's policy, a = f_φ(ε; s) = tanh(μ_φ(s) + σ_φ(s) ε) with ε ~ N(0, I): it draws actions and
 * propagates a loss's derivatives by a and log π_φ(a|s) back to φ.
 *
 * <p>With gSDE, μ + σε is a sample of {@link StateDependentGaussian}: exploration holds one noise
 * matrix for several steps, and learning draws from the same marginal N(μ, s²) of each state. s has
 * no bounds, beyond which it would have no gradient.
 */
final class SquashedActor implements Stateful {
  /** The settings that this class reads. */
  interface Settings extends OffPolicySettings {
    /** The source of log σ. */
    LogStd logStd();

    /** Initial log σ, unless logStd is STATE_DEPENDENT. */
    double initialLogStd();

    /** Steps of an environment for which gSDE's noise is held; null for the length of a round. */
    @Nullable Integer noiseHold();
  }

  private final LearnerContext context;
  private final TrainableNetwork trained;
  private final TanhGaussian distribution;
  private final @Nullable StateDependentGaussian noise;
  private final int noiseHold;
  private final int rows;
  private long explorations;
  private double entropy;

  // Reused for each batch.
  private final float[] eps;
  private final float[] actions;
  private final float[] preSquash;
  private final float[] logProbs;
  private final float[] gaussianGradient;
  private float[] z = new float[0]; // the network's output for the last batch
  private float[] gaussian = new float[0]; // [μ | log σ] of it

  /** Creates a policy in its initial state. */
  SquashedActor(LearnerContext context, Settings settings) {
    this.context = context;
    rows = settings.batchSize();
    Integer held = settings.noiseHold();
    noiseHold =
        held == null ? Math.max(1, settings.stepsPerRound() / settings.environments()) : held;
    int n = context.actionSpace().size();
    NetworkSpec head = describe(context.features().size(), n, settings);
    trained = TrainableNetwork.alone(context, context.features().under(head), settings);
    noise =
        settings.logStd() == LogStd.GSDE
            ? new StateDependentGaussian(
                n, settings.hidden().get(settings.hidden().size() - 1), true)
            : null;
    distribution = noise == null ? new TanhGaussian(n) : TanhGaussian.unclamped(n);
    eps = new float[rows * n];
    actions = new float[rows * n];
    preSquash = new float[rows * n];
    logProbs = new float[rows];
    gaussianGradient = new float[noise == null ? 0 : rows * 2 * n];
  }

  private static NetworkSpec describe(int inputs, int n, Settings settings) {
    List<Integer> hidden = settings.hidden();
    double logStd = settings.initialLogStd();
    return switch (settings.logStd()) {
      case STATE_DEPENDENT -> TrainableNetwork.mlp(inputs, 2 * n, hidden, settings);
      case FREE ->
          new NetworkSpec.SideBySide(
              List.of(
                  TrainableNetwork.mlp(inputs, n, hidden, settings),
                  new NetworkSpec.Constant(inputs, Collections.nCopies(n, logStd))));
      case GSDE -> {
        int last = hidden.size() - 1;
        int features = hidden.get(last);
        Mlp body =
            TrainableNetwork.mlp(inputs, features, hidden.subList(0, last), settings)
                .withOutputActivation(settings.activation());
        Mlp head = TrainableNetwork.mlp(features, n, List.of(), settings);
        yield new NetworkSpec.SideBySide(
            List.of(
                new NetworkSpec.Stacked(body, head, true),
                new NetworkSpec.Constant(inputs, Collections.nCopies(n * features, logStd))));
      }
    };
  }

  /**
   * Draws actions for exploration.
   *
   * @param observations s, [environments, observation]
   * @param explored receives a, [environments, action]. Modified.
   */
  void explore(Tensor observations, Rng random, float[] explored) {
    if (noise != null && explorations % noiseHold == 0) {
      noise.resample(observations.rows(), random);
    }
    explorations++;
    float[] out = trained.network().predict(observations).floats();
    if (noise == null) {
      distribution.sample(out, observations.rows(), random, explored);
    } else {
      noise.explore(out, observations.rows(), explored);
      TanhGaussian.squash(explored, explored.length);
    }
  }

  /** Draws a ~ π_φ(·|s) of a batch into {@link #actions} and {@link #logProbs}. */
  void sample(Tensor observations, Rng random) {
    draw(trained.network().predict(observations).floats(), random);
  }

  /** Like {@link #sample}, for {@link #descend}: a = f_φ(ε; s). */
  void rsample(Tensor observations, Rng random) {
    draw(trained.network().forward(observations).floats(), random);
    double sum = 0;
    for (float logProb : logProbs) {
      sum -= logProb;
    }
    entropy = sum / rows;
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

  /** Ê[−log π_φ(a|s)] of the last {@link #rsample}. */
  double entropy() {
    return entropy;
  }

  /** Whether the network's output is directly the parameters of a tanh-Gaussian. */
  boolean isPlain() {
    return noise == null;
  }

  /** Takes over the results of a step that another class took. */
  void stepped(double entropyThere) {
    entropy = entropyThere;
    trained.endStep();
  }

  /**
   * Adds what n-step returns leave out, the entropies between: Σ_k −γᵏ α log π_φ(a|s_{t+k}).
   *
   * @param y targets of the batch, [B]. Modified.
   */
  void addEntropiesBetween(Minibatch batch, double alpha, Rng random, float[] y) {
    for (int k = 0; k < batch.between().size(); k++) {
      sample(batch.between().get(k), random);
      for (int b = 0; b < rows; b++) {
        y[b] -= (float) (batch.betweenDiscounts().get(k)[b] * alpha * logProbs[b]);
      }
    }
  }

  /**
   * Takes one step of φ down a loss of the last {@link #rsample}.
   *
   * @param actionGradient dL/da, [B, action]
   * @param logProbGradient dL/d log π_φ(a|s), [B]
   */
  void descend(float[] actionGradient, float[] logProbGradient, double learningRate) {
    Tensor zGradient = trained.outputGradient();
    zGradient.fill(0);
    float[] out = zGradient.floatsForWriting();
    if (noise == null) {
      distribution.addReparameterizedGradient(
          gaussian, eps, actions, rows, actionGradient, logProbGradient, out);
    } else {
      Arrays.fill(gaussianGradient, 0);
      distribution.addReparameterizedGradient(
          gaussian, eps, actions, rows, actionGradient, logProbGradient, gaussianGradient);
      noise.addGaussianGradient(z, gaussianGradient, rows, out);
    }
    trained.descend(learningRate);
  }

  /** Adds the last step's metrics. */
  void report(Averages averages) {
    trained.reportGradientNorm("policy_gradient_norm", averages);
    averages.add("entropy", entropy());
  }

  /** The network of φ and its gradient. */
  TrainableNetwork network() {
    return trained;
  }

  /** The policy, sharing the network. */
  Policy policy() {
    return context.policy(
        trained.network(),
        0,
        noise == null
            ? NetworkPolicy.Head.SQUASHED_GAUSSIAN
            : NetworkPolicy.Head.SQUASHED_STATE_DEPENDENT_GAUSSIAN);
  }

  @Override
  public void save(StateWriter out) {
    out.put("actor", trained);
    out.put("explorations", explorations);
    if (noise != null) {
      out.put("noise", noise);
    }
  }

  @Override
  public void load(StateReader in) {
    in.get("actor", trained);
    explorations = in.getLong("explorations");
    if (noise != null) {
      in.get("noise", noise);
    }
  }
}
