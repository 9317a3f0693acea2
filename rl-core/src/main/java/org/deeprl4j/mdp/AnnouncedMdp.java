package org.deeprl4j.mdp;

/**
 * An environment that runs elsewhere, in another process say, and gains from knowing its next
 * action before it is waited for: a {@link VectorEnv} announces the actions of all its environments
 * before it steps the first, so that they can travel together.
 *
 * <p>Announcements are for the base of a chain of wrappers, and reach it where every wrapper on the
 * way {@link MdpWrapper#passesActions}.
 */
public interface AnnouncedMdp extends Mdp {

  /**
   * Says that the next call will be {@link #step} with this action. An action that is not legal is
   * for the step to reject.
   *
   * @param action read before this returns, and not modified
   */
  void announce(float[] action);

  /**
   * Whether what it ran in has ended, so that it can only be closed, and another one made; by
   * default it has not.
   */
  default boolean isGone() {
    return false;
  }
}
