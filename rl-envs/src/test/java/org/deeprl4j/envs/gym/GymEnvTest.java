package org.deeprl4j.envs.gym;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.envs.Trace;
import org.deeprl4j.mdp.EnvironmentChecker;
import org.deeprl4j.mdp.EnvironmentException;
import org.deeprl4j.mdp.Finding;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.VectorEnv;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Needs a Python with gymnasium[mujoco], named by RL_PYTHON; skipped without. */
final class GymEnvTest {
  @TempDir Path folder;
  private String python;

  /** An interpreter that finds the environments of the tests. */
  @BeforeEach
  void findPython() throws Exception {
    String named = System.getenv("RL_PYTHON");
    assumeTrue(named != null, "RL_PYTHON names no Python with gymnasium[mujoco]: skipped");
    Path modules = Path.of(getClass().getResource("/gym/bridge_envs.py").toURI()).getParent();
    python = script("PYTHONPATH=" + modules + " exec " + named + " \"$@\"");
  }

  private String script(String line) throws IOException {
    Path file = folder.resolve("python" + line.hashCode());
    Files.writeString(file, "#!/bin/sh\n" + line + "\n");
    assertTrue(file.toFile().setExecutable(true));
    return file.toString();
  }

  private GymEnvironments own(String name) {
    return new GymEnvironments("bridge_envs:" + name + "-v0", python)
        .withPatience(Duration.ofSeconds(2));
  }

