package org.deeprl4j.mdp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;

/**
 * Tries an environment out and reports where it breaks the contract of {@link Mdp}, before a
 * training run does. It steps new instances with random actions for some ten thousand steps at
 * most.
 */
public final class EnvironmentChecker {
  /** Steps of each of the runs that are compared with one another. */
  private static final int RUN_STEPS = 300;

  /** Steps within which an episode should end. */
  private static final int END_STEPS = 10_000;

  /** Observations beyond this magnitude make networks saturate. */
  private static final float LARGE = 100;

  private final Supplier<? extends Mdp> factory;
  private final long seed;
  private final List<Finding> findings = new ArrayList<>();
  private final Space observationSpace;
  private final Space actionSpace;

  private EnvironmentChecker(Supplier<? extends Mdp> factory, long seed) {
    this.factory = factory;
    this.seed = seed;
    try (Mdp mdp = factory.get()) {
      observationSpace = mdp.observationSpace();
      actionSpace = mdp.actionSpace();
    }
  }

  /**
   * Checks an environment.
   *
   * @param factory makes a new, independent environment at each call; all are closed
   * @param seed decides the random actions and episodes tried
   * @return what was found, errors first; empty if all is well
   */
  public static List<Finding> check(Supplier<? extends Mdp> factory, long seed) {
    EnvironmentChecker checker;
    try {
      checker = new EnvironmentChecker(factory, seed);
    } catch (RuntimeException e) {
      return List.of(
          new Finding(Finding.Severity.ERROR, "spaces", "making the environment failed: " + e));
    }
    checker.run();
    checker.findings.sort((a, b) -> a.severity().compareTo(b.severity()));
    return List.copyOf(checker.findings);
  }

  private void run() {
    guarded("spaces", this::checkSpaces);
    guarded("values", this::checkValues);
    if (findings.stream().anyMatch(f -> f.severity() == Finding.Severity.ERROR)) {
      return; // whatever else fails would only say the same again
    }
    guarded("determinism", this::checkDeterminism);
    guarded("arrays", this::checkArrays);
    guarded("life cycle", this::checkLifeCycle);
    guarded("actions", this::checkBadActions);
    guarded("state", this::checkState);
    guarded("goals", this::checkGoals);
  }

  private void guarded(String check, Runnable body) {
    try {
      body.run();
    } catch (RuntimeException | Error e) {
      error(check, "an unexpected " + e);
    }
  }

  private void error(String check, String message, Object... values) {
    findings.add(new Finding(Finding.Severity.ERROR, check, formatted(message, values)));
  }

  private void warning(String check, String message, Object... values) {
    findings.add(new Finding(Finding.Severity.WARNING, check, formatted(message, values)));
  }

  private static String formatted(String message, Object... values) {
    return values.length == 0 ? message : message.formatted(values);
  }

  // ---- The checks ----

  private void checkSpaces() {
    try (Mdp mdp = factory.get()) {
      if (!observationSpace.equals(mdp.observationSpace())
          || !actionSpace.equals(mdp.actionSpace())) {
        error("spaces", "two environments of the same factory have different spaces");
      }
      mdp.reset(new Rng(seed), new float[observationSpace.size()]);
      if (!observationSpace.equals(mdp.observationSpace())
          || !actionSpace.equals(mdp.actionSpace())) {
        error("spaces", "the spaces changed with a reset; they must stay the same");
      }
    }
    if (actionSpace instanceof Box box && !box.bounded()) {
      warning(
          "spaces",
          "the action space %s is not bounded: policies cannot scale their actions to it",
          box);
    }
  }

  /** One long run: all that comes out must be finite and within the space; an episode must end. */
  private void checkValues() {
    try (Mdp mdp = factory.get()) {
      Rng random = new Rng(seed);
      Rng actions = new Rng(seed + 1);
      float[] action = new float[actionSpace.size()];
      Step step = new Step(observationSpace.size());
      float[] observation = unwritten();
      mdp.reset(random, observation);
      if (!sound(observation, "the first observation")) {
        return;
      }
      float largest = 0;
      int largestAt = 0;
      for (int t = 1; t <= END_STEPS; t++) {
        actionSpace.sample(actions, action, 0);
        step.clear();
        Arrays.fill(step.observation(), Float.NaN);
        try {
          mdp.step(action, step);
        } catch (RuntimeException | Error e) {
          error("values", "step %d with action %s failed: %s", t, Arrays.toString(action), e);
          return;
        }
        if (!sound(step.observation(), "the observation of step " + t)) {
          return;
        }
        if (!Double.isFinite(step.reward())) {
          error("values", "the reward of step %d is %s, but it must be finite", t, step.reward());
          return;
        }
        for (int i = 0; i < step.observation().length; i++) {
          if (Math.abs(step.observation()[i]) > largest) {
            largest = Math.abs(step.observation()[i]);
            largestAt = i;
          }
        }
        if (step.ended()) {
          warnOfScale(largest, largestAt);
          return;
        }
      }
      warnOfScale(largest, largestAt);
      warning(
          "episodes",
          "no episode ended within %d steps of random actions: without a time limit it may never, and nothing is learned of returns",
          END_STEPS);
    }
  }

