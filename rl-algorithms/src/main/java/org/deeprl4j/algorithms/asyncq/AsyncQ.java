package org.deeprl4j.algorithms.asyncq;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.learning.ActionValues;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.training.AsynchronousLearner;
import org.deeprl4j.algorithms.training.AsynchronousTrainer;
import org.deeprl4j.algorithms.training.Segment;
import org.deeprl4j.algorithms.training.SingleEnvironment;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.GradientClipping;
import org.deeprl4j.optim.RmsProp;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/**
 * The asynchronous value methods (Mnih et al. 2016, "Asynchronous methods for deep reinforcement
 * learning", algorithms 1 and S2), each actor-learner thread with
 *
 * <pre>
 * // shared: θ, θ⁻ and the counter T; of the thread: θ′ and its ε
 * repeat
 *   θ′ ← θ
 *   repeat
 *     a_t ε-greedy by Q(s_t, ·; θ′), receive r_t and s_{t+1}
 *   until terminal s_t or t − t_start = t_max
 *   for each step i of these, with 0 for the value after a terminal state,
 *     one-step Q:     y_i = r_i + γ max_a Q(s_{i+1}, a; θ⁻)
 *     one-step Sarsa: y_i = r_i + γ Q(s_{i+1}, a_{i+1}; θ⁻)
 *     n-step Q:       y_i = r_i + γ r_{i+1} + … + γ^{t−i} max_a Q(s_t, a; θ⁻)
 *   dθ = Σ_i ∂(y_i − Q(s_i, a_i; θ′))²/∂θ′
 *   update θ against dθ, asynchronously, by shared RMSProp
 *   every I_target steps of all threads θ⁻ ← θ
 * until T is large enough
 * </pre>
 *
 * <p>Truncation does not make a state terminal: the target then uses the value of the true last
 * observation. This implementation takes a mean over the segment, not a sum, for dθ.
 */
public final class AsyncQ implements AsynchronousLearner {
  /** The kinds of targets. */
  public enum Method {
    /** r + γ max Q. */
    ONE_STEP_Q,
    /** r + γ Q of the next action. */
    ONE_STEP_SARSA,
    /** The return to the end of the segment, plus max Q there. */
    N_STEP_Q
  }

  private final Method method;
  private final AsyncQConfig config;
  private final LearnerContext context;
  private final int n;
  private final Network shared; // θ
  private final Network target; // θ⁻, guarded by itself
  private final AtomicInteger targetVersion = new AtomicInteger();
  private final AtomicLong copiedAt = new AtomicLong(); // T when θ⁻ was last copied
  private final RmsProp rmsProp;

  /** Creates the initial shared parameters. */
  AsyncQ(AsyncQConfig config, Method method, LearnerContext context) {
    this.config = config;
    this.method = method;
    this.context = context;
    n = Require.discrete(context.actionSpace()).n();
    Mlp head =
        Mlp.of(context.features().size(), n, config.hidden())
            .withActivation(config.activation())
            .withLayerNorm(config.layerNorm())
            .withInit(new Mlp.Init.FanInUniform());
    NetworkSpec spec = context.features().under(head);
    shared = context.network(spec);
    target = context.network(spec);
    target.parameters().copyFrom(shared.parameters());
    rmsProp = new RmsProp(config.rmsPropDecay(), config.rmsPropEpsilon());
    rmsProp.reserve(shared.parameters().size());
  }

  /** Starts a run. */
  public static AsynchronousTrainer start(TrainingSetup setup, AsyncQConfig config, Method method) {
    return new AsynchronousTrainer(setup, config, context -> new AsyncQ(config, method, context));
  }

  /** Q(·; θ), which actor-learners write to without a lock. */
  Network network() {
    return shared;
  }

  @Override
  public List<String> metrics() {
    return List.of("critic_loss", "q_mean", "critic_gradient_norm", "epsilon", "learning_rate");
  }

  @Override
  public ActorLearner actorLearner(
      int index, SingleEnvironment environment, Compute compute, Rng random) {
    return new LocalLearner(index, environment, compute, random);
  }

  private static void copy(Network from, Network to) {
    Tensor theta = from.parameters();
    System.arraycopy(theta.floats(), 0, to.parameters().floatsForWriting(), 0, theta.size());
  }

  /** The actor-learner of one thread. */
  private final class LocalLearner implements ActorLearner {
    private final int index;
    private final SingleEnvironment environment;
    private final Rng random;
    private final Network own; // θ′
    private final Network ownTarget; // a copy of θ⁻
    private int ownTargetVersion = -1;
    private int chosen = -1; // a_t, if the last target of Sarsa has already drawn it
    private final Segment segment;
    private final Tensor outputGradient;
    private final float[] action = new float[1];

    LocalLearner(int index, SingleEnvironment environment, Compute compute, Rng random) {
      this.index = index;
      this.environment = environment;
      this.random = random;
      own = compute.network(shared.spec(), new Rng(0));
      ownTarget = compute.network(shared.spec(), new Rng(0));
      segment = new Segment(compute, environment, config.rolloutSteps());
      outputGradient = compute.tensor(config.rolloutSteps(), n);
    }

