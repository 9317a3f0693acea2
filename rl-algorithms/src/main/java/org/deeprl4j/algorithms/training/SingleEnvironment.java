package org.deeprl4j.algorithms.training;

import java.util.List;
import java.util.function.LongSupplier;
import org.deeprl4j.mdp.EpisodeLog;
import org.deeprl4j.mdp.VectorEnv;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.LegalActions;
import org.deeprl4j.policy.ObservationEncoder;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.deeprl4j.stats.RewardScaler;
import org.jspecify.annotations.Nullable;

/**
 * An environment as one actor-learner sees it, episode after episode: it encodes observations,
 * scales rewards and clips actions to their bounds. Not thread-safe.
 */
public final class SingleEnvironment implements Stateful, AutoCloseable {
  private final VectorEnv environment;
  private ObservationEncoder encoder;
  private @Nullable RewardScaler rewardScaler;
  private final EpisodeLog episodes;
  private final LongSupplier steps;
  private final LegalActions legalActions;
  private final Tensor observation;
  private final Tensor next;
  private final float[] legal;
  private final float[] reward = new float[1];

  /**
   * Creates the view and resets the environment.
   *
   * @param episodes is told of steps, under its own lock
   * @param steps the steps of the run, a step that is being taken included
   * @param random is split for the environment. Modified.
   */
  SingleEnvironment(
      TrainingSetup setup,
      ScalingSettings settings,
      EpisodeLog episodes,
      LongSupplier steps,
      Rng random) {
    environment = VectorEnv.of(List.of(setup.environment().get()), random, 1);
    encoder =
        new ObservationEncoder(environment.observationSpace(), settings.normalizeObservations());
    rewardScaler =
        settings.normalizeRewards()
            ? new RewardScaler(1, settings.gamma(), RewardScaler.CLIP)
            : null;
    this.episodes = episodes;
    this.steps = steps;
    legalActions = LegalActions.clipped(environment.actionSpace());
    observation = setup.compute().tensor(1, encoder.size());
    next = setup.compute().tensor(1, encoder.size());
    legal = new float[environment.actionSpace().size()];
    environment.reset();
    encoder.observe(environment.observations(), 1);
    encodeObservation();
  }

  /**
   * Keeps statistics together with others', from now on.
   *
   * @param observations those of all, as {@link #takeOver} finds them
   * @param rewards the same of rewards; null if they are not scaled
   */
  void share(ObservationEncoder observations, @Nullable RewardScaler rewards) {
    encoder = observations.sharing();
    rewardScaler = rewards == null ? null : rewards.sharing();
    encoder.observe(environment.observations(), 1);
    encodeObservation();
  }

  /** Adds what this environment has shown to the statistics of all, and goes on with these. */
  void takeOver() {
    if (encoder.normalizes()) {
      encoder.takeOver();
      encodeObservation();
    }
    if (rewardScaler != null) {
      rewardScaler.takeOver();
    }
  }

  private void encodeObservation() {
    encoder.encode(environment.observations(), 1, observation.floatsForWriting());
  }

  /** The action space. */
  public Space actionSpace() {
    return environment.actionSpace();
  }

  ObservationEncoder encoder() {
    return encoder;
  }

  /** The current observation, encoded, [1, encoder.size()]; live. */
  public Tensor observation() {
    return observation;
  }

  /**
   * Forbids the actions that are not legal now, see {@link ObservationEncoder#forbid}.
   *
   * @param z of the current observation, [1, parameters]. Modified.
   */
  public void forbid(float[] z) {
    encoder.forbid(environment.observations(), 1, z);
  }

  /**
   * Takes one step. If it ends the episode, {@link #observation} is the first of the next episode.
   *
   * @param action as the policy drew it; not modified
   */
  public void step(float[] action) {
    legalActions.of(action, 1, legal);
    environment.step(legal);
    encoder.observe(environment.observations(), 1);
    encoder.encode(environment.nextObservations(), 1, next.floatsForWriting());
    encodeObservation();
    reward[0] = (float) environment.rewards()[0];
    if (rewardScaler != null) {
      rewardScaler.observe(environment.rewards(), environment.ended());
      rewardScaler.scale(reward, 1, reward);
    }
    if (episodes.concerns(environment)) {
      synchronized (episodes) {
        episodes.stepped(steps.getAsLong(), environment);
      }
    }
  }

  /** The last step's reward, scaled if that is requested. */
  public float reward() {
    return reward[0];
  }

  /** Whether the last step reached a terminal state. */
  public boolean terminated() {
    return environment.terminated()[0];
  }

  /** Whether the last step ended its episode, terminated or truncated. */
  public boolean ended() {
    return environment.ended()[0];
  }

  /** Whether the last {@link #load} started a new episode, as the state could not be saved. */
  public boolean restarted() {
    return environment.restarted()[0];
  }

  /** The true observation after the last step, encoded; live. */
  public Tensor nextObservation() {
    return next;
  }

  @Override
  public void save(StateWriter out) {
    out.put("environment", environment);
    if (encoder.normalizes()) {
      out.put("encoder", encoder);
    }
    if (rewardScaler != null) {
      out.put("rewardScaler", rewardScaler);
    }
  }

  @Override
  public void load(StateReader in) {
    in.get("environment", environment);
    if (encoder.normalizes()) {
      in.get("encoder", encoder);
    }
    if (rewardScaler != null) {
      in.get("rewardScaler", rewardScaler);
      if (restarted()) {
        rewardScaler.endEpisode(0);
      }
    }
    encodeObservation();
  }

  @Override
  public void close() {
    environment.close();
  }
}
