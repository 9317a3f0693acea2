package org.deeprl4j.algorithms.learning;

import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * A deterministic policy μ(s; φ) in [−1, 1]ⁿ with a target network φ′, an optimiser and exploration
 * noise. The algorithm decides what it learns.
 */
public final class DeterministicActor implements Stateful {
  private final LearnerContext context;
  private final TrainableNetwork trained;
  private final ActionNoise noise;

  /** Creates an actor with an equal target network. */
  public DeterministicActor(
      LearnerContext context, TrainableNetwork.Settings settings, ActionNoise.Kind noise) {
    this.context = context;
    int n = context.actionSpace().size();
    Mlp head =
        TrainableNetwork.mlp(context.features().size(), n, settings.hidden(), settings)
            .withOutputActivation(Activation.TANH);
    NetworkSpec mu = context.features().under(head);
    trained = TrainableNetwork.withTarget(context, mu, settings);
    this.noise = new ActionNoise(noise, settings.environments(), n);
  }

  /**
   * μ(s; φ) + noise, clipped to [−1, 1].
   *
   * @param observations s, [environments, observation]
   * @param sigma σ of the noise, ≥ 0
   * @param explored receives [environments, n]. Modified.
   */
  public void explore(Tensor observations, double sigma, Rng random, float[] explored) {
    System.arraycopy(
        trained.network().predict(observations).floats(), 0, explored, 0, explored.length);
    noise.add(sigma, random, explored);
  }

  /** Restarts the noise of an environment that starts a new episode. */
  public void episodeEnded(int environment) {
    noise.restart(environment);
  }

  /**
   * μ(s; φ′) of a batch.
   *
   * @return [B, n], valid until the next call
   */
  public float[] target(Tensor observations) {
    return trained.target().predict(observations).floats();
  }

  /**
   * μ(s; φ) of a batch, for {@link #descend}.
   *
   * @return [B, n], valid until the next call
   */
  public float[] forward(Tensor observations) {
    return trained.network().forward(observations).floats();
  }

  /** Receives dL/dμ for the last {@link #forward}, [B, n]. */
  public float[] outputGradient() {
    return trained.outputGradient().floatsForWriting();
  }

  /** Takes one step down dL/dφ. */
  public void descend(double learningRate) {
    trained.descend(learningRate);
  }

  /** Adds the norm of the last step's gradient, if it was measured. */
  public void report(String gradientNorm, Averages averages) {
    trained.reportGradientNorm(gradientNorm, averages);
  }

  /** Moves the target network: φ′ ← τ φ + (1 − τ) φ′. */
  public void trackTarget(double tau) {
    trained.trackTarget(tau);
  }

  /** The network φ with its target and gradient. */
  public TrainableNetwork network() {
    return trained;
  }

  /** The policy, without noise. */
  public Policy policy() {
    return context.policy(trained.network(), 0, NetworkPolicy.Head.DETERMINISTIC);
  }

  @Override
  public void save(StateWriter out) {
    out.put("actor", trained);
    out.put("noise", noise);
  }

  @Override
  public void load(StateReader in) {
    in.get("actor", trained);
    in.get("noise", noise);
  }
}
