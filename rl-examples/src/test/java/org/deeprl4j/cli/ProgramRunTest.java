package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.algorithms.run.StopRules;
import org.deeprl4j.algorithms.run.Training;
import org.deeprl4j.algorithms.run.TrainingListener;
import org.deeprl4j.algorithms.run.TrainingPlan;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.nn.Compute;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that a program records is one of the command line's. */
final class ProgramRunTest {
  private static final Supplier<Mdp> POLES = () -> Environments.make("CartPole-v1");
  private static final PpoConfig SETTINGS = PpoConfig.defaults().withRolloutSteps(64);

  @TempDir Path folder;

  /** Trains for 1024 steps, or on to them, evaluating twice. */
  private void train(Path path, TrainingListener... listeners) throws IOException {
    try (Compute compute = Compute.create(Compute.Kernels.JAVA, 1)) {
      TrainingSetup setup = new TrainingSetup(POLES, 1024, 3, compute);
      RunConfig run =
          RunConfig.of(Algorithms.PPO, setup, SETTINGS, "CartPole-v1").withEvaluateEvery(512);
      try (Trainer trainer = Algorithms.PPO.start(setup, SETTINGS);
          RunDirectory directory =
              Files.exists(path) ? RunDirectory.open(path) : RunDirectory.create(path, run)) {
        directory.restore(trainer);
        Training.run(trainer, TrainingPlan.of(directory, POLES, () -> false), listeners);
      }
    }
  }

  private Path trainedByCommand() {
    Path path = folder.resolve("command");
    Cli trained =
        Cli.run(
            "train",
            "ppo",
            "--env",
            "CartPole-v1",
            "--preset",
            "sb3-default",
            "--set",
            "environments=" + SETTINGS.environments(),
            "--set",
            "rolloutSteps=64",
            "--steps",
            1024,
            "--seed",
            3,
            "--evaluate-every",
            512,
            "--kernels",
            "JAVA",
            "--threads",
            1,
            "--out",
            path);
    assertEquals(0, trained.exitCode(), trained.err());
    return path;
  }

  @Test
  void program_recordsWhatTheCommandDoes() throws Exception {
    Path command = trainedByCommand();
    Path program = folder.resolve("program");
    train(program);
    RunConfig expected = RunDirectory.readConfig(command);
    assertEquals(
        expected.withPreset(null).withCommandLine(List.of()), RunDirectory.readConfig(program));
    for (String file : List.of("policy.bin", "best.bin", "evaluation.json")) {
      assertArrayEquals(
          Files.readAllBytes(command.resolve(file)),
          Files.readAllBytes(program.resolve(file)),
          file);
    }
    assertEquals(
        Cli.run("evaluate", command, "--episodes", 3).out(),
        Cli.run("evaluate", program, "--episodes", 3).out());
  }

  @Test
  void stoppedProgram_goesOnWithTheSameBits() throws Exception {
    Path whole = folder.resolve("whole");
    train(whole);
    Path stopped = folder.resolve("stopped");
    train(stopped, StopRules.atSteps(300, 0));
    long before = Files.size(stopped.resolve("metrics.csv"));
    train(stopped);
    assertTrue(Files.size(stopped.resolve("metrics.csv")) > before);
    assertArrayEquals(
        Files.readAllBytes(whole.resolve("policy.bin")),
        Files.readAllBytes(stopped.resolve("policy.bin")));
  }
}
