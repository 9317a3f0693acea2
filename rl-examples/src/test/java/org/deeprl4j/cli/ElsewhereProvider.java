package org.deeprl4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.deeprl4j.experiments.RunEnvironments;
import org.deeprl4j.experiments.RunOutcome;
import org.deeprl4j.experiments.RunTask;
import org.deeprl4j.experiments.RunWork;
import org.deeprl4j.experiments.Scheduler;
import org.deeprl4j.experiments.SchedulerProvider;
import org.deeprl4j.experiments.ThreadScheduler;
import org.jspecify.annotations.Nullable;

/** Schedules runs as on another machine, which knows of environments what it is told. */
public final class ElsewhereProvider implements SchedulerProvider {
  /** What it was told, the last at the end. */
  static final List<String> TOLD = new ArrayList<>();

  /** Made by the {@link java.util.ServiceLoader}. */
  public ElsewhereProvider() {}

  @Override
  public boolean accepts(String address) {
    return address.startsWith("elsewhere:");
  }

  @Override
  public Scheduler connect(String address, List<String> environment, @Nullable Path shared) {
    TOLD.add(address + " " + environment + " " + shared);
    RunEnvironments environments = RunEnvironments.find(ElsewhereProvider.class.getClassLoader());
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
}
