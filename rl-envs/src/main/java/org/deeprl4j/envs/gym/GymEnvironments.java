package org.deeprl4j.envs.gym;

import java.time.Duration;
import java.util.function.Supplier;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.jspecify.annotations.Nullable;

/**
 * Environments of one Gymnasium id, all in one process of the user's own Python, which needs the
 * packages gymnasium and numpy and whatever the environment itself needs. The steps of a vector of
 * them travel in one message.
 *
 * <p>The process starts with the first environment and ends with the last one's closing, a moment
 * later, or with this program, however that ends.
 */
public final class GymEnvironments implements Supplier<Mdp> {
  /** How a name begins that means a Gymnasium environment. */
  public static final String PREFIX = "gym:";

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final String id;
  private final String python;
  private final boolean rendering;
  private final boolean pipes;
  private final Duration patience;
  private @Nullable GymProcess process;

  /**
   * Environments of an id, without rendering.
   *
   * @param id as {@code gymnasium.make} takes it, {@code module:Name-v0} too
   * @param python the interpreter, a path or a name on the PATH
   */
  public GymEnvironments(String id, String python) {
    this(id, python, false, !GymProcess.socketsWork(), PATIENCE);
  }

  GymEnvironments(String id, String python, boolean rendering, boolean pipes, Duration patience) {
    this.id = id;
    this.python = python;
    this.rendering = rendering;
    this.pipes = pipes;
    this.patience = patience;
  }

  /** The same environments, able to {@link GymEnv#render}. */
  public GymEnvironments withRendering() {
    return new GymEnvironments(id, python, true, pipes, patience);
  }

  /**
   * The same environments with another time after which a process that does not answer is ended.
   */
  public GymEnvironments withPatience(Duration newPatience) {
    return new GymEnvironments(id, python, rendering, pipes, newPatience);
  }

  /** The same environments over the process's standard input and output, which work everywhere. */
  GymEnvironments withPipes() {
    return new GymEnvironments(id, python, rendering, true, patience);
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
   * A new environment, with its time limit.
   *
   * @throws IllegalArgumentException if the interpreter, a package or the id is missing, or a space
   *     is not supported
   * @throws GymException if Python fails in another way
   */
  @Override
  public synchronized Mdp get() {
    GymProcess running = process;
    GymProcess.Slot slot = running == null ? null : running.claim();
    if (running == null || slot == null) {
      running = GymProcess.start(id, python, rendering, pipes, patience);
      process = running;
      slot = running.claim();
      if (slot == null) {
        throw new GymException("gym:" + id + ": its process ended as soon as it had started");
      }
    }
    GymEnv env = new GymEnv(running, slot);
    int limit = running.maxSteps();
    return limit > 0 ? new TimeLimit(env, limit) : env;
  }
}
