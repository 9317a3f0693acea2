package org.deeprl4j.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.training.RolloutWorkers;

/**
 * Gathers rollouts on Spark. A rollout is a job, and a part of it a task: the policy is broadcast,
 * the states of environments are the task's own data, so that Spark repeats what is lost from where
 * it began.
 */
final class SparkRolloutWorkers implements RolloutWorkers {
  private final JavaSparkContext context;
  private final String id = UUID.randomUUID().toString();
  private final Broadcast<byte[]> run;

  /**
   * Workers for the rollouts of one run.
   *
   * @param context is closed with them
   * @param environment options of the command line on environments
   */
  SparkRolloutWorkers(JavaSparkContext context, RunConfig run, List<String> environment)
      throws IOException {
    this.context = context;
    this.run =
        context.broadcast(
            RunParcel.pack(new ExecutorRollouts.Run(id, run, environment), null, Set.of()));
  }

  /** The cores of the cluster, as far as its executors have come. */
  @Override
  public int count() {
    return Math.max(1, context.defaultParallelism());
  }

  @Override
  public List<byte[]> gather(byte[] policy, List<byte[]> parts) {
    Broadcast<byte[]> sent = context.broadcast(policy);
    try {
      return context
          .parallelize(parts, parts.size())
          .map(new RolloutOnExecutor(run, sent))
          .collect();
    } catch (Exception e) { // Scala's methods declare none of those that are checked
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new UncheckedIOException(new IOException(SparkScheduler.firstLine(e), e));
    } finally {
      if (!context.sc().isStopped()) {
        sent.destroy();
      }
    }
  }

  @Override
  public void close() {
    context.close();
    ExecutorRollouts.forget(id); // where executors are threads of this program
  }
}
