package org.deeprl4j.mdp;

import java.util.Map;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.deeprl4j.stats.EpisodeWindow;
import org.jspecify.annotations.Nullable;

/**
 * What happens in environments as they are stepped: statistics of the last episodes, and whoever is
 * told of episodes and steps. Where nobody listens, a step costs a look at its ends.
 */
public final class EpisodeLog implements Stateful {
  /** Is told of every step. */
  @FunctionalInterface
  public interface StepListener {
    /**
     * Called after each step of all environments.
     *
     * @param steps environment steps since the run began, these included; where several threads
     *     step at once, what they have begun
     * @param environments what the step led to, live: read it, and copy what must last
     */
    void onStep(long steps, VectorEnv environments);
  }

  /**
   * An episode that has ended.
   *
   * @param undiscounted the sum of its raw rewards
   * @param length its steps
   * @param successDefined whether its last step said whether it was a success
   * @param success what it said
   */
  public record Episode(double undiscounted, int length, boolean successDefined, boolean success) {}

  /** Is told of every episode that ends. */
  @FunctionalInterface
  public interface EpisodeListener {
    /**
     * Called after the step that ends an episode.
     *
     * @param steps environment steps since the run began, as of {@link StepListener#onStep}
     */
    void onEpisode(long steps, Episode episode);
  }

  private final EpisodeWindow window = new EpisodeWindow();
  private @Nullable StepListener onStep;
  private @Nullable EpisodeListener onEpisode;

  /** Sets who is told from the next step on; null for nobody. */
  public void listen(@Nullable StepListener steps, @Nullable EpisodeListener episodes) {
    onStep = steps;
    onEpisode = episodes;
  }

  /** Whether anybody is told of every step. */
  public boolean tellsSteps() {
    return onStep != null;
  }

  /** Whether a step of these environments is to be reported to {@link #stepped}. */
  public boolean concerns(VectorEnv environments) {
    if (onStep != null) {
      return true;
    }
    for (boolean end : environments.ended()) {
      if (end) {
        return true;
      }
    }
    return false;
  }

  /** Takes in the last step of environments. Threads that step at once call it one by one. */
  public void stepped(long steps, VectorEnv environments) {
    for (int e = 0; e < environments.count(); e++) {
      if (environments.ended()[e]) {
        ended(steps, environments.episode(e));
      }
    }
    if (onStep != null) {
      onStep.onStep(steps, environments);
    }
  }

  /**
   * Takes in an episode that ended where nobody was told of steps.
   *
   * @param steps environment steps since the run began, those of its last step included
   */
  public void ended(long steps, Episode episode) {
    window.add(
        episode.undiscounted(), episode.length(), episode.successDefined(), episode.success());
    if (onEpisode != null) {
      onEpisode.onEpisode(steps, episode);
    }
  }

  /** As {@link EpisodeWindow#metrics}. */
  public Map<String, Double> metrics() {
    return window.metrics();
  }

  @Override
  public void save(StateWriter out) {
    window.save(out);
  }

  @Override
  public void load(StateReader in) {
    window.load(in);
  }
}
