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

  /** Is told of every episode that ends. */
  @FunctionalInterface
  public interface EpisodeListener {
    /**
     * Called after the step that ends an episode.
     *
     * @param environments what the step led to, live
     * @param e whose episode ended
     */
    void onEpisode(long steps, VectorEnv environments, int e);
  }

  private final EpisodeWindow window = new EpisodeWindow();
  private @Nullable StepListener onStep;
  private @Nullable EpisodeListener onEpisode;

  /** Sets who is told from the next step on; null for nobody. */
  public void listen(@Nullable StepListener steps, @Nullable EpisodeListener episodes) {
    onStep = steps;
    onEpisode = episodes;
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
    boolean[] ended = environments.ended();
    for (int e = 0; e < ended.length; e++) {
      if (ended[e]) {
        window.add(
            environments.episodeReturns()[e],
            environments.episodeLengths()[e],
            environments.successDefined()[e],
            environments.success()[e]);
        if (onEpisode != null) {
          onEpisode.onEpisode(steps, environments, e);
        }
      }
    }
    if (onStep != null) {
      onStep.onStep(steps, environments);
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
