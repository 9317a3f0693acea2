package org.deeprl4j.spark;

import java.io.IOException;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;

/**
 * The task that Spark gives to an executor. Spark serializes it with Java's serialization, which it
 * does with every task; this and {@link RolloutOnExecutor} are the only classes of ours to which
 * that happens, and hold nothing but references to bytes.
 */
final class RunOnExecutor implements Function<Integer, byte[]> {
  private static final long serialVersionUID = 1L;

  private final Broadcast<byte[]> request;

  /**
   * A task.
   *
   * @param request a {@link RunParcel} with an {@link ExecutorRun.Request}
   */
  RunOnExecutor(Broadcast<byte[]> request) {
    this.request = request;
  }

  /** Executes the run; the answer is a {@link RunParcel} with an {@link ExecutorRun.Answer}. */
  @Override
  public byte[] call(Integer ignored) throws IOException {
    return ExecutorRun.execute(request.value());
  }
}
