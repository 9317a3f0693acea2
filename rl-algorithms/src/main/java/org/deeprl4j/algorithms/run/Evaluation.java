package org.deeprl4j.algorithms.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.mdp.ActionMasks;
import org.deeprl4j.mdp.EnvironmentException;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.policy.StochasticPolicy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.DivergenceException;
import org.deeprl4j.state.Finite;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Evaluates a policy in episodes of separate environments, with raw rewards. */
public final class Evaluation {
  private static final int SIDE_BY_SIDE = 32;

  private Evaluation() {}

  /** An episode may never end, but an evaluation must. */
  private static final int MOST_STEPS = 100_000;

  /** The most episodes of an evaluation; each return is kept. */
  public static final int MOST_EPISODES = 1_000_000;

  private static final Logger LOG = LoggerFactory.getLogger(Evaluation.class);

  /**
   * Runs episodes and summarises them. An episode is cut off after 100,000 steps. Episode i takes
   * its randomness from the i-th split of the seed's generator, so that a longer evaluation begins
   * with the episodes of a shorter one.
   *
   * @param environment creates a new environment, with its time limit, at each call
   * @param policy acts with its deterministic action
   * @param episodes number of episodes, in [1, 1 000 000]
   * @throws IllegalArgumentException if the policy does not fit the environment
   * @throws EnvironmentException if the environment throws, or returns values that are not finite
   *     floats
   * @throws DivergenceException if the policy does
   */
  public static EvaluationResult run(
      Supplier<? extends Mdp> environment, Policy policy, int episodes, long seed) {
    return run(environment, policy, episodes, seed, SIDE_BY_SIDE);
  }

  /**
   * As {@link #run(Supplier, Policy, int, long)}, with sampled actions. Episode i draws them from
   * the i-th split of a second generator, so that the environments draw what they draw otherwise.
   *
   * @throws IllegalArgumentException also if the policy has but one action for an observation
   */
  public static EvaluationResult sampled(
      Supplier<? extends Mdp> environment, Policy policy, int episodes, long seed) {
    return sampled(environment, policy, episodes, seed, SIDE_BY_SIDE);
  }

  static EvaluationResult sampled(
      Supplier<? extends Mdp> environment, Policy policy, int episodes, long seed, int sideBySide) {
    if (!(policy instanceof StochasticPolicy stochastic)
        || (policy instanceof NetworkPolicy network && !network.isStochastic())) {
      throw new IllegalArgumentException(
          "this policy has one action for each observation, and none to sample");
    }
    return run(environment, policy, stochastic, episodes, seed, sideBySide);
  }

  /** As above, with at most {@code sideBySide} episodes in each call of the policy. */
  static EvaluationResult run(
      Supplier<? extends Mdp> environment, Policy policy, int episodes, long seed, int sideBySide) {
    return run(environment, policy, null, episodes, seed, sideBySide);
  }

  private static EvaluationResult run(
      Supplier<? extends Mdp> environment,
      Policy policy,
      @Nullable StochasticPolicy sampled,
      int episodes,
      long seed,
      int sideBySide) {
    Require.inRange("episodes", episodes, 1, MOST_EPISODES);
    try (Batch batch = new Batch(policy, sampled, episodes, seed)) {
      batch.run(environment, Math.min(episodes, sideBySide));
      return batch.result();
    }
  }

  /**
   * Checks that a policy can act in an environment: the action spaces are equal and observations
   * have the same size.
   *
   * @throws IllegalArgumentException if not
   */
  public static void requireFit(Policy policy, Mdp mdp) {
    if (!mdp.actionSpace().equals(policy.actionSpace())
        || mdp.observationSpace().size() != policy.observationSpace().size()) {
      throw new IllegalArgumentException(
          "the policy maps %s to %s, but the environment's observations are %s and its actions %s"
              .formatted(
                  policy.observationSpace(),
                  policy.actionSpace(),
                  mdp.observationSpace(),
                  mdp.actionSpace()));
    }
  }

  /** One environment with its current episode. */
  private static final class Lane implements AutoCloseable {
    final Mdp mdp;
    final float[] action;
    final float[] first;
    final Step step;
    int episode;
    int length;
    double sum;
    final float[] seen;
    final float[] state; // of the policy
    Rng sampling = new Rng(0); // of the current episode

    Lane(Mdp mdp, int stateSize) {
      this.mdp = mdp;
      action = new float[mdp.actionSpace().size()];
      first = new float[mdp.observationSpace().size()];
      seen = new float[first.length];
      state = new float[stateSize];
      step = new Step(first.length);
    }

    void reset(int episodeIndex, Rng random) {
      episode = episodeIndex;
      length = 0;
      Arrays.fill(state, 0);
      sum = 0;
      try {
        mdp.reset(random, first);
      } catch (RuntimeException | LinkageError | AssertionError e) {
        throw EnvironmentException.of(episode, "episode %d, reset".formatted(episode), e);
      }
      checkFinite(first, 0);
    }