  /** The reward that a task with goals is asked for later must be the one its step gave. */
  private void checkGoals() {
    try (Mdp mdp = factory.get()) {
      Optional<GoalMdp> found = MdpWrapper.find(mdp, GoalMdp.class);
      if (found.isEmpty()) {
        return;
      }
      if (!(observationSpace instanceof Dict dict)
          || !dict.spaces().containsKey(Dict.ACHIEVED_GOAL)
          || !dict.spaces().containsKey(Dict.DESIRED_GOAL)) {
        error("goals", "a task with goals must observe a Dict.goal, not %s", observationSpace);
        return;
      }
      Rng actions = new Rng(seed + 1);
      float[] action = new float[actionSpace.size()];
      Step step = new Step(observationSpace.size());
      mdp.reset(new Rng(seed), new float[observationSpace.size()]);
      for (int t = 1; t <= RUN_STEPS && !step.ended(); t++) {
        actionSpace.sample(actions, action, 0);
        step.clear();
        mdp.step(action, step);
        float[] achieved = part(dict, Dict.ACHIEVED_GOAL, step.observation());
        float[] desired = part(dict, Dict.DESIRED_GOAL, step.observation());
        double asked = found.get().reward(achieved, desired);
        if (asked != step.reward()) {
          error(
              "goals",
              "step %d gave a reward of %s, but reward(%s, %s) is %s: it must be a pure function of the goals in the observation",
              t,
              step.reward(),
              Arrays.toString(achieved),
              Arrays.toString(desired),
              asked);
          return;
        }
      }
    }
  }

  private static float[] part(Dict dict, String key, float[] observation) {
    int from = dict.offset(key);
    return Arrays.copyOfRange(observation, from, from + dict.space(key).size());
  }

  private void warnOfScale(float largest, int index) {
    if (largest > LARGE) {
      warning(
          "scale",
          "observation[%d] reached a magnitude of %s: normalise observations, since networks learn best from values around 1",
          index,
          largest);
    }
  }

  /** Whether an observation is finite and in the space; reports it otherwise. */
  private boolean sound(float[] observation, String where) {
    int i = Finite.first(observation, 0, observation.length);
    if (i >= 0) {
      error(
          "values",
          "%s has %s as element %d, but every element must be written and finite",
          where,
          observation[i],
          i);
      return false;
    }
    if (!observationSpace.contains(observation, 0)) {
      error("values", "%s lies outside the observation space: %s", where, outside(observation));
      return false;
    }
    return true;
  }

  private String outside(float[] observation) {
    if (observationSpace instanceof Box box) {
      for (int i = 0; i < observation.length; i++) {
        if (!(observation[i] >= box.low(i) && observation[i] <= box.high(i))) {
          return "element %d is %s, not in [%s, %s]"
              .formatted(i, observation[i], box.low(i), box.high(i));
        }
      }
    }
    return Arrays.toString(observation) + " is not in " + observationSpace;
  }

  private void checkDeterminism() {
    try (Mdp one = factory.get();
        Mdp two = factory.get()) {
      List<Outcome> first = trajectory(one, false);
      compare(
          first,
          trajectory(two, false),
          "determinism",
          "two environments with the same generator state and actions differ in %s: all randomness must come from the generator of the reset");
      compare(
          first,
          trajectory(one, false),
          "determinism",
          "an environment used before and a new one differ in %s: a reset must leave nothing of earlier episodes");
    }
  }

  private void checkArrays() {
    try (Mdp plain = factory.get();
        Mdp scribbled = factory.get()) {
      compare(
          trajectory(plain, false),
          trajectory(scribbled, true),
          "arrays",
          "what the caller writes into its own arrays between steps changes %s: the environment must keep no reference to them");
    }
    try (Mdp mdp = factory.get()) {
      Rng random = new Rng(seed);
      mdp.reset(random, new float[observationSpace.size()]);
      float[] action = sampledAction();
      float[] copy = action.clone();
      Step step = new Step(observationSpace.size());
      mdp.step(action, step);
      if (!Arrays.equals(action, copy)) {
        error(
            "arrays",
            "step changed its action from %s to %s",
            Arrays.toString(copy),
            Arrays.toString(action));
      }
      float[] observation = step.observation().clone();
      mdp.reset(random, new float[observationSpace.size()]);
      mdp.step(copy, new Step(observationSpace.size()));
      if (!Arrays.equals(observation, step.observation())) {
        error("arrays", "a later reset or step wrote into the observation of an earlier step");
      }
    }
  }

