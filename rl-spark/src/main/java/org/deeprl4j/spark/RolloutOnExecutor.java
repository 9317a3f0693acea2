package org.deeprl4j.spark;

import java.io.IOException;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;

/** As {@link RunOnExecutor}, the task for a part of a rollout. */
final class RolloutOnExecutor implements Function<byte[], byte[]> {
  private static final long serialVersionUID = 1L;

  private final Broadcast<byte[]> run;
  private final Broadcast<byte[]> policy;

  /**
   * A task.
   *
   * @param run a {@link RunParcel} with an {@link ExecutorRollouts.Run}
   * @param policy of the rollout
   */
  RolloutOnExecutor(Broadcast<byte[]> run, Broadcast<byte[]> policy) {
    this.run = run;
    this.policy = policy;
  }

  /** Gathers a part of the rollout. */
  @Override
  public byte[] call(byte[] part) throws IOException {
    return ExecutorRollouts.gather(run.value(), policy.value(), part);
  }
}