    void advance(float[] actions, int offset) {
      System.arraycopy(actions, offset, action, 0, action.length);
      step.clear();
      length++;
      try {
        mdp.step(action, step);
      } catch (RuntimeException | LinkageError | AssertionError e) {
        throw EnvironmentException.of(episode, "episode %d, step %d".formatted(episode, length), e);
      }
      sum += step.reward();
      checkFinite(step.observation(), step.reward());
    }

    boolean isTooLong() {
      if (length < MOST_STEPS) {
        return false;
      }
      LOG.warn(
          "Episode {} was cut off after {} steps: give the environment a time limit.",
          episode,
          length);
      return true;
    }

    private void checkFinite(float[] observation, double reward) {
      int i = Finite.first(observation, 0, observation.length);
      if (i >= 0 || !Float.isFinite((float) reward)) {
        throw new EnvironmentException(
            episode,
            "episode %d, step %d of %s: %s is %s, but it must be a finite float"
                .formatted(
                    episode,
                    length,
                    mdp.name(),
                    i >= 0 ? "observation[" + i + "]" : "the reward",
                    i >= 0 ? observation[i] : reward));
      }
    }

    @Override
    public void close() {
      mdp.close();
    }
  }

  private static final class Batch implements AutoCloseable {
    private final Policy policy;
    private final Rng random;
    private final @Nullable StochasticPolicy sampled;
    private final Rng sampling;
    private final EvaluationResult.@Nullable Episode[] ended;
    private final List<Lane> lanes = new ArrayList<>();
    private int started;

    Batch(Policy policy, @Nullable StochasticPolicy sampled, int episodes, long seed) {
      this.policy = policy;
      this.sampled = sampled;
      random = new Rng(seed);
      sampling = new Rng(~seed);
      ended = new EvaluationResult.Episode[episodes];
    }

    void run(Supplier<? extends Mdp> environment, int sideBySide) {
      for (int i = 0; i < sideBySide; i++) {
        Lane lane;
        try {
          lane = new Lane(ActionMasks.of(environment.get()), policy.stateSize());
        } catch (RuntimeException e) {
          if (i == 0) {
            throw e;
          }
          // There may be only one robot or one licence. Fewer environments at a time give the same
          // results.
          LOG.info("Evaluating {} at a time: {}", i, e.getMessage());
          break;
        }
        lanes.add(lane);
        requireFit(policy, lane.mdp);
        begin(lane);
      }
      int width = lanes.size();
      int observationSize = policy.observationSpace().size();
      int actionSize = policy.actionSpace().size();
      float[] observations = new float[width * observationSize];
      float[] states = new float[width * policy.stateSize()];
      float[] actions = new float[width * actionSize];
      for (int i = 0; i < width; i++) {
        System.arraycopy(lanes.get(i).first, 0, observations, i * observationSize, observationSize);
      }
      int active = width;
      while (active > 0) {
        if (sampled == null) {
          act(observations, active, states, actions);
        } else {
          sample(sampled, observations, active, actions);
        }
        DivergenceException.check("the policy's action", actions, active, actionSize);
        int left = 0;
        for (int i = 0; i < active; i++) {
          Lane lane = lanes.get(i);
          lane.advance(actions, i * actionSize);
          float[] next = lane.step.observation();
          if (lane.step.ended() || lane.isTooLong()) {
            record(lane);
            if (started == ended.length) {
              continue;
            }
            begin(lane);
            next = lane.first;
          }
          // Moves finished lanes behind the active ones.
          lanes.set(i, lanes.get(left));
          lanes.set(left, lane);
          System.arraycopy(next, 0, observations, left * observationSize, observationSize);
          left++;
        }
        active = left;
      }
    }

    private void begin(Lane lane) {
      lane.sampling = sampling.split();
      lane.reset(started++, random.split());
    }

    /** All rows at once; the states go from the lanes and back, as lanes change places. */
    private void act(float[] observations, int active, float[] states, float[] actions) {
      int size = policy.stateSize();
      for (int i = 0; i < active; i++) {
        System.arraycopy(lanes.get(i).state, 0, states, i * size, size);
      }
      policy.act(observations, active, states, actions);
      for (int i = 0; i < active; i++) {
        System.arraycopy(states, i * size, lanes.get(i).state, 0, size);
      }
    }

    /** A row at a time, as each episode has a generator of its own. */
    private void sample(StochasticPolicy from, float[] observations, int active, float[] actions) {
      for (int i = 0; i < active; i++) {
        Lane lane = lanes.get(i);
        int size = lane.first.length;
        System.arraycopy(observations, i * size, lane.seen, 0, size);
        from.sample(lane.seen, 1, lane.state, lane.sampling, lane.action);
        System.arraycopy(lane.action, 0, actions, i * lane.action.length, lane.action.length);
      }
    }

    private void record(Lane lane) {
      ended[lane.episode] =
          new EvaluationResult.Episode(
              lane.sum, lane.length, lane.step.successDefined() ? lane.step.success() : null);
    }

    EvaluationResult result() {
      return new EvaluationResult(Arrays.asList(ended));
    }

    @Override
    public void close() {
      lanes.forEach(Lane::close);
    }
  }
}
