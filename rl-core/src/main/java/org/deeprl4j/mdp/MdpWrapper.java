package org.deeprl4j.mdp;

import java.util.Optional;
import java.util.random.RandomGenerator;
import org.deeprl4j.space.Space;

/**
 * An environment around another one. It delegates everything; subclasses override what they change.
 * A wrapper with a state of its own implements {@link org.deeprl4j.state.Stateful} for that state
 * alone: a {@link VectorEnv} saves the states of all the wrappers of its environments.
 */
public abstract class MdpWrapper implements Mdp {
  private final Mdp inner;

  /** A wrapper around {@code inner}, which it owns: closing it closes {@code inner}. */
  protected MdpWrapper(Mdp inner) {
    this.inner = inner;
  }

  /** The wrapped environment's: no user asks for its wrappers. */
  @Override
  public final String name() {
    return inner.name();
  }

  /** The wrapped environment. */
  public final Mdp inner() {
    return inner;
  }

  /** The outermost link of a chain of wrappers that is a {@code T}, the base included. */
  public static <T> Optional<T> find(Mdp mdp, Class<T> type) {
    for (Mdp link = mdp; ; link = ((MdpWrapper) link).inner) {
      if (type.isInstance(link)) {
        return Optional.of(type.cast(link));
      }
      if (!(link instanceof MdpWrapper)) {
        return Optional.empty();
      }
    }
  }

  /** The base of a chain of wrappers: the simulator itself. */
  public static Mdp base(Mdp mdp) {
    Mdp link = mdp;
    while (link instanceof MdpWrapper wrapper) {
      link = wrapper.inner;
    }
    return link;
  }

  /**
   * The base of a chain of wrappers, if it wants announcements and every wrapper passes actions on.
   */
  static Optional<AnnouncedMdp> announced(Mdp mdp) {
    Mdp link = mdp;
    while (link instanceof MdpWrapper wrapper && wrapper.passesActions()) {
      link = wrapper.inner;
    }
    return link instanceof AnnouncedMdp base ? Optional.of(base) : Optional.empty();
  }

  /**
   * Whether each step makes one step within, with the very action it was given; by default not
   * known, and so false.
   */
  protected boolean passesActions() {
    return false;
  }

  @Override
  public Space observationSpace() {
    return inner.observationSpace();
  }

  @Override
  public Space actionSpace() {
    return inner.actionSpace();
  }

  @Override
  public void reset(RandomGenerator random, float[] observation) {
    inner.reset(random, observation);
  }

  @Override
  public void step(float[] action, Step next) {
    inner.step(action, next);
  }

  @Override
  public void close() {
    inner.close();
  }
}
