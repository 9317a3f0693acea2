package org.deeprl4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.deeprl4j.envs.classic.CartPole;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.wrappers.TimeLimit;

/**
 * A cart-pole that waits at some steps until it may go on, in a process that is started for that;
 * elsewhere the same one without waits. What happens in the middle of a run is tested so, however
 * fast or slow the machine is.
 */
public final class Held extends MdpWrapper {
  private static final String FOLDER = "HELD_FOLDER";
  private static final String STEPS = "HELD_STEPS";

  private final String folder = System.getenv(FOLDER);
  private final List<String> held =
      folder == null ? List.of() : Arrays.asList(System.getenv(STEPS).split(","));
  private int steps;

  /** Makes one. */
  public Held() {
    super(new TimeLimit(new CartPole(), 500));
  }

  /** A process whose run waits at steps. Its output goes to a file. */
  static Process start(Path folder, String steps, Path log, List<String> command)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put(FOLDER, folder.toString());
    builder.environment().put(STEPS, steps);
    return builder.start();
  }

  private static Path reached(Path folder, String step) {
    return folder.resolve("reached-" + step);
  }

  private static Path released(Path folder, String step) {
    return folder.resolve("released-" + step);
  }

  /** Waits for a run to come to a step at which it waits. */
  static void await(Process process, Path folder, int step) throws InterruptedException {
    while (process.isAlive() && !Files.exists(reached(folder, Integer.toString(step)))) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  /** Lets a run go on from a step. */
  static void release(Path folder, int step) throws IOException {
    Files.createFile(released(folder, Integer.toString(step)));
  }

  @Override
  public void step(float[] action, Step next) {
    String step = Integer.toString(++steps);
    if (held.contains(step)) {
      try {
        Files.createFile(reached(Path.of(folder), step));
        while (!Files.exists(released(Path.of(folder), step))) {
          TimeUnit.MILLISECONDS.sleep(5);
        }
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    super.step(action, next);
  }
}
