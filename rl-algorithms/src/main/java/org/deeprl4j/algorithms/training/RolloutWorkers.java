package org.deeprl4j.algorithms.training;

import java.util.List;

/**
 * Programs that gather parts of rollouts, on this machine or on others. All that they are given and
 * give are bytes, which {@link RemoteRollouts} writes and reads.
 */
public interface RolloutWorkers extends AutoCloseable {
  /** How many parts are gathered at once, at least 1; it may change from rollout to rollout. */
  int count();

  /**
   * Has {@link RemoteRollouts#gather} gather each part of a rollout. What is lost is gathered once
   * more: a part depends on nothing but what it is given.
   *
   * @param policy what all parts are given
   * @param parts what each is given
   * @return what each gathered, in the order of the parts
   * @throws RuntimeException if that cannot be done; the message says why
   */
  List<byte[]> gather(byte[] policy, List<byte[]> parts);

  /** Lets go of the programs. */
  @Override
  void close();
}
