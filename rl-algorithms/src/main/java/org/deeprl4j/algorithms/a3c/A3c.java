package org.deeprl4j.algorithms.a3c;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.training.AsynchronousLearner;
import org.deeprl4j.algorithms.training.AsynchronousTrainer;
import org.deeprl4j.algorithms.training.Segment;
import org.deeprl4j.algorithms.training.SingleEnvironment;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.distributions.StateDependentGaussian;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.GradientClipping;
import org.deeprl4j.optim.RmsProp;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.jspecify.annotations.Nullable;

/**
 * Asynchronous advantage actor-critic (Mnih et al. 2016, "Asynchronous methods for deep
 * reinforcement learning", algorithm S3), each actor-learner thread with
 *
 * <pre>
 * // shared: θ, θ_v and the counter T; of the thread: θ′, θ′_v
 * repeat
 *   dθ ← 0, dθ_v ← 0
 *   θ′ ← θ, θ′_v ← θ_v
 *   t_start = t
 *   repeat
 *     perform a_t ~ π(a_t|s_t; θ′), receive r_t and s_{t+1}
 *     t ← t + 1, T ← T + 1
 *   until terminal s_t or t − t_start = t_max
 *   R = 0 for terminal s_t, V(s_t; θ′_v) otherwise
 *   for i = t − 1, …, t_start
 *     R ← r_i + γR
 *     dθ   ← dθ + ∇_θ′ log π(a_i|s_i; θ′)(R − V(s_i; θ′_v)) + β ∇_θ′ H(π(s_i; θ′))
 *     dθ_v ← dθ_v + ∂(R − V(s_i; θ′_v))²/∂θ′_v
 *   update θ along dθ and θ_v against dθ_v, asynchronously, by shared RMSProp
 * until T is large enough
 * </pre>
 *
 * <p>The policy gradient treats R − V as a constant. Truncation does not make a state terminal: R
 * then starts from V of the true last observation. This implementation takes means over the
 * segment, not sums, for dθ and dθ_v.
 */
public final class A3c implements AsynchronousLearner {
  private final A3cConfig config;
  private final LearnerContext context;
  private final ActorCritic.Architecture architecture;
  private final ActorCritic shared; // θ and θ_v
  private final RmsProp rmsProp;

  /** Creates the initial shared parameters. */
  A3c(A3cConfig config, ActorCritic.Architecture architecture, LearnerContext context) {
    this.config = config;
    this.context = context;
    this.architecture = architecture;
    shared = model(context);
    shared.requireNoMemory();
    rmsProp = new RmsProp(config.rmsPropDecay(), config.rmsPropEpsilon());
    rmsProp.reserve(shared.network().parameters().size());
  }

  private ActorCritic model(LearnerContext of) {
    return ActorCritic.together(
        of, architecture, config.logStd().distribution(of.actionSpace(), config.hidden()));
  }

  /** Starts a run with the multilayer perceptrons that the configuration describes. */
  public static AsynchronousTrainer start(TrainingSetup setup, A3cConfig config) {
    return start(setup, config, config.architecture());
  }

  /** Starts a run with a custom network. */
  public static AsynchronousTrainer start(
      TrainingSetup setup, A3cConfig config, ActorCritic.Architecture architecture) {
    return new AsynchronousTrainer(
        setup, config, context -> new A3c(config, architecture, context));
  }

  /** θ and θ_v, which actor-learners write to without a lock. */
  ActorCritic model() {
    return shared;
  }

  @Override
  public List<String> metrics() {
    return List.of("policy_loss", "value_loss", "entropy", "gradient_norm", "learning_rate");
  }

  @Override
  public ActorLearner actorLearner(
      int index, SingleEnvironment environment, Compute compute, Rng random) {
    return new LocalLearner(environment, compute, random);
  }

  /** The actor-learner of one thread. */
  private final class LocalLearner implements ActorLearner {
    private final SingleEnvironment environment;
    private final Rng random;
    private final ActorCritic own; // θ′ and θ′_v
    private final Segment segment;
    private final float[] action;
    private final float[] weight;
    private final @Nullable StateDependentGaussian noise;
    private final int noiseHold;
    private int held; // steps since the noise was drawn; 0 where it is due