  private GymEnvironments theirs(String id) {
    return new GymEnvironments(id, python);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CartPole-v1", "Pendulum-v1", "HalfCheetah-v5"})
  void checker_passesGymnasiums(String id) {
    List<Finding> findings = EnvironmentChecker.check(theirs(id), 1);
    assertEquals(List.of(), errors(findings));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Named", "Choices"})
  void checker_passesEverySpace(String name) {
    assertEquals(List.of(), errors(EnvironmentChecker.check(own(name), 1)));
    assertEquals(List.of(), errors(EnvironmentChecker.check(own(name).withPipes(), 2)));
  }

  private static List<Finding> errors(List<Finding> findings) {
    return findings.stream().filter(f -> f.severity() == Finding.Severity.ERROR).toList();
  }

  @Test
  void spaces_areTranslated() {
    try (Mdp mdp = own("Named").get()) {
      Map<String, Space> inner = new LinkedHashMap<>();
      inner.put("0", new Discrete(2));
      inner.put("1", MultiDiscrete.of(2, 4));
      Map<String, Space> parts = new LinkedHashMap<>(); // Gymnasium sorts the keys
      parts.put("bits", new MultiBinary(2));
      parts.put("inner", new Dict(inner));
      parts.put("where", Box.of(-1, 1, 2, 3));
      parts.put("which", new Discrete(3));
      assertEquals(new Dict(parts), mdp.observationSpace());
      assertEquals(new Discrete(3), mdp.actionSpace());
      float[] observation = new float[mdp.observationSpace().size()];
      mdp.reset(new Rng(1), observation);
      assertArrayEquals(new float[] {0, 1, 0, 1, 0}, Arrays.copyOf(observation, 5));
      assertEquals(0, observation[11]);
      Step step = new Step(observation.length);
      mdp.step(new float[] {2}, step); // action 1, the start being -1
      assertEquals(1, step.reward());
      assertEquals(1, step.observation()[11]);
      assertEquals(observation[5] + 0.1f, step.observation()[5], 1e-6);
    }
    try (Mdp mdp = theirs("HalfCheetah-v5").get()) {
      assertEquals(Box.unbounded(17), mdp.observationSpace());
      assertEquals(Box.of(-1, 1, 6), mdp.actionSpace());
      assertEquals(1000, MdpWrapper.find(mdp, TimeLimit.class).orElseThrow().maxSteps());
    }
  }

  @Test
  void ends_andSuccess_areTold() {
    try (Mdp mdp = own("Named").get()) {
      Step step = new Step(mdp.observationSpace().size());
      mdp.reset(new Rng(1), step.observation());
      for (int t = 1; t <= 7; t++) {
        assertFalse(step.ended());
        step.clear();
        mdp.step(new float[] {2}, step);
      }
      assertTrue(step.terminated() && !step.truncated());
      assertTrue(step.successDefined());
      assertEquals(step.observation()[5] > 0, step.success());
      assertThrows(IllegalStateException.class, () -> mdp.step(new float[] {0}, step));
    }
  }

  @Test
  void cartPole_isOurs() {
    double[][] states = new double[60][4];
    float[][] actions = new float[60][1];
    Rng random = new Rng(3);
    for (int t = 0; t < states.length; t++) {
      for (int i = 0; i < 4; i++) {
        states[t][i] = random.nextDouble(-0.3, 0.3);
      }
      actions[t][0] = random.nextInt(2);
    }
    try (Mdp theirs = theirs("CartPole-v1").get();
        Mdp ours = Environments.make("CartPole-v1")) {
      List<Trace.Row> expected = Trace.run(ours, states, actions, new Rng(0));
      List<Trace.Row> found = Trace.run(theirs, states, actions, new Rng(0));
      assertEquals(expected.size(), found.size());
      for (int t = 0; t < found.size(); t++) {
        assertArrayEquals(expected.get(t).nextState(), found.get(t).nextState(), 1e-12);
        assertArrayEquals(expected.get(t).observation(), found.get(t).observation(), 1e-6f);
        assertEquals(expected.get(t).reward(), found.get(t).reward());
        assertEquals(expected.get(t).terminated(), found.get(t).terminated());
      }
    }
  }

  @Test
  void stateThatIsNotThere_isNamed() {
    try (Mdp mdp = theirs("HalfCheetah-v5").get()) {
      assertMessage(
          IllegalArgumentException.class,
          () -> Trace.run(mdp, new double[][] {new double[18]}, new float[1][6], new Rng(0)),
          "gym:HalfCheetah-v5",
          "no unwrapped.state");
    }
    try (Mdp mdp = theirs("CartPole-v1").get()) {
      assertMessage(
          IllegalArgumentException.class,
          () -> Trace.run(mdp, new double[][] {new double[3]}, new float[1][1], new Rng(0)),
          "the state must have length 4, not 3");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void vectors_ofAnyKind_giveTheSame(boolean pipes) {
    List<double[]> runs = new ArrayList<>();
    for (int kind = 0; kind < 3; kind++) {
      GymEnvironments environments = pipes ? own("Choices").withPipes() : own("Choices");
      List<Mdp> mdps = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        // All but the first kind hide that they take announcements.
        Mdp mdp = environments.get();
        mdps.add(kind > 0 ? new MdpWrapper(mdp) {} : mdp);
      }
      Rng random = new Rng(4);
      try (VectorEnv vector = VectorEnv.of(mdps, new Rng(5), kind == 2 ? 3 : 1)) {
        vector.reset();
        double[] all = new double[100 * 5 * 3];
        int at = 0;
        float[] actions = new float[10];
        int ends = 0;
        for (int t = 0; t < 100; t++) {
          for (int i = 0; i < 5; i++) {
            vector.actionSpace().sample(random, actions, 2 * i);
          }
          vector.step(actions);
          for (int i = 0; i < 5; i++) {
            all[at++] = vector.rewards()[i];
            all[at++] = vector.observations()[2 * i];
            all[at++] = vector.nextObservations()[2 * i + 1];
          }
          for (boolean ended : vector.ended()) {
            ends += ended ? 1 : 0;
          }
        }
        assertTrue(ends > 10, "episodes ended: " + ends);
        runs.add(all);
      }
    }
    assertArrayEquals(runs.get(0), runs.get(1));
    assertArrayEquals(runs.get(0), runs.get(2));
  }

  @Test
  void pythonsException_isShownWithItsTraceback() {
    try (Mdp mdp = own("Failing").get()) {
      Step step = new Step(2);
      mdp.reset(new Rng(1), step.observation());
      mdp.step(new float[1], step);
      mdp.step(new float[1], step);
      assertMessage(
          GymException.class,
          () -> mdp.step(new float[1], step),
          "bridge_envs:Failing-v0: step failed in Python",
          "RuntimeError: the robot fell over",
          "in fall_over",
          "bridge_envs.py");
    }
    VectorEnv vector =
        VectorEnv.of(List.of(own("Failing").get(), own("Failing").get()), new Rng(1), 1);
    try (vector) {
      vector.reset();
      assertMessage(
          EnvironmentException.class,
          () -> {
            for (int t = 0; t < 5; t++) {
              vector.step(new float[2]);
            }
          },
          "environment 0 (GymEnv), step 3",
          "the robot fell over");
    }
  }

  @Test
  void aHangingProcess_isEnded() throws Exception {
    GymEnvironments environments = own("Hanging");
    try (Mdp mdp = environments.get()) {
      Step step = new Step(2);
      mdp.reset(new Rng(1), step.observation());
      long start = System.nanoTime();
      assertMessage(
          GymException.class,
          () -> mdp.step(new float[1], step),
          "step: it did not answer in time (2 s)");
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5));
    }
    awaitChildren(0);
    environments.get().close(); // and another one can be made
  }

  @Test
  void aDyingProcess_isReported_withItsLastWords() {
    try (Mdp mdp = own("Dying").get()) {
      Step step = new Step(2);
      mdp.reset(new Rng(1), step.observation());
      assertMessage(
          GymException.class,
          () -> mdp.step(new float[1], step),
          "step: its process ended with exit code 7",
          "last words");
      assertMessage(
          GymException.class, () -> mdp.reset(new Rng(1), new float[2]), "its process has ended");
    }
  }

  @Test
  void aKilledProcess_isReported() {
    try (Mdp mdp = own("Idle").get()) {
      Step step = new Step(2);
      mdp.reset(new Rng(1), step.observation());
      ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
      long start = System.nanoTime();
      assertThrows(
          GymException.class,
          () -> {
            for (int t = 0; t < 100_000; t++) {
              mdp.step(new float[1], step);
            }
          });
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5));
    }
  }

  @Test
  void theProcess_endsWithItsEnvironments() throws Exception {
    Mdp one = own("Idle").get();
    assertTrue(children() > 0);
    one.close();
    one.close();
    awaitChildren(0);
  }

  private static long children() {
    return ProcessHandle.current().children().count();
  }

  private static void awaitChildren(int count) throws InterruptedException {
    for (int i = 0; i < 100 && children() > count; i++) {
      Thread.sleep(100);
    }
    assertEquals(count, children());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsPrinted_disturbsNothing(boolean pipes) {
    try (Mdp mdp = (pipes ? own("Talking").withPipes() : own("Talking")).get()) {
      Step step = new Step(2);
      mdp.reset(new Rng(1), step.observation());
      for (int t = 0; t < 50; t++) {
        mdp.step(new float[1], step);
        assertEquals(1, step.reward());
      }
    }
  }

  @Test
  void pictures_areTheirs() {
    Mdp mdp = own("Drawn").withRendering().get();
    try (GymEnv env = (GymEnv) MdpWrapper.base(mdp)) {
      mdp.reset(new Rng(1), new float[2]);
      BufferedImage image = env.render();
      assertEquals(6, image.getWidth());
      assertEquals(4, image.getHeight());
      assertEquals(0xff0a141e, image.getRGB(1, 0));
      assertEquals(0xff000000, image.getRGB(0, 0));
      assertEquals(12, env.framesPerSecond());
    }
    try (GymEnv env = (GymEnv) own("Drawn").get()) {
      assertMessage(IllegalStateException.class, env::render, "without rendering");
    }
  }

  @Test
  void badActions_neverReachPython() {
    try (Mdp mdp = own("Idle").get()) {
      Step step = new Step(2);
      mdp.reset(new Rng(1), step.observation());
      assertMessage(
          IllegalArgumentException.class,
          () -> mdp.step(new float[] {Float.NaN}, step),
          "gym:bridge_envs:Idle-v0: action[0] is NaN");
      assertMessage(
          IllegalArgumentException.class,
          () -> mdp.step(new float[2], step),
          "the action must have length 1, not 2");
    }
  }

  @Test
  void whatIsMissing_isNamed() throws IOException {
    assertMessage(
        IllegalArgumentException.class,
        () -> new GymEnvironments("CartPole-v1", "/no/such/python").get(),
        "Python cannot be started as '/no/such/python'",
        "--python");
    assertMessage(
        IllegalArgumentException.class,
        () -> theirs("CartPoll-v1").get(),
        "gym:CartPoll-v1",
        "NameNotFound",
        "CartPoll");
    assertMessage(
        IllegalArgumentException.class,
        () -> own("Worded").get(),
        "the observation space Text",
        "is not supported");
    String bare = script("exec " + System.getenv("RL_PYTHON") + " -S \"$@\"");
    assertMessage(
        IllegalArgumentException.class,
        () -> new GymEnvironments("CartPole-v1", bare).get(),
        "the package",
        "is missing in",
        "pip install gymnasium");
    assertMessage(
        GymException.class,
        () -> new GymEnvironments("CartPole-v1", "/bin/false").get(),
        "its process ended with exit code 1");
  }

  private static void assertMessage(
      Class<? extends RuntimeException> type, Runnable call, String... parts) {
    String message = assertThrows(type, call::run).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "'" + part + "' is not in: " + message);
    }
  }
}
