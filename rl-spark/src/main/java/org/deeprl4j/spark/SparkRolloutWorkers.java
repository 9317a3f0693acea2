package org.deeprl4j.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.training.RolloutWorkers;
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Gathers rollouts on Spark. A rollout is a job, and a part of it a task: the policy is broadcast,
 * the states of environments are the task's own data, so that Spark repeats what is lost from where
 * it began. Where environments stay with executors, Spark is asked to execute the parts where they
 * are, which it does as long as it can.
 */
final class SparkRolloutWorkers implements RolloutWorkers {
  private final JavaSparkContext context;
  private final String id = UUID.randomUUID().toString();
  private final Broadcast<byte[]> run;
  private List<String> places = List.of(); // of the parts of the last rollout

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
  public List<byte[]> gather(byte[] policy, List<byte[]> parts, boolean stay) {
    Broadcast<byte[]> sent = context.broadcast(policy);
    List<byte[]> answers;
    try {
      JavaRDD<byte[]> tasks = stay ? placed(parts) : context.parallelize(parts, parts.size());
      answers = tasks.map(new RolloutOnExecutor(run, sent)).collect();
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
    return rows(answers);
  }

  private List<byte[]> rows(List<byte[]> answers) {
    List<byte[]> rows = new ArrayList<>();
    List<String> now = new ArrayList<>();
    for (byte[] bytes : answers) {
      RolloutAnswer answer = RolloutAnswer.of(bytes);
      if (!answer.refusal().isEmpty()) {
        throw new IllegalArgumentException(
            "%s cannot make the environment, which needs the same files at the same paths on every machine: %s"
                .formatted(answer.name(), answer.refusal()));
      }
      rows.add(answer.rows());
      now.add(answer.place());
    }
    places = now;
    return rows;
  }

  /**
   * A task for each part, in the place where the part was before. An executor that has more of them
   * than its share is asked for its share alone, so that one which has come meanwhile gets some.
   */
  private JavaRDD<byte[]> placed(List<byte[]> parts) {
    int executors = Math.max(1, context.sc().getExecutorMemoryStatus().size() - 1);
    int share = (parts.size() - 1) / executors + 1;
    Map<String, Integer> asked = new HashMap<>();
    List<Tuple2<byte[], Seq<String>>> placed = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      List<String> place =
          places.size() == parts.size() && asked.merge(places.get(i), 1, Integer::sum) <= share
              ? List.of(places.get(i))
              : List.of();
      placed.add(new Tuple2<>(parts.get(i), CollectionConverters.asScala(place).toSeq()));
    }
    ClassTag<byte[]> type = ClassTag$.MODULE$.apply(byte[].class);
    return new JavaRDD<>(
        context.sc().makeRDD(CollectionConverters.asScala(placed).toSeq(), type), type);
  }

  @Override
  public void close() {
    context.close();
    ExecutorRollouts.forget(id); // where executors are threads of this program
  }
}