    LocalLearner(SingleEnvironment environment, Compute compute, Rng random) {
      this.environment = environment;
      this.random = random;
      own =
          model(
              new LearnerContext(
                  compute,
                  context.encoder(),
                  context.features(),
                  context.actionSpace(),
                  new Rng(0)));
      segment = new Segment(compute, environment, config.rolloutSteps());
      action = new float[own.distribution().actionSize()];
      weight = new float[config.rolloutSteps()];
      noise = own.distribution() instanceof StateDependentGaussian gaussian ? gaussian : null;
      noiseHold = Objects.requireNonNullElse(config.noiseHold(), config.rolloutSteps());
    }

    @Override
    public int advance(int most, long step, double progress, Averages averages) {
      Tensor theta = shared.network().parameters();
      System.arraycopy(
          theta.floats(), 0, own.network().parameters().floatsForWriting(), 0, theta.size());
      segment.clear();
      do {
        act();
        segment.step(action);
      } while (!environment.ended() && segment.steps() < most);
      float last = 0;
      if (!environment.terminated()) {
        own.predict(environment.nextObservation());
        last = own.values()[0];
      }
      accumulate(last, config.entropyCoefficient().at(progress), averages);
      Tensor gradient = own.network().gradient();
      averages.add(
          "gradient_norm", GradientClipping.globalNorm(config.maxGradientNorm(), gradient));
      double learningRate = config.learningRate().at(progress);
      averages.add("learning_rate", learningRate);
      rmsProp.step(shared.network().parameters(), gradient, learningRate);
      return segment.steps();
    }

    /** Draws a_t ~ π(a_t|s_t; θ′); with gSDE its noise is held for some steps. */
    private void act() {
      own.predict(environment.observation());
      float[] z = own.distributionParameters();
      if (noise == null) {
        own.distribution().sample(z, 1, random, action);
        return;
      }
      if (held == 0) {
        noise.resample(1, random);
      }
      held = (held + 1) % noiseHold;
      noise.explore(z, 1, action);
    }

    /** Leaves −dθ and dθ_v, over the segment's n steps, in the thread's own gradient. */
    private void accumulate(float last, double entropyCoefficient, Averages averages) {
      int n = segment.steps();
      float[] rewards = segment.rewards();
      own.forward(segment.observations());
      ActionDistribution distribution = own.distribution();
      float[] z = own.distributionParameters();
      float[] logProb = own.logProbs(segment.actions());
      float[] entropy = own.entropies();
      float[] valueGradient = own.valueGradient();
      double policyLoss = 0;
      double valueLoss = 0;
      double meanEntropy = 0;
      double r = last;
      for (int i = n - 1; i >= 0; i--) {
        r = rewards[i] + config.gamma() * r;
        double advantage = r - own.values()[i];
        weight[i] = (float) (-advantage / n);
        valueGradient[i] = (float) (-2 * config.valueCoefficient() * advantage / n);
        policyLoss -= logProb[i] * advantage / n;
        valueLoss += advantage * advantage / n;
        meanEntropy += (double) entropy[i] / n;
      }
      averages.add("policy_loss", policyLoss);
      averages.add("value_loss", valueLoss);
      averages.add("entropy", meanEntropy);
      float[] zGradient = own.zGradient();
      distribution.addLogProbGradient(z, segment.actions(), n, weight, zGradient);
      if (entropyCoefficient != 0) {
        Arrays.fill(weight, 0, n, (float) (-entropyCoefficient / n));
        distribution.addEntropyGradient(z, n, weight, zGradient);
      }
      own.network().gradient().fill(0);
      own.backward();
    }

    /**
     * Saves noise that is held, else nothing: a segment starts from the shared parameters, and the
     * trainer saves the rest.
     */
    @Override
    public void save(StateWriter out) {
      if (noise != null) {
        out.put("noise", noise);
        out.put("held", held);
      }
    }

    @Override
    public void load(StateReader in) {
      if (noise != null) {
        in.get("noise", noise);
        held = in.getInt("held");
      }
    }
  }

  @Override
  public void sharedParametersChange() {
    shared.network().parameters().floatsForWriting();
  }

  @Override
  public Policy policy() {
    return shared.policy(context);
  }

  @Override
  public void save(StateWriter out) {
    out.put("model", shared);
    out.put("rmsProp", rmsProp);
  }

  @Override
  public void load(StateReader in) {
    in.get("model", shared);
    in.get("rmsProp", rmsProp);
  }
}