  private void checkLifeCycle() {
    float[] action = sampledAction();
    Step step = new Step(observationSpace.size());
    try (Mdp mdp = factory.get()) {
      requireThrown(
          "life cycle",
          "a step before the first reset",
          IllegalStateException.class,
          () -> mdp.step(action, step));
    }
    try (Mdp mdp = factory.get()) {
      Rng actions = new Rng(seed + 1);
      mdp.reset(new Rng(seed), new float[observationSpace.size()]);
      for (int t = 0; t < END_STEPS; t++) {
        actionSpace.sample(actions, action, 0);
        step.clear();
        mdp.step(action, step);
        if (step.ended()) {
          requireThrown(
              "life cycle",
              "a step after the episode's end",
              IllegalStateException.class,
              () -> mdp.step(action, step));
          break;
        }
      }
      mdp.close(); // and again at the end of the block: closing twice is no fault
    }
  }

  private void checkBadActions() {
    float[] good = sampledAction();
    rejected(Arrays.copyOf(good, good.length + 1), "an action that is one element too long");
    rejected(Arrays.copyOf(good, good.length - 1), "an action that is one element too short");
    for (int i = 0; i < good.length; i++) {
      float[] bad = good.clone();
      bad[i] = Float.NaN;
      rejected(bad, "an action with a NaN as element " + i);
      if (actionSpace instanceof Box box) {
        checkBeyond(box, good, i);
      } else if (!(actionSpace instanceof Dict)) {
        bad[i] = -1;
        rejected(bad, "an action with -1 as element " + i);
        bad[i] = 2 * Discrete.MAX; // no index of any space
        rejected(bad, "an action with " + bad[i] + " as element " + i);
      }
    }
  }

  private void rejected(float[] action, String what) {
    try (Mdp mdp = factory.get()) {
      mdp.reset(new Rng(seed), new float[observationSpace.size()]);
      Step step = new Step(observationSpace.size());
      requireThrown("actions", what, IllegalArgumentException.class, () -> mdp.step(action, step));
    }
  }

  /** Actions beyond a bound may be clipped or rejected, but must do no other harm. */
  private void checkBeyond(Box box, float[] good, int i) {
    if (Float.isInfinite(box.high(i))) {
      return;
    }
    float[] action = good.clone();
    action[i] = box.high(i) + Math.max(1, Math.abs(box.high(i)));
    try (Mdp mdp = factory.get()) {
      mdp.reset(new Rng(seed), new float[observationSpace.size()]);
      Step step = new Step(observationSpace.size());
      mdp.step(action, step);
      sound(
          step.observation(),
          "the observation after an action beyond its bounds, element " + i + ",");
    } catch (IllegalArgumentException e) {
      // Rejected: legal too.
    }
  }

  private void requireThrown(
      String check, String what, Class<? extends RuntimeException> expected, Runnable call) {
    try {
      call.run();
      error(check, "%s was accepted; it must throw %s", what, expected.getSimpleName());
    } catch (RuntimeException e) {
      if (!expected.isInstance(e)) {
        error(check, "%s must throw %s, not %s", what, expected.getSimpleName(), e);
      }
    }
  }

  /**
   * Takes a state out in mid-episode, puts it into another environment, and compares what follows.
   */
  private void checkState() {
    try (Mdp outer = factory.get();
        Mdp otherOuter = factory.get()) {
      Optional<StatefulMdp> found = MdpWrapper.find(outer, StatefulMdp.class);
      Optional<StatefulMdp> otherFound = MdpWrapper.find(otherOuter, StatefulMdp.class);
      if (found.isEmpty() || otherFound.isEmpty() || !found.get().stateIsComplete()) {
        return;
      }
      StatefulMdp mdp = found.get();
      StatefulMdp other = otherFound.get();
      Tape tape = new Tape(new Rng(seed));
      float[] observation = new float[mdp.observationSpace().size()];
      mdp.reset(tape, observation);
      Space space = mdp.actionSpace();
      Rng actions = new Rng(seed + 1);
      float[] action = new float[space.size()];
      Step step = new Step(observation.length);
      for (int t = 0; t < 3 && !step.ended(); t++) {
        space.sample(actions, action, 0);
        step.clear();
        mdp.step(action, step);
      }
      if (step.ended()) {
        return; // too short an episode to have a middle
      }
      double[] state = mdp.state();
      double[] kept = state.clone();
      int mark = tape.position();

      Arrays.fill(state, Double.NaN);
      if (!Arrays.equals(kept, mdp.state())) {
        error("state", "state() must return a new array: writing into it changed the environment");
        return;
      }
      requireThrown(
          "state",
          "a state that is one element too long",
          IllegalArgumentException.class,
          () -> other.setState(Arrays.copyOf(kept, kept.length + 1)));

      List<Outcome> expected = continuation(mdp);
      tape.rewind(0);
      other.reset(tape, observation);
      tape.rewind(mark);
      other.setState(kept);
      if (!Arrays.equals(kept, other.state())) {
        error("state", "state() after setState() gives another state than was set");
      }
      compare(
          expected,
          continuation(other),
          "state",
          "an environment put into the state of another one differs from it in %s: the state is not complete");
    }
  }

