package org.deeprl4j.mdp;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.Finite;

/**
 * Tries an environment out and reports where it breaks the contract of {@link Mdp}, before a
 * training run does. It steps new instances with random actions for some ten thousand steps at
 * most.
 */
public final class EnvironmentChecker {
  /** Observations beyond this magnitude make networks saturate. */
  private static final float LARGE = 100;

  private final Trial trial;

  private EnvironmentChecker(Trial trial) {
    this.trial = trial;
  }

  /**
   * Checks an environment.
   *
   * @param factory makes a new, independent environment at each call; all are closed
   * @param seed decides the random actions and episodes tried
   * @return the findings, errors first; empty if all is well
   */
  public static List<Finding> check(Supplier<? extends Mdp> factory, long seed) {
    Trial trial;
    try {
      trial = new Trial(factory, seed);
    } catch (RuntimeException e) {
      return List.of(
          new Finding(Finding.Severity.ERROR, "spaces", "making the environment failed: " + e));
    }
    new EnvironmentChecker(trial).run();
    return trial.findings();
  }

  private void run() {
    trial.run("spaces", this::spaces);
    trial.run("values", this::values);
    if (trial.failed()) {
      return; // whatever else fails would only say the same again
    }
    RunChecks runs = new RunChecks(trial);
    trial.run(
        "determinism",
        () -> {
          if (runs.determinism()) {
            trial.run("arrays", runs::arrays);
            trial.run("threads", runs::threads);
            trial.run("state", runs::state);
          }
        });
    trial.run("arrays", this::arrays);
    trial.run("life cycle", this::lifeCycle);
    trial.run("actions", this::badActions);
    trial.run("goals", new GoalCheck(trial)::run);
  }

  private void spaces() {
    try (Mdp mdp = trial.make()) {
      if (changed(mdp)) {
        trial.error("spaces", "two environments of the same factory have different spaces");
      }
      mdp.reset(trial.episodes(), trial.unwritten());
      if (changed(mdp)) {
        trial.error("spaces", "the spaces changed with a reset; they must stay the same");
      }
    }
    if (trial.actionSpace instanceof Box box && !box.bounded()) {
      trial.warning(
          "spaces",
          "the action space %s is not bounded: policies cannot scale their actions to it",
          box);
    }
  }

  private boolean changed(Mdp mdp) {
    return !trial.observationSpace.equals(mdp.observationSpace())
        || !trial.actionSpace.equals(mdp.actionSpace());
  }

  /** One long run: all that comes out must be finite and within the space; an episode must end. */
  private void values() {
    try (Mdp mdp = trial.make()) {
      Rng actions = trial.actions();
      float[] action = new float[trial.actionSpace.size()];
      Step step = trial.newStep();
      float[] observation = trial.unwritten();
      mdp.reset(trial.episodes(), observation);
      if (!sound(observation, "the first observation")) {
        return;
      }
      float largest = 0;
      int largestAt = 0;
      for (int t = 1; t <= Trial.END_STEPS && !step.ended(); t++) {
        Trial.draw(mdp, actions, action);
        step.clear();
        Arrays.fill(step.observation(), Float.NaN);
        try {
          mdp.step(action, step);
        } catch (RuntimeException | Error e) {
          trial.error("values", "step %d with action %s failed: %s", t, Arrays.toString(action), e);
          return;
        }
        if (!sound(step.observation(), "the observation of step " + t)) {
          return;
        }
        if (!Float.isFinite((float) step.reward())) {
          trial.error(
              "values",
              "the reward of step %d is %s, but it must be a finite float",
              t,
              step.reward());
          return;
        }
        for (int i = 0; i < step.observation().length; i++) {
          if (Math.abs(step.observation()[i]) > largest) {
            largest = Math.abs(step.observation()[i]);
            largestAt = i;
          }
        }
      }
      if (largest > LARGE && !isShade(trial.observationSpace, largestAt)) {
        trial.warning(
            "scale",
            "observation[%d] reached a magnitude of %s: normalise observations, since networks learn best from values around 1",
            largestAt,
            largest);
      }
      if (!step.ended()) {
        trial.warning(
            "episodes",
            "no episode ended within %d steps of random actions: without a time limit it may never, and nothing is learned of returns",
            Trial.END_STEPS);
      }
    }
  }

  /** Whether an element belongs to a picture, whose shades are scaled where it is seen. */
  private static boolean isShade(Space space, int element) {
    if (space instanceof Dict dict) {
      int at = element;
      for (Space entry : dict.spaces().values()) {
        if (at < entry.size()) {
          return isShade(entry, at);
        }
        at -= entry.size();
      }
    }
    return space instanceof Box box && box.ofPictures();
  }

