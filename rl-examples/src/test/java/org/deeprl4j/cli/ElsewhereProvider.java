package org.deeprl4j.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.training.OnPolicyTrainer;
import org.deeprl4j.algorithms.training.RolloutPool;
import org.deeprl4j.algorithms.training.RolloutWorkers;
import org.deeprl4j.experiments.execution.ClusterProvider;
import org.deeprl4j.experiments.execution.RunEnvironments;
import org.deeprl4j.experiments.execution.RunOutcome;
import org.deeprl4j.experiments.execution.RunTask;
import org.deeprl4j.experiments.execution.RunWork;
import org.deeprl4j.experiments.execution.Scheduler;
import org.deeprl4j.experiments.execution.ThreadScheduler;
import org.deeprl4j.nn.Compute;
import org.jspecify.annotations.Nullable;

/** Does what other machines do, which know of environments what they are told. */
public final class ElsewhereProvider implements ClusterProvider {
  /** What it was told, the last at the end. */
  static final List<String> TOLD = new ArrayList<>();

  private final RunEnvironments environments =
      RunEnvironments.find(ElsewhereProvider.class.getClassLoader());

  /** Made by the {@link java.util.ServiceLoader}. */
  public ElsewhereProvider() {}

  @Override
  public boolean accepts(String address) {
    return address.startsWith("elsewhere:");
  }

  @Override
  public Scheduler scheduler(
      String address, List<String> environment, Path out, @Nullable Path shared) {
    TOLD.add(address + " " + environment + " " + shared);
    return new Scheduler() {
      @Override
      public void execute(
          List<RunTask> tasks, Function<RunTask, RunOutcome> work, Consumer<RunOutcome> ended)
          throws InterruptedException {
        RunWork there =
            new RunWork(run -> environments.of(run, environment), task -> List.of(), () -> false);
        new ThreadScheduler(2).execute(tasks, there, ended);
      }

      @Override
      public void close() {
        TOLD.add("closed");
      }
    };
  }

  @Override
  public RolloutWorkers rolloutWorkers(String address, RunConfig run, List<String> environment) {
    TOLD.add(address + " " + run.environment() + " " + environment);
    RolloutPool pool =
        new RolloutPool(
            sparing ->
                (OnPolicyTrainer)
                    RunWork.start(
                        run,
                        sparing.apply(environments.of(run, environment)),
                        Compute.create(Compute.Kernels.valueOf(run.kernels()), 1)));
    return new RolloutWorkers() {
      private int rollouts;

      @Override
      public int count() {
        return 3;
      }

      @Override
      public List<byte[]> gather(byte[] policy, List<byte[]> parts, boolean stay) {
        TOLD.add(parts.size() + " parts");
        if (address.endsWith(":forgetful") && ++rollouts == 3) {
          pool.closeIdle(Duration.ZERO); // as if all of its machines were others now
        }
        return parts.stream().map(part -> pool.gather(policy, part)).toList();
      }

      @Override
      public void close() {
        pool.close();
        TOLD.add("closed");
      }
    };
  }
}