  /** Steps on to the end of the episode, or long enough, with the same actions every time. */
  private List<Outcome> continuation(Mdp mdp) {
    Rng actions = new Rng(seed + 2);
    float[] action = new float[mdp.actionSpace().size()];
    Step step = new Step(mdp.observationSpace().size());
    List<Outcome> outcomes = new ArrayList<>();
    while (outcomes.size() < RUN_STEPS && !step.ended()) {
      mdp.actionSpace().sample(actions, action, 0);
      step.clear();
      mdp.step(action, step);
      outcomes.add(Outcome.of(step));
    }
    return outcomes;
  }

  // ---- Runs and their comparison ----

  /** What came out of one reset or step. */
  private record Outcome(
      boolean reset, float[] observation, double reward, boolean terminated, boolean truncated) {
    static Outcome of(Step step) {
      return new Outcome(
          false, step.observation().clone(), step.reward(), step.terminated(), step.truncated());
    }

    /** The first thing that differs, or nothing. */
    Optional<String> difference(Outcome other) {
      for (int i = 0; i < observation.length; i++) {
        if (Float.compare(observation[i], other.observation[i]) != 0) {
          return Optional.of(
              "observation[%d], %s and %s".formatted(i, observation[i], other.observation[i]));
        }
      }
      if (Double.compare(reward, other.reward) != 0) {
        return Optional.of("the reward, %s and %s".formatted(reward, other.reward));
      }
      if (terminated != other.terminated || truncated != other.truncated) {
        return Optional.of("the flags");
      }
      return Optional.empty();
    }
  }

  private void compare(List<Outcome> one, List<Outcome> two, String check, String message) {
    for (int t = 0; t < Math.min(one.size(), two.size()); t++) {
      Optional<String> difference = one.get(t).difference(two.get(t));
      if (difference.isPresent()) {
        String where = one.get(t).reset() ? "after the reset" : "after a step";
        error(check, message, difference.get() + ", " + where + " (record " + t + " of the run)");
        return;
      }
    }
    if (one.size() != two.size()) {
      error(check, message, "the episode's length");
    }
  }

  /**
   * Episodes under random actions, the same ones at every call.
   *
   * @param scribble whether to write NaN over every array passed in as soon as it was used
   */
  private List<Outcome> trajectory(Mdp mdp, boolean scribble) {
    Rng random = new Rng(seed);
    Rng actions = new Rng(seed + 1);
    float[] action = new float[actionSpace.size()];
    Step step = new Step(observationSpace.size());
    List<Outcome> outcomes = new ArrayList<>();
    boolean start = true;
    while (outcomes.size() < RUN_STEPS) {
      if (start) {
        float[] observation = unwritten();
        mdp.reset(random, observation);
        outcomes.add(new Outcome(true, observation.clone(), 0, false, false));
        if (scribble) {
          Arrays.fill(observation, Float.NaN);
        }
      }
      actionSpace.sample(actions, action, 0);
      step.clear();
      mdp.step(action, step);
      outcomes.add(Outcome.of(step));
      start = step.ended();
      if (scribble) {
        Arrays.fill(step.observation(), Float.NaN);
        Arrays.fill(action, Float.NaN);
      }
    }
    return outcomes;
  }

  private float[] unwritten() {
    float[] observation = new float[observationSpace.size()];
    Arrays.fill(observation, Float.NaN);
    return observation;
  }

  private float[] sampledAction() {
    float[] action = new float[actionSpace.size()];
    actionSpace.sample(new Rng(seed), action, 0);
    return action;
  }

  /** A generator that remembers its draws, so that they can be drawn again. */
  private static final class Tape implements RandomGenerator {
    private final Rng source;
    private final List<Long> drawn = new ArrayList<>();
    private int position;

    Tape(Rng source) {
      this.source = source;
    }

    int position() {
      return position;
    }

    void rewind(int to) {
      position = to;
    }

    @Override
    public long nextLong() {
      if (position == drawn.size()) {
        drawn.add(source.nextLong());
      }
      return drawn.get(position++);
    }
  }
}
