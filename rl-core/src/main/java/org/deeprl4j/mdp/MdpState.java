package org.deeprl4j.mdp;

import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * Saves and loads an environment with all its wrappers: each wrapper's own state, outermost first,
 * then the {@link StatefulMdp} at the base.
 */
final class MdpState {
  private MdpState() {}

  /** Whether the base's state is saved, so that an environment that is loaded is where it was. */
  static boolean isComplete(Mdp mdp) {
    Mdp link = mdp;
    while (link instanceof MdpWrapper wrapper) {
      link = wrapper.inner();
    }
    return link instanceof StatefulMdp base && base.stateIsComplete();
  }

  /**
   * Writes the state between two steps.
   *
   * @return whether the base's state is part of it; otherwise a resumed run has to start a new
   *     episode
   */
  static boolean save(Mdp mdp, StateWriter out) {
    return save(mdp, true, out);
  }

  /** Writes the state of an environment that failed in a step: all but that of its base. */
  static void saveFailed(Mdp mdp, StateWriter out) {
    save(mdp, false, out);
  }

  private static boolean save(Mdp mdp, boolean sound, StateWriter out) {
    int depth = 0;
    Mdp link = mdp;
    for (; link instanceof MdpWrapper wrapper; link = wrapper.inner()) {
      if (link instanceof Stateful stateful) {
        out.put("wrapper" + depth, stateful);
      }
      depth++;
    }
    boolean complete = sound && isComplete(mdp);
    out.put("complete", complete);
    if (complete) {
      out.put("state", ((StatefulMdp) link).state());
    }
    return complete;
  }

  /**
   * Reads what {@link #save} wrote, into a chain of the same wrappers that has been reset before:
   * an environment that draws during an episode draws from the generator of its last reset.
   *
   * @param mdp Modified.
   * @return whether the base is where it was; if not, reset it before the next step, which leaves
   *     the wrappers' running statistics as they were saved
   */
  static boolean load(Mdp mdp, StateReader in) {
    int depth = 0;
    Mdp link = mdp;
    for (; link instanceof MdpWrapper wrapper; link = wrapper.inner()) {
      if (link instanceof Stateful stateful) {
        in.get("wrapper" + depth, stateful);
      }
      depth++;
    }
    if (!in.getBoolean("complete")) {
      return false;
    }
    double[] state = in.getDoubles("state");
    if (link instanceof StatefulMdp base) {
      base.setState(state);
      return true;
    }
    return false;
  }
}
