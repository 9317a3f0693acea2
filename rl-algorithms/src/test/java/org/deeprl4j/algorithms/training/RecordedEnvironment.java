package org.deeprl4j.algorithms.training;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;

/** Three random numbers to observe, random rewards, and a memory of everything that happened. */
public final class RecordedEnvironment implements Mdp {
  public static final int INPUTS = 3;
  public static final int ACTIONS = 3;

  /** How an episode ends. */
  public enum End {
    NEVER,
    TERMINATED,
    TRUNCATED
  }

  /** s_0, s_1, …: one more than actions. */
  public final List<float[]> observations = new ArrayList<>();

  public final List<Integer> actions = new ArrayList<>();
  public final List<Double> rewards = new ArrayList<>();

  private final End end;
  private final int length;
  private RandomGenerator random;

  /**
   * An environment before its first episode.
   *
   * @param length of an episode, unless it never ends
   */
  public RecordedEnvironment(End end, int length) {
    this.end = end;
    this.length = length;
  }

  @Override
  public Space observationSpace() {
    return Box.of(-9, 9, INPUTS);
  }

  @Override
  public Space actionSpace() {
    return new Discrete(ACTIONS);
  }

  @Override
  public void reset(RandomGenerator generator, float[] observation) {
    random = generator;
    if (actions.isEmpty()) {
      observe(observation);
    }
  }

  @Override
  public void step(float[] action, Step next) {
    actions.add((int) action[0]);
    next.setReward(random.nextGaussian());
    rewards.add(next.reward());
    observe(next.observation());
    boolean ends = end != End.NEVER && actions.size() % length == 0;
    next.setTerminated(ends && end == End.TERMINATED);
    next.setTruncated(ends && end == End.TRUNCATED);
  }

  private void observe(float[] observation) {
    for (int i = 0; i < INPUTS; i++) {
      observation[i] = (float) random.nextGaussian();
    }
    observations.add(observation.clone());
  }
}
