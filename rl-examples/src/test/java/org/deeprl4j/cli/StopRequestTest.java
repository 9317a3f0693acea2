package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.training.Trainer.Metrics;
import org.deeprl4j.envs.classic.CartPole;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C and SIGTERM in the middle of a long iteration. */
final class StopRequestTest {
  @TempDir Path folder;

  /** A cart-pole whose steps take 12 ms, and an iteration of 256 of them 3 s. */
  public static final class Slow extends MdpWrapper {
    public Slow() {
      super(new TimeLimit(new CartPole(), 500));
    }

    @Override
    public void step(float[] action, Step next) {
      try {
        TimeUnit.MILLISECONDS.sleep(12);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      super.step(action, next);
    }
  }

  private static final Metrics NONE = new Metrics(Map.of(), Map.of());

  private static List<String> said(StringWriter err) {
    return err.toString().lines().toList();
  }

  @Test
  void stop_announcesItsLimit_andThenGivesUp() {
    StringWriter err = new StringWriter();
    StopRequest stop = new StopRequest(new PrintWriter(err), Path.of("run"), 0, 1);
    assertFalse(stop.requested());
    stop.stop();
    assertTrue(stop.requested());
    assertEquals(
        List.of(
            "stopping after the current iteration, in 1 s at most",
            "the iteration has not ended, and there is no checkpoint before it"),
        said(err));
    stop.onCheckpoint(512, Path.of("run"));
    stop.stop();
    assertEquals(
        "the iteration has not ended; continue from the checkpoint at 512 steps with: rl train --resume run",
        said(err).get(3));
  }

  @Test
  void stop_allowsTwiceTheLongestIteration() throws Exception {
    StringWriter err = new StringWriter();
    StopRequest stop = new StopRequest(new PrintWriter(err), Path.of("run"), 0, 1);
    TimeUnit.MILLISECONDS.sleep(600);
    stop.onIteration(1, 1, NONE);
    stop.onIteration(2, 1, NONE);
    Thread waiting = new Thread(stop::stop);
    waiting.start();
    while (said(err).isEmpty()) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    stop.close();
    waiting.join(500);
    assertFalse(waiting.isAlive());
    assertEquals(List.of("stopping after the current iteration, in 2 s at most"), said(err));
  }

  @Test
  void stop_saysNothing_afterTheRunHasEnded() {
    StringWriter err = new StringWriter();
    StopRequest stop = new StopRequest(new PrintWriter(err), Path.of("run"), 1000, 60);
    stop.close();
    stop.stop();
    assertEquals("", err.toString());
  }

  private static List<String> metricsWithoutTime(Path run) throws IOException {
    try (Stream<String> lines = Files.lines(run.resolve("metrics.csv"))) {
      return lines.map(line -> line.replaceFirst("(,[^,]*){2}", "")).toList();
    }
  }

  @Test
  void signalInALongIteration_isAnsweredAtOnce_andTheRunGoesOnBitForBit() throws Exception {
    String options =
        "train ppo --env %s --steps 512 --episodes 0 --seed 5 --set environments=1 --set hidden=8 --set rolloutSteps=256 --set batchSize=64 --out "
            .formatted(Slow.class.getName());
    Path run = folder.resolve("run");
    Path log = folder.resolve("log");
    Process java =
        new ProcessBuilder(Cli.process((Object[]) (options + run).split(" ")))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      while (java.isAlive() && !Files.readString(log).contains("kernels: ")) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
      TimeUnit.MILLISECONDS.sleep(300);
      long sent = System.nanoTime();
      new ProcessBuilder("kill", "-TERM", Long.toString(java.pid())).start().waitFor();
      String answer = "stopping after the current iteration, in 60 s at most";
      while (java.isAlive() && !Files.readString(log).contains(answer)) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
      double seconds = (System.nanoTime() - sent) * 1e-9;
      assertTrue(java.waitFor(60, TimeUnit.SECONDS));
      String printed = Files.readString(log);
      assertTrue(printed.contains(answer), printed);
      assertTrue(seconds < 2, () -> "answered after " + seconds + " s");
      assertTrue(printed.contains("stopped at 256 steps"), printed);
    } finally {
      java.destroyForcibly();
    }
    Cli resumed = Cli.run("train", "--resume", run);
    assertEquals(0, resumed.exitCode(), resumed.err());
    Path whole = folder.resolve("whole");
    assertEquals(0, Cli.run((Object[]) (options + whole).split(" ")).exitCode());
    assertEquals(metricsWithoutTime(whole), metricsWithoutTime(run));
    assertArrayEquals(
        Files.readAllBytes(whole.resolve("policy.bin")),
        Files.readAllBytes(run.resolve("policy.bin")));
  }
}
