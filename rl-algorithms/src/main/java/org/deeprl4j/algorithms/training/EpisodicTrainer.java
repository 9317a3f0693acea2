package org.deeprl4j.algorithms.training;

import java.util.OptionalLong;
import java.util.function.Function;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.mdp.EpisodeLog;
import org.deeprl4j.policy.Features;
import org.deeprl4j.policy.ObservationEncoder;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.policy.ValueFunction;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.state.FiniteState;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/**
 * The episodic regime: gathers K whole episodes with the current policy, passes them to the learner
 * and discards them. An episode that the end of the run cuts off counts as truncated.
 */
public final class EpisodicTrainer implements Trainer {
  /**
   * The minimum number of steps in a row of metrics; with short episodes it covers several updates.
   */
  private static final int ROW = 256;

  /** Longer episodes are treated as endless. */
  private static final int LONGEST = 1_000_000;

  private final TrainingSetup setup;
  private final EpisodicSettings settings;
  private final SingleEnvironment environment;
  private final LearnerContext context;
  private final OnPolicyLearner learner;
  private final FiniteState state; // of the learner
  private final ActorCritic model;
  private final EpisodeLog episodes = new EpisodeLog();
  private final Rng actionRandom;
  private final Rng learnerRandom;
  private final float[] action;
  private Rollout rollout;
  private long steps;

  /** Creates the environment and the learner. */
  public EpisodicTrainer(
      TrainingSetup setup,
      EpisodicSettings settings,
      Function<LearnerContext, OnPolicyLearner> learners) {
    this.setup = setup;
    this.settings = settings;
    Rng random = new Rng(setup.seed());
    Rng environmentRandom = random.split();
    Rng initialRandom = random.split();
    actionRandom = random.split();
    learnerRandom = random.split();
    environment =
        new SingleEnvironment(setup, settings, episodes, () -> steps + 1, environmentRandom);
    ObservationEncoder encoder = environment.encoder();
    context =
        new LearnerContext(
            setup.compute(),
            encoder,
            new Features(setup.features(), encoder),
            environment.actionSpace(),
            initialRandom);
    learner = learners.apply(context);
    state = new FiniteState(learner);
    model = learner.model();
    model.requireNoMemory();
    ActionDistribution distribution = model.distribution();
    rollout =
        new Rollout(
            ROW, 1, encoder.size(), distribution.actionSize(), distribution.parameterSize());
    action = new float[distribution.actionSize()];
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
    return OptionalLong.empty();
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

  /** Runs the policy for K episodes, or to the end of the run. */
  private void gather() {
    int row = 0;
    int begin = 0;
    for (int e = 0; e < settings.episodesPerUpdate() && !done(); ) {
      if (row == rollout.capacity()) {
        rollout = rollout.withCapacity(2 * row);
      }
      rollout.setSteps(rollout.capacity());
      step(row);
      row++;
      steps++;
      if (environment.ended()) {
        e++;
        begin = row;
      } else if (row - begin > LONGEST) {
        throw new IllegalStateException(
            "an episode has not ended after %d steps, but this algorithm learns from whole episodes: set a time limit (--max-episode-steps)"
                .formatted(LONGEST));
      }
    }
    rollout.setSteps(row);
    for (int t = 0; t < row; t++) {
      boolean followed = !rollout.ended()[t] && t + 1 < row;
      rollout.nextValues()[t] = followed ? rollout.values()[t + 1] : rollout.nextValues()[t];
    }
  }

  private void step(int row) {
    int observationSize = rollout.observationSize();
    int parameterSize = rollout.parameterSize();
    model.predict(environment.observation());
    float[] z = model.distributionParameters();
    environment.forbid(z);
    ActionDistribution distribution = model.distribution();
    distribution.sample(z, 1, actionRandom, action);
    System.arraycopy(
        environment.observation().floats(),
        0,
        rollout.observations(),
        row * observationSize,
        observationSize);
    System.arraycopy(action, 0, rollout.actions(), row * action.length, action.length);
    System.arraycopy(z, 0, rollout.distribution(), row * parameterSize, parameterSize);
    rollout.values()[row] = model.values()[0];
    environment.step(action);
    rollout.rewards()[row] = environment.reward();
    rollout.terminated()[row] = environment.terminated();
    rollout.ended()[row] = environment.ended();
    rollout.nextValues()[row] = 0;
    boolean last = environment.ended() || steps + 1 == setup.totalSteps();
    if (last && !environment.terminated()) {
      model.predict(environment.nextObservation());
      rollout.nextValues()[row] = model.values()[0];
    }
  }

  @Override
  public int restarted() {
    return environment.restarted() ? 1 : 0;
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
    return model.valueFunction(context.encoder());
  }

  @Override
  public void save(StateWriter out) {
    out.put("steps", steps);
    out.put("environment", environment);
    out.put("learner", state);
    out.put("episodes", episodes);
    out.put("actionRandom", actionRandom);
    out.put("learnerRandom", learnerRandom);
  }

  @Override
  public void load(StateReader in) {
    steps = in.getLong("steps");
    in.get("environment", environment);
    in.get("learner", state);
    in.get("episodes", episodes);
    in.get("actionRandom", actionRandom);
    in.get("learnerRandom", learnerRandom);
  }

  @Override
  public void close() {
    environment.close();
  }
}
