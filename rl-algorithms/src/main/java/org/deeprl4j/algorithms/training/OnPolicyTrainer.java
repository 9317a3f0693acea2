package org.deeprl4j.algorithms.training;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.distributions.StateDependentGaussian;
import org.deeprl4j.mdp.EpisodeLog;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.VectorEnv;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.Features;
import org.deeprl4j.policy.LegalActions;
import org.deeprl4j.policy.NetworkInput;
import org.deeprl4j.policy.ObservationEncoder;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.policy.ValueFunction;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.FiniteState;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.stats.RewardScaler;
import org.jspecify.annotations.Nullable;

/**
 * The on-policy regime: gathers T steps in each of N environments with the current policy, passes
 * them to the learner and discards them.
 */
public final class OnPolicyTrainer implements Trainer {
  /** The minimum number of steps in a row of metrics; with short rollouts it covers several. */
  private static final int ROW = 256;

  final TrainingSetup setup; // what is not private is RemoteRollouts', too
  final VectorEnv environment;
  final ObservationEncoder encoder;
  private final int noiseHold;
  private final @Nullable RewardScaler rewardScaler;
  private final LearnerContext context;
  private final LegalActions legal;
  final OnPolicySettings settings;
  private final OnPolicyLearner learner;
  private final FiniteState state; // of the learner
  final ActorCritic model;
  final Rollout rollout;
  private final EpisodeLog episodes = new EpisodeLog();
  final float[] states; // [N, S] of a model with memory
  final Rng actionRandom;
  private final Rng learnerRandom;

  // Reused for each step of all environments.
  private final NetworkInput input;
  private final float[] actions;
  private final float[] legalActions;
  private final float[] logProbs;
  private @Nullable Runnable remote; // fills rollouts in place of this program
  private long steps;

  /** Creates the environments and the learner. */
  public OnPolicyTrainer(
      TrainingSetup setup,
      OnPolicySettings settings,
      Function<LearnerContext, OnPolicyLearner> learners) {
    this.setup = setup;
    this.settings = settings;
    Rng random = new Rng(setup.seed());
    Rng environmentRandom = random.split();
    Rng initialRandom = random.split();
    actionRandom = random.split();
    learnerRandom = random.split();
    int n = settings.environments();
    Integer held = settings.noiseHold();
    noiseHold = held == null ? settings.rolloutSteps() : held;
    List<Mdp> environments = new ArrayList<>();
    for (int e = 0; e < n; e++) {
      environments.add(setup.environment().get());
    }
    environment = VectorEnv.of(environments, environmentRandom, setup.compute().threads());
    Space actionSpace = environment.actionSpace();
    encoder =
        new ObservationEncoder(environment.observationSpace(), settings.normalizeObservations());
    rewardScaler =
        settings.normalizeRewards()
            ? new RewardScaler(n, settings.gamma(), RewardScaler.CLIP)
            : null;
    Features features = new Features(setup.features(), encoder);
    context = new LearnerContext(setup.compute(), encoder, features, actionSpace, initialRandom);
    legal = LegalActions.clipped(actionSpace);
    learner = learners.apply(context);
    state = new FiniteState(learner);
    model = learner.model();
    ActionDistribution distribution = model.distribution();
    input = new NetworkInput(setup.compute(), encoder, model.stateSize());
    states = new float[n * model.stateSize()];
    rollout =
        new Rollout(
            settings.rolloutSteps(),
            n,
            input.size(),
            distribution.actionSize(),
            distribution.parameterSize());
    actions = new float[n * distribution.actionSize()];
    legalActions = new float[actions.length];
    logProbs = new float[n];
    environment.reset();
    if (!settings.statisticsPerRollout()) {
      encoder.observe(environment.observations(), n);
    }
  }

  @Override
  public long steps() {
    return steps;
  }

  @Override
  public boolean done() {
    return steps >= setup.totalSteps();
  }

  @Override
  public OptionalLong iterationSteps() {
    int rows = rollout.capacity() * rollout.environments();
    return OptionalLong.of((ROW + rows - 1) / rows * (long) rows);
  }

  @Override
  public Metrics iterate() {
    return state.guard(this::advance, this::steps, () -> Configurations.suspects(settings));
  }

  private Metrics advance() {
    long start = steps;
    Averages averages = new Averages(learner.metrics());
    do {
      // Before the data are gathered: a schedule that ends at 0 leaves the last update its part.
      double progress = (double) steps / setup.totalSteps();
      gather();
      learner.update(rollout, progress, learnerRandom, averages);
    } while (steps - start < ROW && !done());
    return new Metrics(episodes.metrics(), averages.values());
  }

  /** Runs the policy for T steps in each environment, fewer if the run ends first. */
  private void gather() {
    int n = rollout.environments();
    long left = setup.totalSteps() - steps;
    rollout.setSteps((int) Math.min(rollout.capacity(), Math.max(1, (left - 1) / n + 1)));
    if (remote == null) {
      gather(0, n, t -> episodes.stepped(steps + (t + 1L) * n, environment));
    } else {
      remote.run();
    }
    encoder.release();
    if (rewardScaler != null) {
      rewardScaler.scaleSteps(rollout.rewards(), rollout.ended(), rollout.rows());
    }
    steps += rollout.rows();
  }

