package org.deeprl4j.algorithms.training;

import java.util.List;

/**
 * Programs that gather parts of rollouts, on this machine or on others. All that they are given and
 * give are bytes, which {@link RemoteRollouts} and {@link RolloutPool} write and read.
 */
public interface RolloutWorkers extends AutoCloseable {
  /** How many parts are gathered at once, at least 1; it may change from rollout to rollout. */
  int count();

  /**
   * Has a {@link RolloutPool} gather each part of a rollout. What is lost is gathered once more.
   *
   * @param policy what all parts are given
   * @param parts what each is given
   * @param stay whether environments are kept where they were stepped: a part then goes where the
   *     one in its place has been before, if that can be
   * @return what each gathered, in the order of the parts
   * @throws RuntimeException if that cannot be done; the message says why
   */
  List<byte[]> gather(byte[] policy, List<byte[]> parts, boolean stay);

  /** Lets go of the programs. */
  @Override
  void close();
}