    @Override
    public int advance(int most, long step, double progress, Averages averages) {
      copy(shared, own);
      double epsilon = config.epsilon(index, progress);
      segment.clear();
      do {
        action[0] = chosen >= 0 ? chosen : choose(environment.observation(), epsilon);
        chosen = -1;
        segment.step(action);
      } while (!environment.ended() && segment.steps() < most);
      Tensor gradient = accumulate(targets(epsilon), averages);
      averages.add(
          "critic_gradient_norm", GradientClipping.globalNorm(config.maxGradientNorm(), gradient));
      double learningRate = config.learningRate().at(progress);
      rmsProp.step(shared.parameters(), gradient, learningRate);
      trackTarget(step + segment.steps());
      averages.add("epsilon", epsilon);
      averages.add("learning_rate", learningRate);
      return segment.steps();
    }

    /** ε-greedy by Q(s, ·; θ′). */
    private int choose(Tensor state, double epsilon) {
      if (random.nextDouble() < epsilon) {
        return random.nextInt(n);
      }
      return ActionValues.largest(own.predict(state).floats(), 0, n);
    }

    /** Computes y for the steps of the segment. */
    private double[] targets(double epsilon) {
      loadTarget();
      int last = segment.steps() - 1;
      float[] next = ownTarget.predict(segment.nextObservations()).floats();
      int following = 0; // a_{t+1} of the last step
      if (method == Method.ONE_STEP_SARSA && !environment.terminated()) {
        // After truncation this action only serves the target; otherwise it is the next one taken.
        following = choose(environment.nextObservation(), epsilon);
        chosen = environment.ended() ? -1 : following;
      }
      double[] y = new double[last + 1];
      double r = 0;
      for (int i = last; i >= 0; i--) {
        if (i == last && environment.terminated()) {
          r = 0;
        } else if (i == last || method != Method.N_STEP_Q) {
          int taken = i == last ? following : (int) segment.actions()[i + 1];
          int best = ActionValues.largest(next, i * n, n);
          r = next[i * n + (method == Method.ONE_STEP_SARSA ? taken : best)];
        }
        r = segment.rewards()[i] + config.gamma() * r;
        y[i] = r;
      }
      return y;
    }

    /** Leaves dθ in the thread's own gradient. */
    private Tensor accumulate(double[] y, Averages averages) {
      int steps = y.length;
      float[] q = own.forward(segment.observations()).floats();
      outputGradient.setRows(steps);
      outputGradient.fill(0);
      float[] slope = outputGradient.floatsForWriting();
      double loss = 0;
      double mean = 0;
      for (int i = 0; i < steps; i++) {
        int at = i * n + (int) segment.actions()[i];
        double error = q[at] - y[i];
        loss += error * error / steps;
        mean += (double) q[at] / steps;
        slope[at] = (float) (2 * error / steps);
      }
      averages.add("critic_loss", loss);
      averages.add("q_mean", mean);
      own.gradient().fill(0);
      own.backward(outputGradient);
      return own.gradient();
    }

    /**
     * Copies θ to θ⁻ if T has passed a multiple of I_target since the last copy. The segment's own
     * steps cannot tell: where episodes end early, those of several threads overlap or leave gaps.
     *
     * @param reached T at the end of the segment
     */
    private void trackTarget(long reached) {
      long last = copiedAt.get();
      int every = config.targetEverySteps();
      if (reached / every > last / every && copiedAt.compareAndSet(last, reached)) {
        synchronized (target) {
          copy(shared, target);
          targetVersion.incrementAndGet();
        }
      }
    }

    private void loadTarget() {
      if (ownTargetVersion != targetVersion.get()) {
        synchronized (target) {
          copy(target, ownTarget);
          ownTargetVersion = targetVersion.get();
        }
      }
    }

    @Override
    public void save(StateWriter out) {
      out.put("chosen", chosen);
    }

    @Override
    public void load(StateReader in) {
      int saved = in.getInt("chosen");
      chosen = environment.restarted() ? -1 : saved; // of a state that is gone
      ownTargetVersion = -1;
    }
  }

  @Override
  public void sharedParametersChange() {
    shared.parameters().floatsForWriting();
    target.parameters().floatsForWriting();
  }

  @Override
  public Policy policy() {
    return context.policy(shared, 0, NetworkPolicy.Head.ACTION_VALUES);
  }

  @Override
  public void save(StateWriter out) {
    out.put("network", shared);
    out.put("target", target);
    out.put("rmsProp", rmsProp);
    out.put("copiedAt", copiedAt.get());
  }

  @Override
  public void load(StateReader in) {
    in.get("network", shared);
    in.get("target", target);
    in.get("rmsProp", rmsProp);
    copiedAt.set(in.getLong("copiedAt"));
    targetVersion.incrementAndGet();
  }
}
