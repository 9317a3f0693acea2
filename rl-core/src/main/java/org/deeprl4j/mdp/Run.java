package org.deeprl4j.mdp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.deeprl4j.random.Rng;

/** What an environment gives under the random actions of a trial, to be compared with another. */
final class Run {
  /** What came out of one reset or step. */
  private record Outcome(
      boolean reset, float[] observation, double reward, boolean terminated, boolean truncated) {}

  private final List<Outcome> outcomes = new ArrayList<>();

  private Run() {}

  /**
   * Episode after episode.
   *
   * @param scribble whether to write NaN over every array passed in as soon as it was used
   */
  static Run ofEpisodes(Trial trial, Mdp mdp, boolean scribble) {
    Run run = new Run();
    Rng random = trial.episodes();
    Rng actions = trial.actions();
    float[] action = new float[trial.actionSpace.size()];
    Step step = trial.newStep();
    boolean start = true;
    while (run.outcomes.size() < Trial.RUN_STEPS) {
      if (start) {
        float[] observation = trial.unwritten();
        mdp.reset(random, observation);
        run.outcomes.add(new Outcome(true, observation.clone(), 0, false, false));
        if (scribble) {
          Arrays.fill(observation, Float.NaN);
        }
      }
      Trial.draw(mdp, actions, action);
      run.step(mdp, action, step);
      start = step.ended();
      if (scribble) {
        Arrays.fill(step.observation(), Float.NaN);
        Arrays.fill(action, Float.NaN);
      }
    }
    return run;
  }

  /** From where an environment is to the end of its episode, or long enough. */
  static Run onwards(Trial trial, Mdp mdp) {
    Run run = new Run();
    Rng actions = trial.actions();
    float[] action = new float[mdp.actionSpace().size()];
    Step step = new Step(mdp.observationSpace().size());
    while (run.outcomes.size() < Trial.RUN_STEPS && !step.ended()) {
      Trial.draw(mdp, actions, action);
      run.step(mdp, action, step);
    }
    return run;
  }

  private void step(Mdp mdp, float[] action, Step step) {
    step.clear();
    mdp.step(action, step);
    outcomes.add(
        new Outcome(
            false, step.observation().clone(), step.reward(), step.terminated(), step.truncated()));
  }

  /** The first thing in which another run differs, and where, or nothing. */
  Optional<String> difference(Run other) {
    for (int t = 0; t < Math.min(outcomes.size(), other.outcomes.size()); t++) {
      Optional<String> difference = difference(outcomes.get(t), other.outcomes.get(t));
      if (difference.isPresent()) {
        String where = outcomes.get(t).reset() ? "after the reset" : "after a step";
        return Optional.of(difference.get() + ", " + where + " (record " + t + " of the run)");
      }
    }
    return outcomes.size() == other.outcomes.size()
        ? Optional.empty()
        : Optional.of("the episode's length");
  }

  private static Optional<String> difference(Outcome one, Outcome two) {
    int i = Arrays.mismatch(one.observation(), two.observation());
    if (i >= 0) {
      return Optional.of(
          "observation[%d], %s and %s".formatted(i, one.observation()[i], two.observation()[i]));
    }
    if (Double.compare(one.reward(), two.reward()) != 0) {
      return Optional.of("the reward, %s and %s".formatted(one.reward(), two.reward()));
    }
    return one.terminated() == two.terminated() && one.truncated() == two.truncated()
        ? Optional.empty()
        : Optional.of("the flags");
  }
}
