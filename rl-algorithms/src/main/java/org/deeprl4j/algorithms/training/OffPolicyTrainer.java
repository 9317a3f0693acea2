package org.deeprl4j.algorithms.training;

import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.mdp.EpisodeLog;
import org.deeprl4j.mdp.VectorEnv;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.ActionValueFunction;
import org.deeprl4j.policy.Features;
import org.deeprl4j.policy.LegalActions;
import org.deeprl4j.policy.ObservationEncoder;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.replay.ReplayBatch;
import org.deeprl4j.replay.ReplayBuffer;
import org.deeprl4j.replay.ReplayChoice;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.FiniteState;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.stats.RewardScaler;

/**
 * The off-policy regime: steps the environments, remembers every transition, and learns from
 * batches of memories at a fixed ratio of updates to steps.
 */
public final class OffPolicyTrainer implements Trainer {
  /** Steps of an iteration, which a row of metrics covers. */
  private static final int ITERATION = 1000;

  private final TrainingSetup setup;
  private final OffPolicySettings settings;
  private final VectorEnv environment;
  private final ObservationEncoder encoder;
  private final OffPolicyLearner learner;
  private final FiniteState state; // of the learner
  private final ReplayBuffer replay;
  private final ReplayBatch sampled;
  private final Minibatch batch;
  private final RewardScaler rewardScaler; // of normalizeRewards
  private final LegalActions legal;
  private final EpisodeLog episodes = new EpisodeLog();
  private final Rng actionRandom;
  private final Rng learnerRandom;
  private final Rng replayRandom;
  private long steps;
  private long updates;

  // Reused for each step of all environments.
  private final float[] observations;
  private final Tensor encoded;
  private final float[] actions;
  private final float[] legalActions;

  /** Creates the environments, the buffer and the learner. */
  public OffPolicyTrainer(
      TrainingSetup setup,
      OffPolicySettings settings,
      Function<LearnerContext, OffPolicyLearner> learners) {
    this.setup = setup;
    this.settings = settings;
    Rng random = new Rng(setup.seed());
    Rng environmentRandom = random.split();
    Rng initialRandom = random.split();
    actionRandom = random.split();
    learnerRandom = random.split();
    replayRandom = random.split();
    requireLearning(setup.totalSteps(), settings);
    int n = settings.environments();
    environment =
        VectorEnv.of(setup.environment(), n, environmentRandom, setup.compute().threads());
    Space actionSpace = environment.actionSpace();
    legal = LegalActions.scaled(actionSpace);
    encoder =
        new ObservationEncoder(environment.observationSpace(), settings.normalizeObservations());
    int observationSize = environment.observationSpace().size();
    int actionSize = actionSpace.size();
    replay = ReplayChoice.create(settings, environment);
    Require.inRange("batchSize", settings.batchSize(), 1, replay.capacity());
    Features features = new Features(setup.features(), encoder);
    learner =
        learners.apply(
            new LearnerContext(setup.compute(), encoder, features, actionSpace, initialRandom));
    state = new FiniteState(learner);
    int between = learner.needsStatesBetween() ? settings.returnSteps() : 1;
    sampled = ReplayBatch.allocate(settings.batchSize(), observationSize, actionSize, between);
    // An n-step return adds up n rewards within the bound of one.
    rewardScaler =
        new RewardScaler(n, settings.gamma(), RewardScaler.CLIP * settings.returnSteps());
    batch = Minibatch.of(sampled, setup.compute(), encoder.size());
    observations = new float[n * observationSize];
    encoded = setup.compute().tensor(n, encoder.size());
    actions = new float[n * actionSize];
    legalActions = new float[actions.length];
    environment.reset();
    encoder.observe(environment.observations(), n);
  }

