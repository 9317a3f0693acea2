package org.deeprl4j.mdp;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * Puts the masks of a {@link MaskedMdp} into its observations, as their last entry, {@link
 * Dict#ACTION_MASK}: 1 for a legal action, 0 for another. So whatever keeps, batches or stores
 * observations has their masks, too. Observations that are not a Dict become the entry {@link
 * Dict#OBSERVATION} of one.
 *
 * <p>It rejects illegal actions. In a terminal state, where nothing is chosen, every action counts
 * as legal.
 */
public final class ActionMasks extends MdpWrapper implements Stateful {
  private final MaskedMdp masked;
  private final Dict space;
  private final int[] choices;
  private final int at; // where the mask starts
  private final boolean[] legal;
  private final float[] first;
  private final Step step;

  private ActionMasks(Mdp inner, MaskedMdp masked) {
    super(inner);
    this.masked = masked;
    choices = inner.actionSpace().choices();
    legal = new boolean[Arrays.stream(choices).sum()];
    Arrays.fill(legal, true); // until an episode starts, which is for the environment to ask for
    Map<String, Space> entries = new LinkedHashMap<>();
    if (inner.observationSpace() instanceof Dict dict) {
      entries.putAll(dict.spaces());
    } else {
      entries.put(Dict.OBSERVATION, inner.observationSpace());
    }
    entries.put(Dict.ACTION_MASK, new MultiBinary(legal.length));
    space = new Dict(entries);
    at = inner.observationSpace().size();
    first = new float[at];
    step = new Step(at);
  }

  /**
   * The environment with its masks in its observations, or the environment itself if it has none or
   * they are there already.
   *
   * @throws IllegalArgumentException if a space is null, its actions are not discrete, a wrapper
   *     may change them, or an entry of its observations has the mask's name
   */
  public static Mdp of(Mdp mdp) {
    if (MdpWrapper.find(mdp, ActionMasks.class).isPresent()) {
      return mdp;
    }
    if (mdp.observationSpace() == null || mdp.actionSpace() == null) {
      throw new IllegalArgumentException(
          "%s: %s() returns null, but an environment needs both spaces"
              .formatted(
                  mdp.name(), mdp.observationSpace() == null ? "observationSpace" : "actionSpace"));
    }
    if (mdp.observationSpace() instanceof Dict dict
        && dict.spaces().containsKey(Dict.ACTION_MASK)) {
      throw new IllegalArgumentException(
          "%s: an entry of its observations is named %s, which is for masks that an environment declares (%s, action_masks() in Python): rename it"
              .formatted(mdp.name(), Dict.ACTION_MASK, MaskedMdp.class.getSimpleName()));
    }
    Optional<MaskedMdp> found = MdpWrapper.find(mdp, MaskedMdp.class);
    if (found.isEmpty() || !found.get().masksActions()) {
      return mdp;
    }
    if (found.get().actionSpace().choices().length == 0) {
      throw new IllegalArgumentException(
          "%s: action masks are for Discrete and MultiDiscrete actions, not for %s"
              .formatted(mdp.name(), found.get().actionSpace()));
    }
    for (Mdp link = mdp; link != found.get(); link = ((MdpWrapper) link).inner()) {
      if (!((MdpWrapper) link).passesActions()) {
        throw new IllegalArgumentException(
            "%s: the wrapper %s may change its actions, so that its action masks do not hold; if it does not, override passesActions"
                .formatted(mdp.name(), link.getClass().getSimpleName()));
      }
    }
    return new ActionMasks(mdp, found.get());
  }

  @Override
  public Space observationSpace() {
    return space;
  }

  @Override
  protected boolean passesActions() {
    return true;
  }

  @Override
  public void reset(RandomGenerator random, float[] observation) {
    inner().reset(random, first);
    System.arraycopy(first, 0, observation, 0, at);
    writeMask(observation);
  }

  @Override
  public void step(float[] action, Step next) {
    requireLegal(action);
    step.clear();
    inner().step(action, step);
    next.copyOutcome(step);
    System.arraycopy(step.observation(), 0, next.observation(), 0, at);
    if (next.terminated()) {
      Arrays.fill(next.observation(), at, space.size(), 1);
    } else {
      writeMask(next.observation());
    }
    if (next.ended()) {
      Arrays.fill(legal, true); // until the reset, as before the first one
    }
  }

  private void writeMask(float[] observation) {
    masked.actionMask(legal);
    for (int i = 0, k = 0; i < choices.length; i++) {
      boolean any = false;
      for (int j = 0; j < choices[i]; j++, k++) {
        any |= legal[k];
        observation[at + k] = legal[k] ? 1 : 0;
      }
      if (!any) {
        throw new IllegalStateException(
            choices.length == 1
                ? "the action mask forbids every action"
                : "the action mask forbids every alternative of choice " + i);
      }
    }
  }

  /** What is no action at all is for the environment to reject. */
  private void requireLegal(float[] action) {
    for (int i = 0, k = 0; i < Math.min(choices.length, action.length); k += choices[i], i++) {
      int chosen = (int) action[i]; // 0 where it is NaN
      if (chosen >= 0 && chosen < choices[i] && !legal[k + chosen]) {
        throw new IllegalArgumentException(
            "%s: the action %s is not legal now".formatted(name(), Arrays.toString(action)));
      }
    }
  }

  @Override
  public void save(StateWriter out) {
    out.put("legal", legal);
  }

  @Override
  public void load(StateReader in) {
    in.get("legal", legal);
  }
}
