package org.deeprl4j.envs.gym;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.jspecify.annotations.Nullable;

/**
 * Environments of one Gymnasium id, in processes of the user's own Python, which needs the packages
 * gymnasium and numpy and whatever the environment itself needs. The steps of those that share a
 * process travel in one message, and the processes step side by side. How many processes there are
 * changes no result.
 *
 * <p>The first environment starts the first process. A further one starts another as long as there
 * may be more, and else joins the process that has the fewest. A process ends a moment after its
 * last environment is closed, and with this program, however that ends.
 */
public final class GymEnvironments implements Supplier<Mdp> {
  /** How a name begins that means a Gymnasium environment. */
  public static final String PREFIX = "gym:";

  /** How long Python may take for one thing where nothing else is asked for. */
  public static final Duration PATIENCE = Duration.ofMinutes(5);

  /**
   * How processes are started.
   *
   * @param arguments of the environment's constructor
   * @param pipes whether to converse by standard input and output rather than by a socket
   * @param patience after which a process that does not answer is ended
   */
  record Launch(
      String id,
      String python,
      Map<String, String> arguments,
      boolean rendering,
      boolean pipes,
      Duration patience) {}

  private final Launch launch;
  private final int mostProcesses;
  private final AtomicReference<List<GymProcess>> processes = new AtomicReference<>(List.of());

  /**
   * Environments of an id, made without arguments and without rendering, in at most as many
   * processes as there are cores.
   *
   * @param id as {@code gymnasium.make} takes it, {@code module:Name-v0} too
   * @param python the interpreter, a path or a name on the PATH
   */
  public GymEnvironments(String id, String python) {
    this(
        new Launch(id, python, Map.of(), false, !GymProcess.socketsWork(), PATIENCE),
        Runtime.getRuntime().availableProcessors());
  }

  private GymEnvironments(Launch launch, int mostProcesses) {
    this.launch = launch;
    this.mostProcesses = mostProcesses;
  }

  /**
   * The same environments with arguments for their constructor, by name. A value is read as JSON or
   * as a Python literal ({@code 5}, {@code 0.1}, {@code true}, {@code [1, 2]}), and is a string
   * where it is neither.
   */
  public GymEnvironments withArguments(Map<String, String> arguments) {
    Map<String, String> copy = Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
    return new GymEnvironments(
        new Launch(launch.id, launch.python, copy, launch.rendering, launch.pipes, launch.patience),
        mostProcesses);
  }

  /** The same environments, able to {@link GymEnv#render}. */
  public GymEnvironments withRendering() {
    return new GymEnvironments(
        new Launch(launch.id, launch.python, launch.arguments, true, launch.pipes, launch.patience),
        mostProcesses);
  }

  /**
   * The same environments with another time after which a process that does not answer is ended:
   * for one step of one environment, for one reset, and for making one, which is given two minutes
   * at least.
   *
   * @throws IllegalArgumentException if it is not positive, or more than 30 days
   */
  public GymEnvironments withPatience(Duration patience) {
    if (patience.isNegative() || patience.isZero() || patience.toDays() > 30) {
      throw new IllegalArgumentException(
          "the time that an environment may take must be positive and at most 30 days, not "
              + patience);
    }
    return new GymEnvironments(
        new Launch(
            launch.id, launch.python, launch.arguments, launch.rendering, launch.pipes, patience),
        mostProcesses);
  }

  /**
   * The same environments in at most so many processes.
   *
   * @throws IllegalArgumentException if it is less than 1
   */
  public GymEnvironments withProcesses(int most) {
    if (most < 1) {
      throw new IllegalArgumentException(
          "the number of Python processes must be at least 1, not " + most);
    }
    return new GymEnvironments(launch, most);
  }

  /** The same environments over the process's standard input and output, which work everywhere. */
  GymEnvironments withPipes() {
    return new GymEnvironments(
        new Launch(
            launch.id, launch.python, launch.arguments, launch.rendering, true, launch.patience),
        mostProcesses);
  }

  /**
   * The interpreter where none is named: that of the environment variable RL_PYTHON, or {@code
   * python3}.
   */
  public static String defaultPython() {
    String named = System.getenv("RL_PYTHON");
    if (named != null && !named.isBlank()) {
      return named;
    }
    return System.getProperty("os.name").startsWith("Windows") ? "python" : "python3";
  }

  /**
   * A new environment, with its time limit. One with goals is a {@link org.deeprl4j.mdp.GoalMdp}.
   *
   * @throws IllegalArgumentException if the interpreter, a package or the id is missing, the
   *     constructor fails, or a space is not supported
   * @throws GymException if Python fails in another way
   */
  @Override
  public synchronized Mdp get() {
    GymProcess process = leastUsed();
    GymProcess.Slot slot = process == null ? null : process.claim();
    if (process == null || slot == null) {
      process = GymProcess.start(launch, processes);
      slot = process.claim();
      if (slot == null) {
        throw new GymException(
            PREFIX + launch.id + ": its process ended as soon as it had started");
      }
      List<GymProcess> all = new ArrayList<>(processes.get());
      all.add(process);
      processes.set(List.copyOf(all));
    }
    GymEnv env = process.hasGoals() ? new GymGoalEnv(process, slot) : new GymEnv(process, slot);
    int limit = process.maxSteps();
    return limit > 0 ? new TimeLimit(env, limit) : env;
  }

  /** The process for the next environment, or null where it needs a new one. */
  private @Nullable GymProcess leastUsed() {
    List<GymProcess> live =
        Objects.requireNonNull(processes.get()).stream()
            .filter(process -> !process.ended())
            .toList();
    processes.set(live);
    return live.stream()
        .min(Comparator.comparingInt(GymProcess::used))
        .filter(process -> process.used() == 0 || live.size() >= mostProcesses)
        .orElse(null);
  }
}
