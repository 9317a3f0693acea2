package org.deeprl4j.envs;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.StatefulMdp;
import org.deeprl4j.mdp.Step;

/** Steps an environment through given states and actions, to compare it with another simulator. */
public final class Trace {

  /**
   * One step.
   *
   * @param state the state before it
   * @param action the action taken
   * @param nextState the state after it
   * @param observation the observation after it
   * @param reward its reward
   * @param terminated whether the new state is terminal
   * @param truncated whether the episode was cut off there
   */
  public record Row(
      double[] state,
      float[] action,
      double[] nextState,
      float[] observation,
      double reward,
      boolean terminated,
      boolean truncated) {}

  private Trace() {}

  /**
   * Steps an environment through given actions, from given states.
   *
   * <p>With a state for every action the trace is teacher-forced: each action is applied to its own
   * state, so that differences between simulators do not grow. With one state alone it is where the
   * episode starts, and the actions are followed from there until they or the episode end.
   *
   * <p>Rows count as steps of one episode, so a time limit truncates at its row; after an end the
   * next teacher-forced row is the first step of a new episode.
   *
   * @param mdp an environment with a {@link StatefulMdp} within. Modified.
   * @param states [n, state size], one more than actions (the last is not used), or a single one
   * @param actions [n, action size]; not modified
   * @param random the environment's randomness, where its dynamics have any. Modified.
   * @return a row for each step taken
   * @throws IllegalArgumentException if the environment's state cannot be set, the numbers of
   *     states and actions do not match, or a state or an action does not fit the environment; the
   *     message names the row
   */
  public static List<Row> run(
      Mdp mdp, double[][] states, float[][] actions, RandomGenerator random) {
    StatefulMdp base =
        MdpWrapper.find(mdp, StatefulMdp.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the state of %s cannot be set: it does not implement StatefulMdp"
                            .formatted(MdpWrapper.base(mdp).getClass().getSimpleName())));
    boolean follow = states.length == 1;
    if (!follow && states.length != actions.length && states.length != actions.length + 1) {
      throw new IllegalArgumentException(
          "%d states do not fit %d actions: give a state for every action (and one after the last, if you like), or the first state alone"
              .formatted(states.length, actions.length));
    }
    int size = mdp.observationSpace().size();
    Step step = new Step(size);
    List<Row> rows = new ArrayList<>(actions.length);
    for (int t = 0; t < actions.length; t++) {
      if (t == 0 || step.ended()) {
        mdp.reset(random, new float[size]);
      }
      try {
        if (t == 0 || !follow) {
          base.setState(states[t]);
        }
        double[] before = base.state();
        step.clear();
        mdp.step(actions[t], step);
        rows.add(
            new Row(
                before,
                actions[t].clone(),
                base.state(),
                step.observation().clone(),
                step.reward(),
                step.terminated(),
                step.truncated()));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("row " + t + ": " + e.getMessage(), e);
      }
      if (follow && step.ended()) {
        break;
      }
    }
    return rows;
  }
}