  /** Whether an observation is finite and in the space; reports it otherwise. */
  private boolean sound(float[] observation, String where) {
    int i = Finite.first(observation, 0, observation.length);
    if (i >= 0) {
      trial.error(
          "values",
          "%s has %s as element %d, but every element must be written and finite",
          where,
          observation[i],
          i);
      return false;
    }
    if (!trial.observationSpace.contains(observation, 0)) {
      trial.error(
          "values", "%s lies outside the observation space: %s", where, outside(observation));
      return false;
    }
    return true;
  }

  private String outside(float[] observation) {
    if (trial.observationSpace instanceof Box box) {
      for (int i = 0; i < observation.length; i++) {
        if (!(observation[i] >= box.low(i) && observation[i] <= box.high(i))) {
          return "element %d is %s, not in [%s, %s]"
              .formatted(i, observation[i], box.low(i), box.high(i));
        }
      }
    }
    return Arrays.toString(observation) + " is not in " + trial.observationSpace;
  }

  /** An environment must write to no array but the observation it is given now. */
  private void arrays() {
    try (Mdp mdp = trial.make()) {
      Rng random = trial.episodes();
      mdp.reset(random, trial.unwritten());
      float[] action = trial.action();
      float[] copy = action.clone();
      Step step = trial.newStep();
      mdp.step(action, step);
      if (!Arrays.equals(action, copy)) {
        trial.error(
            "arrays",
            "step changed its action from %s to %s",
            Arrays.toString(copy),
            Arrays.toString(action));
      }
      float[] observation = step.observation().clone();
      mdp.reset(random, trial.unwritten());
      Trial.draw(mdp, trial.actions(), copy);
      mdp.step(copy, trial.newStep());
      if (!Arrays.equals(observation, step.observation())) {
        trial.error(
            "arrays", "a later reset or step wrote into the observation of an earlier step");
      }
    }
  }

  private void lifeCycle() {
    float[] action = trial.action();
    Step step = trial.newStep();
    try (Mdp mdp = trial.make()) {
      trial.requireThrown(
          "life cycle",
          "a step before the first reset",
          IllegalStateException.class,
          () -> mdp.step(action, step));
    }
    try (Mdp mdp = trial.make()) {
      Rng actions = trial.actions();
      mdp.reset(trial.episodes(), trial.unwritten());
      for (int t = 0; t < Trial.END_STEPS && !step.ended(); t++) {
        Trial.draw(mdp, actions, action);
        step.clear();
        mdp.step(action, step);
      }
      if (step.ended()) {
        trial.requireThrown(
            "life cycle",
            "a step after the episode's end",
            IllegalStateException.class,
            () -> mdp.step(action, step));
      }
      mdp.close(); // and again at the end of the block: closing twice is no fault
    }
  }

  private void badActions() {
    float[] good = trial.action();
    rejected(Arrays.copyOf(good, good.length + 1), "an action that is one element too long");
    rejected(Arrays.copyOf(good, good.length - 1), "an action that is one element too short");
    for (int i = 0; i < good.length; i++) {
      float[] bad = good.clone();
      bad[i] = Float.NaN;
      rejected(bad, "an action with a NaN as element " + i);
      if (trial.actionSpace instanceof Box box) {
        beyond(box, good, i);
      } else if (!(trial.actionSpace instanceof Dict)) {
        bad[i] = -1;
        rejected(bad, "an action with -1 as element " + i);
        bad[i] = 2 * Discrete.MAX; // no index of any space
        rejected(bad, "an action with " + bad[i] + " as element " + i);
      }
    }
  }

  private void rejected(float[] action, String what) {
    try (Mdp mdp = trial.make()) {
      mdp.reset(trial.episodes(), trial.unwritten());
      Step step = trial.newStep();
      trial.requireThrown(
          "actions", what, IllegalArgumentException.class, () -> mdp.step(action, step));
    }
  }

  /** Actions beyond a bound may be clipped or rejected, but must do no other harm. */
  private void beyond(Box box, float[] good, int i) {
    if (Float.isInfinite(box.high(i))) {
      return;
    }
    float[] action = good.clone();
    action[i] = box.high(i) + Math.max(1, Math.abs(box.high(i)));
    try (Mdp mdp = trial.make()) {
      mdp.reset(trial.episodes(), trial.unwritten());
      Step step = trial.newStep();
      mdp.step(action, step);
      sound(
          step.observation(),
          "the observation after an action beyond its bounds, element " + i + ",");
    } catch (IllegalArgumentException e) {
      // Rejected: legal too.
    }
  }
}