  /** Sets who fills the rollouts from now on, as {@link #gather(int, int, IntConsumer)} does. */
  void gatherBy(Runnable elsewhere) {
    remote = elsewhere;
  }

  /**
   * Fills the rollout with raw rewards, of some environments alone. The policy acts in all of them:
   * networks then compute the same batch and the generator draws the same numbers whoever steps an
   * environment, so that its rows have the same bits.
   *
   * @param first the first environment
   * @param count how many follow each other; rows of the others hold anything
   * @param stepped is told of each step
   */
  void gather(int first, int count, IntConsumer stepped) {
    int n = rollout.environments();
    if (settings.statisticsPerRollout()) {
      encoder.hold(n);
    }
    for (int t = 0; t < rollout.steps(); t++) {
      if (t % noiseHold == 0 && model.distribution() instanceof StateDependentGaussian noise) {
        noise.resample(n, actionRandom);
      }
      act(t * n);
      environment.step(legalActions, first, count);
      record(t * n, first, count);
      stepped.accept(t);
    }
    bootstrap();
  }

  private void act(int row) {
    int n = rollout.environments();
    int observationSize = rollout.observationSize();
    Tensor x = input.of(environment.observations(), n, states);
    System.arraycopy(
        x.floats(), 0, rollout.observations(), row * observationSize, n * observationSize);
    model.predict(x);
    input.carry(model.output(), states);
    ActionDistribution distribution = model.distribution();
    float[] z = model.distributionParameters();
    encoder.forbid(environment.observations(), n, z);
    if (distribution instanceof StateDependentGaussian held) {
      held.explore(z, n, actions);
    } else {
      distribution.sample(z, n, actionRandom, actions);
    }
    distribution.logProb(z, actions, n, logProbs);
    System.arraycopy(actions, 0, rollout.actions(), row * rollout.actionSize(), actions.length);
    System.arraycopy(
        z, 0, rollout.distribution(), row * rollout.parameterSize(), n * rollout.parameterSize());
    System.arraycopy(logProbs, 0, rollout.logProbs(), row, n);
    System.arraycopy(model.values(), 0, rollout.values(), row, n);
    legal.of(actions, n, legalActions);
  }

  private void record(int row, int first, int count) {
    encoder.observe(environment.observations(), environment.count());
    for (int e = first; e < first + count; e++) {
      rollout.rewards()[row + e] = (float) environment.rewards()[e];
      boolean terminated = environment.terminated()[e];
      boolean ended = environment.ended()[e];
      rollout.terminated()[row + e] = terminated;
      rollout.ended()[row + e] = ended;
      rollout.nextValues()[row + e] = 0;
      if (ended && !terminated) {
        Tensor x = input.ofRow(environment.nextObservations(), states, e);
        model.predict(x);
        bootstrap(row + e, x, 0); // from the true final observation
      }
      if (ended) {
        input.forget(states, e);
      }
    }
  }

  /** V(s_{t+1}) of the steps that did not end an episode. */
  private void bootstrap() {
    int n = rollout.environments();
    Tensor x = input.of(environment.observations(), n, states);
    model.predict(x);
    for (int e = 0; e < n; e++) {
      int row = rollout.rows() - n + e;
      if (!rollout.ended()[row]) {
        bootstrap(row, x, e);
      }
    }
    rollout.bootstrap();
  }

  /** V(s_{t+1}) of a row that leads to what the model has seen last as its i-th observation. */
  private void bootstrap(int row, Tensor x, int i) {
    rollout.nextValues()[row] = model.values()[i];
    if (settings.recomputeAdvantages()) {
      rollout.keepFinal(row, x.floats(), i * input.size());
    }
  }

  @Override
  public int restarted() {
    return environment.restartedCount();
  }

  @Override
  public EpisodeLog episodes() {
    return episodes;
  }

  @Override
  public Policy policy() {
    return model.policy(context);
  }

  /** The current value function, live: it changes as training goes on. */
  public ValueFunction valueFunction() {
    return model.valueFunction(encoder);
  }

  @Override
  public void save(StateWriter out) {
    out.put("steps", steps);
    out.put("environment", environment);
    out.put("encoder", encoder);
    if (rewardScaler != null) {
      out.put("rewardScaler", rewardScaler);
    }
    out.put("learner", state);
    if (states.length > 0) {
      out.put("states", states);
    }
    out.put("episodes", episodes);
    out.put("actionRandom", actionRandom);
    out.put("learnerRandom", learnerRandom);
  }

  @Override
  public void load(StateReader in) {
    steps = in.getLong("steps");
    in.get("environment", environment);
    in.get("encoder", encoder);
    if (rewardScaler != null) {
      in.get("rewardScaler", rewardScaler);
    }
    in.get("learner", state);
    if (states.length > 0) {
      in.get("states", states);
    }
    in.get("episodes", episodes);
    in.get("actionRandom", actionRandom);
    in.get("learnerRandom", learnerRandom);
    environment.forEachRestarted(this::beganAnew);
  }

  /** Ends what is kept of the last episode of an environment, which was not stepped to its end. */
  void beganAnew(int e) {
    input.forget(states, e);
    if (rewardScaler != null) {
      rewardScaler.endEpisode(e);
    }
  }

  @Override
  public void close() {
    environment.close();
  }
}
