package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Those that need a Python with gymnasium, named by RL_PYTHON, are skipped without. */
final class EnvironmentOptionTest {
  private static final String MODULE =
      """
      import gymnasium
      import numpy as np
      from gymnasium import spaces


      class Sized(gymnasium.Env):
          action_space = spaces.Discrete(2)

          def __init__(self, size=3, kind="a"):
              self.observation_space = spaces.Box(-1, 1, (size + len(kind),))

          def reset(self, seed=None, options=None):
              super().reset(seed=seed)
              self.t = 0
              return np.zeros(self.observation_space.shape, np.float32), {}

          def step(self, action):
              self.t += 1
              return np.zeros(self.observation_space.shape, np.float32), 1.0, self.t >= 5, False, {}


      gymnasium.register("Sized-v0", entry_point=Sized)
      gymnasium.register("Limited-v0", entry_point=Sized, max_episode_steps=3)
      """;

  @TempDir Path folder;

  private String python() throws Exception {
    String named = System.getenv("RL_PYTHON");
    assumeTrue(named != null, "RL_PYTHON names no Python with gymnasium: skipped");
    Files.writeString(folder.resolve("sized.py"), MODULE);
    Path file = folder.resolve("python");
    Files.writeString(file, "#!/bin/sh\nPYTHONPATH=" + folder + " exec " + named + " \"$@\"\n");
    assertTrue(file.toFile().setExecutable(true));
    return file.toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--env CartPole-v1 --env-processes 2 | --env-processes is for gym: environments",
        "--env CartPole-v1 --env-timeout 9 | --env-timeout is for gym: environments",
        "--env gym:CartPole-v1 --env-processes 0 | --env-processes must be at least 1, not 0",
        "--env gym:CartPole-v1 --env-timeout 0 | --env-timeout must be from 1 to 2592000 seconds, not 0",
        "--env CartPole-v1 --env-arg size | --env-arg must be NAME=VALUE, not 'size'",
        "--env CartPole-v1 --env-arg =3 | --env-arg must be NAME=VALUE, not '=3'",
        "--env CartPole-v1 --env-arg a=1 --env-arg a=2 | --env-arg a is given twice",
        "--env CartPole-v1 --env-arg a=1 | CartPole-v1 takes no arguments",
        "--env CartPole-v1,a=1 | CartPole-v1 takes no arguments",
        "--env CartPole-v1,a | an argument must be NAME=VALUE, not 'a'",
        "--env CartPole-v1 --python x | --python is for gym: environments, not for CartPole-v1",
        "--env CartPole-v1 --classpath . | --classpath is for environments that are named by a class",
        "--env gym:CartPole-v1 --classpath . | --classpath is for environments that are named by a class",
        "--env ArmReach,hand=a,hand=b | argument hand is given twice",
        "--env CartPole-v1 --wrap histroy=4 | no wrapper 'histroy'; did you mean history",
        "--env CartPole-v1 --wrap history | the wrapper history takes a whole number, as in history=4, not 'history'",
        "--env CartPole-v1 --wrap time-limit=long | the wrapper time-limit takes a whole number",
        "--env CartPole-v1 --wrap history=0 | the wrapper history=0 does not fit CartPole: a history needs",
        "--env CartPole-v1 --wrap discretize=3 | the wrapper discretize=3 does not fit CartPole: ",
        "--env CartPole-v1 --wrap time-limit=500 | no effect, since episodes are truncated after 500 steps",
        "--seed 3 | --env ENV",
      })
  void unsuitableArguments_areRefused(String options, String message) {
    Cli result = Cli.run((Object[]) ("check " + options).split(" "));
    assertEquals(2, result.exitCode(), result.err());
    assertTrue(result.err().contains(message), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
  }

  private static final String SOUND = BrokenEnvironments.class.getName() + "$Sound";

  private Path trained(String environment, Object... more) {
    Path run = folder.resolve("run");
    List<Object> arguments =
        new ArrayList<>(List.of("train", "ppo", "--env", environment, "--out", run, "--steps", 64));
    arguments.addAll(List.of("--set", "environments=1", "--set", "rolloutSteps=64"));
    arguments.addAll(List.of("--set", "batchSize=64", "--set", "hidden=8", "--episodes", 1));
    arguments.addAll(List.of(more));
    Cli result = Cli.run(arguments.toArray());
    assertEquals(0, result.exitCode(), result.err());
    return run;
  }

  @Test
  void maxEpisodeSteps_replacesTheEnvironmentsOwnLimit() {
    Path run = trained("Pendulum-v1", "--max-episode-steps", 300);
    assertTrue(Cli.run("evaluate", run, "--episodes", 1).out().contains("mean length 300.0"));
    String shorter = Cli.run("evaluate", run, "--episodes", 1, "--max-episode-steps", 20).out();
    assertTrue(shorter.contains("mean length 20.0"), shorter);

    String limited = BrokenEnvironments.class.getName() + "$Limited";
    Cli beyond = Cli.run("check", "--env", limited, "--max-episode-steps", 6);
    assertEquals(2, beyond.exitCode());
    assertTrue(
        beyond.err().contains("--max-episode-steps 6 has no effect: " + limited + " truncates its"),
        beyond.err());
    Cli within = Cli.run("check", "--env", limited, "--max-episode-steps", 5);
    assertTrue(within.err().isEmpty(), within.err());
  }

  @Test
  void wrappers_areRecorded_andUsedEverywhere() throws Exception {
    Path run = trained("Pendulum-v1", "--wrap", "history=2", "--wrap", "time-limit=20");
    assertEquals(List.of("history=2", "time-limit=20"), RunDirectory.readConfig(run).wrappers());
    Cli evaluated = Cli.run("evaluate", run, "--episodes", 1);
    assertTrue(evaluated.out().contains("mean length 20.0"), evaluated.err() + evaluated.out());
    Path film = folder.resolve("film.gif");
    Cli recorded = Cli.run("record", run, "--episodes", 1, "--out", film);
    assertEquals(0, recorded.exitCode(), recorded.err());
    Cli resumed = Cli.run("train", "--resume", run, "--steps", 128);
    assertEquals(0, resumed.exitCode(), resumed.err());
    Cli other = Cli.run("train", "--resume", run, "--steps", 192, "--wrap", "history=3");
    assertEquals(2, other.exitCode());
    assertTrue(other.err().contains("leave out --wrap"), other.err());
    Cli replaced = Cli.run("evaluate", run, "--episodes", 1, "--wrap", "history=3");
    assertEquals(2, replaced.exitCode());
    assertTrue(replaced.err().contains("the policy maps"), replaced.err());
    Cli same =
        Cli.run("evaluate", run, "--episodes", 1, "--wrap", "history=2", "--wrap", "time-limit=30");
    assertTrue(same.out().contains("mean length 30.0"), same.err() + same.out());
  }

  @Test
  void wrappers_areInnermostFirst_andChangeActions() {
    Path pole = trained("CartPole-v1", "--wrap", "frame-stack=3");
    assertEquals(0, Cli.run("evaluate", pole, "--episodes", 1).exitCode());
    Cli check =
        Cli.run("check", "--env", "Pendulum-v1", "--wrap", "discretize=3", "--wrap", "history=2");
    assertEquals(0, check.exitCode(), check.err() + check.out());
    // The other way round the history is of the torque itself.
    Cli inner =
        Cli.run("check", "--env", "Pendulum-v1", "--wrap", "history=2", "--wrap", "discretize=3");
    assertEquals(0, inner.exitCode(), inner.err() + inner.out());
  }

  @Test
  void resume_takesAnotherEnvironment_ofTheSameSpaces() throws Exception {
    Path run = trained(SOUND);
    String generous = BrokenEnvironments.class.getName() + "$Generous";
    Files.delete(run.resolve("evaluation.json"));
    Cli resumed =
        Cli.run(
            "train",
            "--resume",
            run,
            "--env",
            generous,
            "--classpath",
            folder,
            "--threads",
            2,
            "--kernels",
            "blas");
    assertEquals(0, resumed.exitCode(), resumed.err());
    assertTrue(resumed.err().contains("continuing after 64 steps"), resumed.err());
    assertTrue(resumed.err().contains("ppo on " + generous), resumed.err());
    assertTrue(resumed.err().contains("warning: this run used other kernels"), resumed.err());
    assertTrue(resumed.out().contains("mean return 20.00"), resumed.out());

    for (String[] command :
        new String[][] {
          {"train", "--resume", run.toString()},
          {"evaluate", run.toString()},
          {"view", run.toString()},
          {"record", run.toString(), "--out", folder.resolve("x.gif").toString()}
        }) {
      List<Object> arguments = new ArrayList<>(List.of((Object[]) command));
      arguments.addAll(List.of("--env", "CartPole-v1"));
      Cli other = Cli.run(arguments.toArray());
      assertEquals(2, other.exitCode(), other.err());
      assertTrue(
          other.err().contains("rl: the policy maps Box(0.0, 100.0, [1]) to Discrete(2), but"),
          other.err());
    }
    assertEquals(2, Cli.run("evaluate", run, "--threads", 0).exitCode());
    assertEquals(0, Cli.run("evaluate", run, "--threads", 2).exitCode());
  }

  @Test
  void arguments_areRecorded_andUsedFromThereOn() throws Exception {
    String python = python();
    Path run = folder.resolve("run");
    Cli trained =
        Cli.run(
            "train",
            "ppo",
            "--env",
            "gym:sized:Sized-v0",
            "--env-arg",
            "size=5",
            "--env-arg",
            "kind=a,b%",
            "--python",
            python,
            "--steps",
            128,
            "--set",
            "hidden=8",
            "--set",
            "rolloutSteps=64",
            "--set",
            "environments=1",
            "--out",
            run,
            "--episodes",
            1);
    assertEquals(0, trained.exitCode(), trained.err());
    JsonNode config = new ObjectMapper().readTree(run.resolve("config.json").toFile());
    assertEquals("gym:sized:Sized-v0,size=5,kind=a%2Cb%25", config.get("environment").asText());

    Cli evaluated = Cli.run("evaluate", run, "--episodes", 2);
    assertEquals(0, evaluated.exitCode(), evaluated.err());
    assertTrue(evaluated.out().contains("mean return 5.00"), evaluated.out());
    Cli other = Cli.run("evaluate", run, "--episodes", 2, "--env-arg", "size=4");
    assertEquals(2, other.exitCode());
    assertTrue(other.err().contains("Box(-1.0, 1.0, [8])"), other.err());
    Cli same =
        Cli.run("evaluate", run, "--episodes", 2, "--env-arg", "size=6", "--env-arg", "kind=abc");
    assertEquals(0, same.exitCode(), same.err());

    String limitedTo3 = "gym:sized:Limited-v0,size=8";
    Cli limited = Cli.run("evaluate", run, "--episodes", 2, "--env", limitedTo3);
    assertTrue(limited.out().contains("mean length 3.0"), limited.err());
    String later =
        Cli.run(
                "evaluate",
                run,
                "--episodes",
                2,
                "--env",
                limitedTo3,
                "--max-episode-steps",
                4,
                "--python",
                python)
            .out();
    assertTrue(later.contains("mean length 4.0"), later);

    Cli unfit = Cli.run("train", "--resume", run, "--env-arg", "size=4");
    assertEquals(2, unfit.exitCode());
    assertTrue(unfit.err().contains("Box(-1.0, 1.0, [8])"), unfit.err());
    Cli resumed =
        Cli.run(
            "train",
            "--resume",
            run,
            "--env-arg",
            "size=6",
            "--env-arg",
            "kind=abc",
            "--python",
            python,
            "--env-processes",
            1);
    assertEquals(0, resumed.exitCode(), resumed.err());
    assertTrue(resumed.err().contains("size=6,kind=abc"), resumed.err());
  }

  /** As a terminal or a service manager sends it, to all processes. */
  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void signals_stopARun_whichGoesOn(String signal) throws Exception {
    Path run = folder.resolve("run");
    Path log = folder.resolve("log");
    String python = python();
    // What runs in the background of a shell ignores SIGINT, and so would its children.
    String heeding =
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
            + "os.execv(sys.argv[1], sys.argv[1:])";
    String options =
        "train ppo --env gym:sized:Sized-v0 --env-processes 2 --steps 10000000 --set hidden=8 "
            + "--set environments=2 --set rolloutSteps=64 --seed 3 --python "
            + python
            + " --out "
            + run;
    List<String> command = new ArrayList<>(List.of(python, "-c", heeding));
    command.addAll(Cli.process((Object[]) options.split(" ")));
    Process java =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      Path metrics = run.resolve("metrics.csv");
      while (java.isAlive() && !(Files.exists(metrics) && Files.size(metrics) > 1000)) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
      List<ProcessHandle> children = java.children().toList();
      assertEquals(2, children.size(), () -> children + ": see " + log);
      for (ProcessHandle child : children) {
        send(signal, child.pid());
      }
      send(signal, java.pid());
      assertTrue(java.waitFor(120, TimeUnit.SECONDS));
      String printed = Files.readString(log);
      assertTrue(printed.contains("stopped at "), printed);
      assertFalse(printed.contains("rl: "), printed);
      assertTrue(Files.exists(run.resolve("checkpoint.bin")), printed);
      assertTrue(Files.exists(run.resolve("policy.bin")), printed);
      for (ProcessHandle child : children) {
        child.onExit().get(60, TimeUnit.SECONDS);
      }
    } finally {
      java.destroyForcibly();
    }
    Cli evaluated = Cli.run("evaluate", run, "--episodes", 1);
    assertEquals(0, evaluated.exitCode(), evaluated.err());
  }

  private static void send(String signal, long pid) throws Exception {
    new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor();
  }
}
