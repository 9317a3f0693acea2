package org.deeprl4j.replay;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.EnvironmentException;
import org.deeprl4j.mdp.GoalMdp;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;

/**
 * Hindsight experience replay with the "future" strategy (Andrychowicz et al. 2017, section 4.5):
 * of k + 1 transitions drawn uniformly, k have their desired goal replaced by one that was achieved
 * at this or a later step of the same episode, and their reward computed anew. Goals are replaced
 * as they are sampled, so that the memory holds each transition once.
 */
public final class HindsightReplayBuffer implements ReplayBuffer {
  private static final int RUNNING = -1;

  private final Transitions transitions;
  private final NStep oneStep;
  private final GoalMdp task;
  private final double share;
  private final int achievedAt;
  private final int desiredAt;
  private final int goalSize;
  private final int[] last; // the last row of a row's episode, or RUNNING
  private final int[] lengths; // of the running episodes
  private final float[] achieved;
  private final float[] desired;

  /**
   * An empty buffer; its memory is taken now.
   *
   * @param capacity the most transitions, cut to a multiple of {@code environments}
   * @param environments stepped together
   * @param actionSize floats of an action
   * @param gamma γ, in [0, 1]
   * @param k goals replaced to one kept, ≥ 1; the paper's 4
   * @param task its goals and their rewards
   * @param observations of the environments, with the goals of {@link Dict#goal}
   * @throws IllegalArgumentException if the observations hold no goals, or the buffer would not fit
   *     into the JVM's memory
   */
  public HindsightReplayBuffer(
      int capacity,
      int environments,
      int actionSize,
      double gamma,
      int k,
      GoalMdp task,
      Space observations) {
    if (k < 1) {
      throw new IllegalArgumentException(
          "hindsight must replace at least 1 goal to one kept, not " + k);
    }
    if (!(observations instanceof Dict dict)
        || !dict.spaces().containsKey(Dict.ACHIEVED_GOAL)
        || !dict.spaces().containsKey(Dict.DESIRED_GOAL)) {
      throw new IllegalArgumentException(
          "hindsight needs observations with an %s and a %s, not %s"
              .formatted(Dict.ACHIEVED_GOAL, Dict.DESIRED_GOAL, observations));
    }
    goalSize = dict.space(Dict.ACHIEVED_GOAL).size();
    if (dict.space(Dict.DESIRED_GOAL).size() != goalSize) {
      throw new IllegalArgumentException(
          "hindsight needs goals of one size, but %d numbers are achieved and %d desired"
              .formatted(goalSize, dict.space(Dict.DESIRED_GOAL).size()));
    }
    achievedAt = dict.offset(Dict.ACHIEVED_GOAL);
    desiredAt = dict.offset(Dict.DESIRED_GOAL);
    transitions = new Transitions(capacity, environments, observations.size(), actionSize);
    oneStep = new NStep(transitions, 1, gamma);
    this.task = task;
    share = k / (k + 1.0);
    last = new int[transitions.capacity];
    lengths = new int[environments];
    achieved = new float[goalSize];
    desired = new float[goalSize];
  }

  @Override
  public int capacity() {
    return transitions.capacity;
  }

  @Override
  public int size() {
    return transitions.size();
  }

  @Override
  public void add(
      float[] observations,
      float[] actions,
      double[] rewards,
      float[] nextObservations,
      boolean[] terminated,
      boolean[] ended) {
    int first =
        transitions.add(observations, actions, rewards, nextObservations, terminated, ended);
    int slots = transitions.capacity / transitions.environments;
    for (int e = 0; e < transitions.environments; e++) {
      last[first + e] = RUNNING;
      lengths[e] = Math.min(lengths[e] + 1, slots);
      if (ended[e]) {
        endEpisode(e);
      }
    }
  }

  @Override
  public void endEpisode(int environment) {
    transitions.endEpisode(environment);
    int newest = transitions.newestOf(environment);
    for (int i = 0; i < lengths[environment]; i++) {
      last[transitions.shifted(newest, -i)] = newest;
    }
    lengths[environment] = 0;
  }

  @Override
  public void sample(RandomGenerator random, ReplayBatch batch) {
    if (transitions.size() == 0) {
      throw new IllegalStateException("nothing can be sampled from an empty replay buffer");
    }
    for (int b = 0; b < batch.rows(); b++) {
      int row = random.nextInt(transitions.size());
      oneStep.copy(row, batch, b);
      if (random.nextDouble() < share) {
        relabel(row, random, batch, b);
      }
    }
    Arrays.fill(batch.weights(), 1);
  }

  /** Replaces the goal of row b of a batch by one achieved from {@code row} on. */
  private void relabel(int row, RandomGenerator random, ReplayBatch batch, int b) {
    int end = last[row] == RUNNING ? transitions.newestOf(row % lengths.length) : last[row];
    int later = transitions.shifted(row, random.nextInt(transitions.stepsBetween(row, end) + 1));
    int size = transitions.observationSize;
    int at = b * size;
    float[] next = batch.nextObservations();
    System.arraycopy(next, at + achievedAt, achieved, 0, goalSize);
    System.arraycopy(next, at + desiredAt, desired, 0, goalSize);
    boolean reachedBefore = task.terminated(achieved, desired);
    transitions.copyNextObservation(later, achievedAt, goalSize, desired);
    System.arraycopy(desired, 0, batch.observations(), at + desiredAt, goalSize);
    System.arraycopy(desired, 0, next, at + desiredAt, goalSize);
    float reward = (float) task.reward(achieved, desired);
    if (!Float.isFinite(reward)) {
      throw new EnvironmentException(
          row % transitions.environments,
          "reward(%s, %s) must be a finite float, not %s"
              .formatted(
                  Arrays.toString(achieved),
                  Arrays.toString(desired),
                  task.reward(achieved, desired)));
    }
    batch.rewards()[b] = reward;
    boolean terminated =
        task.terminated(achieved, desired) || (transitions.terminated(row) && !reachedBefore);
    batch.discounts()[b] = terminated ? 0 : (float) oneStep.gamma();
  }

  @Override
  public void save(StateWriter out) {
    out.put("transitions", transitions);
    out.put("lengths", lengths);
  }

  @Override
  public void load(StateReader in) {
    in.get("transitions", transitions);
    in.get("lengths", lengths);
    int n = transitions.environments;
    int[] end = new int[n];
    Arrays.fill(end, RUNNING);
    for (int i = transitions.size() - 1; i >= 0; i--) {
      int row = transitions.oldest(i);
      if (transitions.ended(row)) {
        end[row % n] = row;
      }
      last[row] = end[row % n];
    }
  }
}