  private static void requireLearning(long totalSteps, OffPolicySettings settings) {
    int n = settings.environments();
    long last = (totalSteps + n - 1) / n * n;
    if (roundsBetween(0, last, settings) == 0) {
      throw new IllegalArgumentException(
          "nothing would be learned in %d steps: learningStarts = %d and stepsPerRound = %d leave no update; lower them or train for longer"
              .formatted(totalSteps, settings.learningStarts(), settings.stepsPerRound()));
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
    return OptionalLong.of(ITERATION);
  }

  @Override
  public Metrics iterate() {
    return state.guard(this::advance, this::steps, () -> Configurations.suspects(settings));
  }

  private Metrics advance() {
    Averages averages = new Averages(learner.metrics());
    long until = Math.min((steps / ITERATION + 1) * ITERATION, setup.totalSteps());
    while (steps < until) {
      long before = steps;
      // Before the data are gathered: a schedule that ends at 0 leaves the last update its part.
      double progress = (double) steps / setup.totalSteps();
      gather(progress);
      learn(roundsBetween(before, steps, settings), progress, averages);
    }
    Map<String, Double> train = averages.values();
    train.put("updates", (double) updates);
    return new Metrics(episodes.metrics(), train);
  }

  /**
   * Rounds of updates that are due: one for each multiple of stepsPerRound in (before, after], from
   * learningStarts on, so that the number of environments does not change their number.
   */
  private static long roundsBetween(long before, long after, OffPolicySettings settings) {
    long from = Math.max(before, settings.learningStarts() - 1);
    return Math.max(0, after / settings.stepsPerRound() - from / settings.stepsPerRound());
  }

  /** Takes one step in each environment. */
  private void gather(double progress) {
    int n = environment.count();
    System.arraycopy(environment.observations(), 0, observations, 0, observations.length);
    if (steps < settings.learningStarts()) {
      legal.draw(encoder, observations, n, actionRandom, actions);
    } else {
      encoder.encode(observations, n, encoded.floatsForWriting());
      learner.explore(encoded, observations, progress, actionRandom, actions);
    }
    legal.of(actions, n, legalActions);
    environment.step(legalActions);
    replay.add(
        observations,
        actions,
        environment.rewards(),
        environment.nextObservations(),
        environment.terminated(),
        environment.ended());
    if (settings.normalizeRewards()) {
      rewardScaler.observe(environment.rewards(), environment.ended());
    }
    encoder.observe(environment.observations(), n);
    for (int e = 0; e < n; e++) {
      if (environment.ended()[e]) {
        learner.episodeEnded(e);
      }
    }
    steps += n;
    episodes.stepped(steps, environment);
  }

  private void learn(long rounds, double progress, Averages averages) {
    replay.setProgress(progress);
    for (long i = 0; i < rounds * settings.updatesPerRound(); i++) {
      replay.sample(replayRandom, sampled);
      int rows = sampled.rows();
      encoder.encode(sampled.observations(), rows, batch.observations().floatsForWriting());
      encoder.encode(sampled.nextObservations(), rows, batch.nextObservations().floatsForWriting());
      for (int k = 0; k < sampled.between().size(); k++) {
        encoder.encode(sampled.between().get(k), rows, batch.between().get(k).floatsForWriting());
      }
      if (settings.normalizeRewards()) {
        rewardScaler.scale(sampled.rewards(), rows, sampled.rewards());
      }
      learner.update(batch, progress, learnerRandom, averages);
      replay.updatePriorities(sampled);
      updates++;
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
    return learner.policy();
  }

  /** The current action-value function, live: it changes as training goes on. */
  public ActionValueFunction actionValueFunction() {
    return learner.actionValueFunction();
  }

  @Override
  public void save(StateWriter out) {
    out.put("steps", steps);
    out.put("updates", updates);
    out.put("environment", environment);
    out.put("encoder", encoder);
    if (settings.normalizeRewards()) {
      out.put("rewardScaler", rewardScaler);
    }
    out.put("learner", state);
    out.put("replay", replay);
    out.put("episodes", episodes);
    out.put("actionRandom", actionRandom);
    out.put("learnerRandom", learnerRandom);
    out.put("replayRandom", replayRandom);
  }

  @Override
  public void load(StateReader in) {
    steps = in.getLong("steps");
    updates = in.getLong("updates");
    in.get("environment", environment);
    in.get("encoder", encoder);
    if (settings.normalizeRewards()) {
      in.get("rewardScaler", rewardScaler);
    }
    in.get("learner", state);
    in.get("replay", replay);
    in.get("episodes", episodes);
    in.get("actionRandom", actionRandom);
    in.get("learnerRandom", learnerRandom);
    in.get("replayRandom", replayRandom);
    for (int e = 0; e < environment.count(); e++) {
      if (environment.restarted()[e]) {
        replay.endEpisode(e);
        learner.episodeEnded(e);
        rewardScaler.endEpisode(e);
      }
    }
  }

  @Override
  public void close() {
    environment.close();
  }
}
