package org.deeprl4j.spark;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.training.OnPolicyTrainer;
import org.deeprl4j.algorithms.training.RemoteRollouts;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.experiments.execution.RunEnvironments;
import org.deeprl4j.experiments.execution.RunWork;
import org.deeprl4j.nn.Compute;

/**
 * What an executor does with a part of a rollout. The environments and networks of a run stay in
 * the executor from rollout to rollout, as many of them as it has gathered parts at once; nothing
 * depends on what they have done before.
 */
final class ExecutorRollouts {
  /**
   * A run.
   *
   * @param id of the program that the rollouts are for
   * @param environment options of the command line on environments
   */
  record Run(String id, RunConfig config, List<String> environment) {}

  /** A trainer of a run, of which only the environments and the policy are used. */
  private record Worker(OnPolicyTrainer trainer, Compute compute) implements AutoCloseable {
    @Override
    public void close() {
      trainer.close();
      compute.close();
    }
  }

  /** Those that do nothing now, by runs. */
  private static final Map<String, Queue<Worker>> FREE = new ConcurrentHashMap<>();

  private ExecutorRollouts() {}

  /**
   * Gathers a part.
   *
   * @param parcel with a {@link Run}
   * @param policy as {@link RemoteRollouts#gather(OnPolicyTrainer, byte[], byte[])} takes it
   * @param part likewise
   */
  static byte[] gather(byte[] parcel, byte[] policy, byte[] part) throws IOException {
    Run run = RunParcel.head(parcel, Run.class);
    Queue<Worker> free = FREE.computeIfAbsent(run.id(), id -> new ConcurrentLinkedQueue<>());
    Worker waiting = free.poll();
    Worker worker = waiting == null ? start(run) : waiting;
    boolean sound = false;
    try {
      byte[] rows = RemoteRollouts.gather(worker.trainer(), policy, part);
      sound = true;
      return rows;
    } finally {
      if (sound) {
        free.add(worker);
      } else {
        worker.close();
      }
    }
  }

  private static Worker start(Run run) {
    RunConfig config = run.config();
    RunEnvironments environments = RunEnvironments.find(ExecutorRollouts.class.getClassLoader());
    Compute compute = Compute.create(Compute.Kernels.valueOf(config.kernels()), 1);
    boolean begun = false;
    try {
      Trainer trainer = RunWork.start(config, environments.of(config, run.environment()), compute);
      begun = true;
      return new Worker((OnPolicyTrainer) trainer, compute);
    } finally {
      if (!begun) {
        compute.close();
      }
    }
  }

  /** Lets go of all that a run has here. */
  static void forget(String id) {
    Queue<Worker> all = FREE.remove(id);
    if (all != null) {
      all.forEach(Worker::close);
    }
  }
}
