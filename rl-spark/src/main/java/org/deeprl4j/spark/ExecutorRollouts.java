package org.deeprl4j.spark;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.spark.SparkEnv;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.training.OnPolicyTrainer;
import org.deeprl4j.algorithms.training.RolloutPool;
import org.deeprl4j.experiments.execution.RunEnvironments;
import org.deeprl4j.experiments.execution.RunWork;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.nn.Compute;

/**
 * What an executor does with a part of a rollout. The environments and networks of a run stay in
 * the executor from rollout to rollout, see {@link RolloutPool}, until the run ends, or nothing has
 * been asked of them for so long that the run must have gone on elsewhere.
 */
final class ExecutorRollouts {
  /** How long nothing may be asked: longer than any update and evaluation between two rollouts. */
  private static final Duration IDLE = Duration.ofMinutes(15);

  private static final Map<String, Here> RUNS = new ConcurrentHashMap<>();

  /**
   * What a run has here.
   *
   * @param refusal why its environment cannot be made, in one line; empty until that is known
   */
  private record Here(RolloutPool pool, AtomicReference<String> refusal) {
    static Here of(Run run) {
      AtomicReference<String> refusal = new AtomicReference<>("");
      return new Here(new RolloutPool(sparing -> start(run, sparing, refusal)), refusal);
    }
  }

  /**
   * A run.
   *
   * @param id of the program that the rollouts are for
   * @param environment options of the command line on environments
   */
  record Run(String id, RunConfig config, List<String> environment) {}

  /** Lets go of what is idle, once a minute, as long as the executor lives. */
  private static final ScheduledExecutorService SWEEPER =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "idle-rollouts");
            thread.setDaemon(true);
            return thread;
          });

  static {
    SWEEPER.scheduleWithFixedDelay(
        () -> RUNS.values().forEach(here -> here.pool.closeIdle(IDLE)), 1, 1, TimeUnit.MINUTES);
  }

  private ExecutorRollouts() {}

  /**
   * Gathers a part.
   *
   * @param parcel with a {@link Run}
   * @param policy as {@link RolloutPool#gather} takes it
   * @param part likewise
   * @return a {@link RolloutAnswer}
   */
  static byte[] gather(byte[] parcel, byte[] policy, byte[] part) throws IOException {
    Run run = RunParcel.head(parcel, Run.class);
    Here here = RUNS.computeIfAbsent(run.id(), id -> Here.of(run));
    String executor = SparkEnv.get().executorId();
    String host = SparkEnv.get().blockManager().blockManagerId().host();
    try {
      return new RolloutAnswer(executor, host, "", here.pool.gather(policy, part)).toBytes();
    } catch (RuntimeException e) {
      String refusal = String.valueOf(here.refusal.get());
      if (refusal.isEmpty()) {
        throw e;
      }
      return new RolloutAnswer(executor, host, refusal, new byte[0]).toBytes();
    }
  }

  private static OnPolicyTrainer start(
      Run run, UnaryOperator<Supplier<Mdp>> sparing, AtomicReference<String> refusal) {
    RunConfig config = run.config();
    Compute compute = Compute.create(Compute.Kernels.valueOf(config.kernels()), 1);
    try {
      Supplier<Mdp> made =
          RunEnvironments.find(ExecutorRollouts.class.getClassLoader())
              .of(config, run.environment());
      return (OnPolicyTrainer) RunWork.start(config, sparing.apply(made), compute);
    } catch (RuntimeException e) { // which would be the same the next time
      compute.close();
      String message = e.getMessage();
      refusal.set((message == null ? e.toString() : message).lines().findFirst().orElse(""));
      throw e;
    }
  }

  /** Lets go of all that a run has here. */
  static void forget(String id) {
    Here here = RUNS.remove(id);
    if (here != null) {
      here.pool.close();
    }
  }
}
