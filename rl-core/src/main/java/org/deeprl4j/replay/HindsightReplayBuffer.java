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
 * Hindsight experience replay (Andrychowicz et al. 2017, section 4.5): of k + 1 transitions drawn
 * uniformly, k have their desired goal replaced by one that was achieved in the same episode, at a
 * step that the {@link Strategy} chooses, and their reward computed anew. Goals are replaced as
 * they are sampled, so that the memory holds each transition once.
 */
public final class HindsightReplayBuffer implements ReplayBuffer {
  /** The steps whose achieved goals replace others, each as likely as any other. */
  public enum Strategy {
    /** This step and later ones of its episode. */
    FUTURE,
    /** The last step of its episode; while that is running, its newest one. */
    FINAL,
    /** Every step of its episode that is remembered. */
    EPISODE
  }

  private static final int RUNNING = -1;
  private static final int NONE = -1;

  private final Transitions transitions;
  private final NStep oneStep;
  private final GoalMdp task;
  private final double share;
  private final Strategy strategy;
  private final int achievedAt;
  private final int desiredAt;
  private final int goalSize;
  private final int[] last; // the last row of a row's episode, or RUNNING
  private final int[] positions; // steps of its episode before a row
  private final int[] lengths; // of the running episodes
  private final float[] goal;

  // The goals that a sample asks about, and the answers, with room for two a row of the batch:
  // under the new goal and, where the step ended its episode, under the old one.
  private float[] achieved = new float[0];
  private float[] desired = new float[0];
  private double[] rewards = new double[0];
  private boolean[] terminated = new boolean[0];
  private int[] relabelled = new int[0]; // rows of the batch
  private int[] before = new int[0]; // where the answer under the old goal is, or NONE

  /**
   * An empty buffer; memory for observations is taken as they arrive.
   *
   * @param capacity the most transitions, cut to a multiple of {@code environments}
   * @param environments stepped together
   * @param actionSize floats of an action
   * @param gamma γ, in [0, 1]
   * @param k goals replaced to one kept, ≥ 1; the paper's 4
   * @param strategy where replaced goals come from
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
      Strategy strategy,
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
    transitions = new Transitions(capacity, environments, observations, actionSize);
    oneStep = new NStep(transitions, 1, gamma);
    this.task = task;
    share = k / (k + 1.0);
    this.strategy = strategy;
    last = new int[transitions.capacity];
    positions = new int[transitions.capacity];
    lengths = new int[environments];
    goal = new float[goalSize];
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
      positions[first + e] = lengths[e];
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
    makeRoom(batch.rows());
    int count = 0;
    int ends = 0;
    for (int b = 0; b < batch.rows(); b++) {
      int row = random.nextInt(transitions.size());
      oneStep.copy(row, batch, b);
      if (random.nextDouble() < share) {
        before[count] = transitions.terminated(row) ? ends++ : NONE;
        relabelled[count] = b;
        relabel(row, random, batch, count, batch.rows() + before[count]);
        count++;
      }
    }
    judge(batch, count, ends);
    Arrays.fill(batch.weights(), 1);
  }

  private void makeRoom(int rows) {
    if (relabelled.length < rows) {
      achieved = new float[Math.multiplyExact(2 * rows, goalSize)];
      desired = new float[achieved.length];
      rewards = new double[2 * rows];
      terminated = new boolean[2 * rows];
      relabelled = new int[rows];
      before = new int[rows];
    }
  }

  /**
   * Replaces the goal of a row of the batch by one achieved in the episode of {@code row}, and
   * notes the goals to ask about.
   *
   * @param i which of the relabelled rows it is
   * @param old where the goal that is replaced is noted, if the step ended its episode
   */
  private void relabel(int row, RandomGenerator random, ReplayBatch batch, int i, int old) {
    int source = source(row, random);
    int at = relabelled[i] * transitions.observationSize;
    float[] next = batch.nextObservations();
    int from = i * goalSize;
    System.arraycopy(next, at + achievedAt, achieved, from, goalSize);
    if (before[i] != NONE) {
      System.arraycopy(next, at + achievedAt, achieved, old * goalSize, goalSize);
      System.arraycopy(next, at + desiredAt, desired, old * goalSize, goalSize);
    }
    transitions.copyNextObservation(source, achievedAt, goalSize, goal, 0);
    System.arraycopy(goal, 0, desired, from, goalSize);
    System.arraycopy(goal, 0, batch.observations(), at + desiredAt, goalSize);
    System.arraycopy(goal, 0, next, at + desiredAt, goalSize);
  }

  /** The row whose achieved goal replaces that of {@code row}. */
  private int source(int row, RandomGenerator random) {
    int environment = row % lengths.length;
    int end = last[row] == RUNNING ? transitions.newestOf(environment) : last[row];
    int ahead = transitions.stepsBetween(row, end);
    return switch (strategy) {
      case FUTURE -> transitions.shifted(row, random.nextInt(ahead + 1));
      case FINAL -> end;
      case EPISODE -> {
        // The first steps of a long episode may be gone.
        int oldest = transitions.oldest(0) + environment;
        int behind = Math.min(positions[row], transitions.stepsBetween(oldest, row));
        yield transitions.shifted(row, random.nextInt(behind + ahead + 1) - behind);
      }
    };
  }

  /** Gives the relabelled rows their rewards and ends, by one question. */
  private void judge(ReplayBatch batch, int count, int ends) {
    if (count == 0) {
      return;
    }
    int old = batch.rows() * goalSize;
    System.arraycopy(achieved, old, achieved, count * goalSize, ends * goalSize);
    System.arraycopy(desired, old, desired, count * goalSize, ends * goalSize);
    task.judge(count + ends, goalSize, achieved, desired, rewards, terminated);
    for (int i = 0; i < count; i++) {
      int b = relabelled[i];
      batch.rewards()[b] = (float) rewards[i];
      if (!Float.isFinite(batch.rewards()[b])) {
        throw new EnvironmentException(
            batch.indices()[b] % transitions.environments,
            "%s: reward(%s, %s) must be a finite float, not %s"
                .formatted(task.name(), goal(achieved, i), goal(desired, i), rewards[i]));
      }
      // A step that ended its episode for another reason than its goal ends it under any.
      boolean end = terminated[i] || (before[i] != NONE && !terminated[count + before[i]]);
      batch.discounts()[b] = end ? 0 : (float) oneStep.gamma();
    }
  }

  private String goal(float[] goals, int i) {
    return Arrays.toString(Arrays.copyOfRange(goals, i * goalSize, (i + 1) * goalSize));
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
    for (int i = 0; i < transitions.size(); i++) {
      int row = transitions.oldest(i);
      boolean follows = i >= n && !transitions.ended(transitions.shifted(row, -1));
      positions[row] = follows ? positions[transitions.shifted(row, -1)] + 1 : 0;
    }
  }
}
