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
import java.util.stream.Stream;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.envs.Trace;
import org.deeprl4j.mdp.EnvironmentChecker;
import org.deeprl4j.mdp.EnvironmentException;
import org.deeprl4j.mdp.Finding;
import org.deeprl4j.mdp.GoalMdp;
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
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Needs a Python with gymnasium[mujoco], named by RL_PYTHON; skipped without. */
final class GymEnvTest {
  /** Where what is slow must be waited for, or what hangs must not. */
  private static final Duration SHORT = Duration.ofSeconds(2);

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
    return new GymEnvironments("bridge_envs:" + name + "-v0", python);
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
  void endsAndSuccess_arePassedOn() {
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
          "environment 0 (gym:bridge_envs:Failing-v0), step 3",
          "the robot fell over");
    }
  }

  @Test
  void hangingProcess_isEnded() throws Exception {
    GymEnvironments environments = own("Hanging").withPatience(SHORT);
    try (Mdp mdp = environments.get()) {
      Step step = new Step(2);
      mdp.reset(new Rng(1), step.observation());
      long start = System.nanoTime();
      assertMessage(
          GymException.class,
          () -> mdp.step(new float[1], step),
          "step: it did not answer in time (2 s)");
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(60));
    }
    awaitChildren(0);
    environments.get().close(); // and another one can be made
  }

  /** Before and in the middle of every wait: nothing is lost, and the thread stays interrupted. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anInterrupt_endsNoWait(boolean pipes) throws Exception {
    GymEnvironments environments = pipes ? own("SlowSteps").withPipes() : own("SlowSteps");
    Thread.currentThread().interrupt();
    try (Mdp mdp = environments.get()) {
      assertTrue(Thread.interrupted(), "after the start");
      Step step = new Step(2);
      mdp.reset(new Rng(1), step.observation());
      for (int t = 1; t < 4; t++) {
        Thread waiting = Thread.currentThread();
        Thread other =
            new Thread(
                () -> {
                  for (int i = 0; i < 3; i++) {
                    sleep(100); // of the 500 ms of a step
                    waiting.interrupt();
                  }
                });
        other.start();
        mdp.step(new float[] {t / 4f}, step);
        assertEquals(t / 4f, step.reward());
        while (other.isAlive()) { // which a busy machine delays
          Thread.onSpinWait();
        }
        assertTrue(Thread.interrupted(), "after step " + t);
      }
      Thread.currentThread().interrupt();
    }
    assertTrue(Thread.interrupted(), "after the end");
    awaitChildren(0);
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void dyingProcess_isReported_withItsLastOutput() {
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
  void killedProcess_isReported() {
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
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(60));
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
  void printedOutput_disturbsNothing(boolean pipes) {
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

  // ---- What environments are like ----

  @Test
  void slowStart_isWaitedFor() {
    GymEnvironments environments = own("SlowMaking").withPatience(SHORT).withProcesses(1);
    try (Mdp one = environments.get();
        Mdp two = environments.get()) {
      one.reset(new Rng(1), new float[2]);
      two.reset(new Rng(1), new float[2]);
    }
  }

  @Test
  void slowSteps_ofManyEnvironments_haveTheirTimeEach() {
    // Five steps of half a second in one message, with a limit of two seconds.
    GymEnvironments environments = own("SlowSteps").withPatience(SHORT).withProcesses(1);
    List<Mdp> mdps = Stream.generate(environments).limit(5).toList();
    try (VectorEnv vector = VectorEnv.of(mdps, new Rng(1), 1)) {
      vector.reset();
      vector.step(new float[] {0.5f, 0.25f, 0, -0.25f, -0.5f});
      assertArrayEquals(new double[] {0.5, 0.25, 0, -0.25, -0.5}, vector.rewards());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bare", "ArrayReward", "FourValues", "ResetAlone", "SeedApart"})
  void olderInterfaces_work(String name) {
    try (Mdp mdp = own(name).get()) {
      Step step = new Step(2);
      mdp.reset(new Rng(1), step.observation());
      float first = step.observation()[0];
      mdp.step(new float[1], step);
      assertEquals(name.equals("Bare") ? 1 : 1.5, step.reward());
      if (name.equals("FourValues")) {
        mdp.step(new float[1], step);
        assertFalse(step.ended());
        mdp.step(new float[1], step);
        assertTrue(step.truncated() && !step.terminated());
      }
      mdp.reset(new Rng(1), step.observation());
      assertEquals(first, step.observation()[0], "a seed gives the same episode");
      int seen = 0;
      for (int seed = 0; name.equals("SeedApart") && seed < 50; seed++) {
        mdp.reset(new Rng(seed), step.observation());
        seen |= 1 << (int) step.observation()[0];
      }
      assertTrue(seen == 0 || Integer.bitCount(seen) > 4, "and another seed another");
    }
  }

  @Test
  void arguments_reachTheConstructor() {
    GymEnvironments sized = own("Sized");
    try (Mdp mdp = sized.withArguments(Map.of("size", "5")).get()) {
      assertEquals(5, mdp.observationSpace().size());
    }
    Map<String, String> all = Map.of("size", "2", "kind", "dense", "tall", "true");
    try (Mdp mdp = sized.withArguments(all).get()) {
      assertEquals(7, mdp.observationSpace().size());
    }
    try (Mdp mdp =
        Environments.supplier(
                "gym:bridge_envs:Sized-v0",
                Map.of("size", "4"),
                getClass().getClassLoader(),
                python)
            .get()) {
      assertEquals(4, mdp.observationSpace().size());
    }
    assertLine(
        IllegalArgumentException.class,
        () -> sized.withArguments(Map.of("sise", "5")).get(),
        "gym:bridge_envs:Sized-v0: TypeError",
        "'sise'");
  }

  @Test
  void modules_areFoundInTheCurrentFolder() throws IOException {
    Files.writeString(
        folder.resolve("nearby.py"),
        "import gymnasium\n"
            + "gymnasium.register('Near-v0', entry_point='gymnasium.envs.classic_control:PendulumEnv')\n");
    // A name that Python's own library has: which must go on finding its own.
    Files.writeString(folder.resolve("random.py"), "raise ImportError('the wrong module')\n");
    String there = script("cd " + folder + " && exec " + System.getenv("RL_PYTHON") + " \"$@\"");
    try (Mdp mdp = new GymEnvironments("nearby:Near-v0", there).get()) {
      assertEquals(3, mdp.observationSpace().size());
    }
  }

  @Test
  void oneAtATime_isPossible_andTwoAreRefusedInItsWords() {
    GymEnvironments environments = own("OnlyOne").withProcesses(1);
    for (int i = 0; i < 3; i++) {
      environments.get().close();
    }
    try (Mdp one = environments.get()) {
      assertLine(
          IllegalArgumentException.class,
          environments::get,
          "gym:bridge_envs:OnlyOne-v0: RuntimeError: the port is in use",
          "1 of them open");
      one.reset(new Rng(1), new float[2]);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Vast | the action space Discrete(1099511627776) has a choice of 1099511627776",
        "VastChoice | the observation space MultiDiscrete([ 2 1099511627776]) has a choice of 1099511627776",
      })
  void spacesTooLarge_areRefused(String name, String what) {
    assertLine(IllegalArgumentException.class, () -> own(name).get(), what, "2^24");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Outside | | step: the observation is 4, but its space Discrete(4) holds 0 to 3",
        "OutsideOne | | the observation['b'] is [1 8], but its space MultiDiscrete([2 3], start=[0 5])",
        "Shapeless | | the observation has the shape (2, 1), but its space Box(-10.0, 10.0, (2,), float32) has (2,)",
        "Keyless | | the observation has no 'b', but its space",
        "Rewarding | nan | the reward is nan, but it must be finite",
        "Rewarding | huge | the reward is 1e+40, but it must be finite",
        "Rewarding | many | the reward is array([1., 1.]), but it must be one number",
        "Rewarding | none | the reward is None, but it must be one number",
        "ThreeValues | | step gave 3 values, but it must give five",
      })
  void faults_areNamedWhereTheyArise(String name, String reward, String what) {
    GymEnvironments environments = own(name);
    if (reward != null) {
      environments = environments.withArguments(Map.of("reward", '"' + reward + '"'));
    }
    try (Mdp mdp = environments.get()) {
      Step step = new Step(mdp.observationSpace().size());
      mdp.reset(new Rng(1), step.observation());
      assertLine(
          GymException.class,
          () -> {
            mdp.step(new float[1], step);
            mdp.step(new float[1], step);
          },
          "gym:bridge_envs:" + name + "-v0: step: ",
          what);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void faultyEnvironment_isNamed(int processes) {
    GymEnvironments environments = own("SecondFails").withProcesses(processes);
    List<Mdp> mdps = Stream.generate(environments).limit(4).toList();
    try (VectorEnv vector = VectorEnv.of(mdps, new Rng(1), 1)) {
      vector.reset();
      float[] actions = {0, 0, 1, 1};
      vector.step(actions);
      EnvironmentException e = assertThrows(EnvironmentException.class, () -> vector.step(actions));
      assertEquals(2, e.index(), "the lowest at fault, not the first of its message");
      assertTrue(e.getMessage().contains("AssertionError: too bold"), e.getMessage());
      assertEquals(1, e.getMessage().split("Traceback").length - 1, "one of the two");
      assertFalse(e.getMessage().contains("wrappers"), "begins in the environment");
    }
  }

  @Test
  void integers_doNotWrapAround_andBoundsAreKept() {
    try (Mdp mdp = own("EvenInteger").get()) {
      Step step = new Step(2);
      mdp.reset(new Rng(1), step.observation());
      mdp.step(new float[] {1000, -2.6f}, step);
      assertArrayEquals(new float[] {1.27f, -0.03f}, step.observation());
      mdp.step(new float[] {Float.NEGATIVE_INFINITY, 0}, step);
      assertEquals(-128, step.reward());
    }
    try (Mdp mdp = own("Third").get()) {
      Box box = (Box) mdp.actionSpace();
      Step step = new Step(2);
      mdp.reset(new Rng(1), step.observation());
      mdp.step(new float[] {box.low(0)}, step);
      mdp.step(new float[] {box.high(0)}, step); // which asserts that it is within
      assertEquals(0.1f, box.high(0), 1e-7f);
    }
  }

  // ---- Goals ----

  @ParameterizedTest
  @ValueSource(strings = {"Goals", "GoalsOneByOne"})
  void goals_areJudgedByTheEnvironment(String name) {
    try (Mdp mdp = own(name).get()) {
      GoalMdp task = MdpWrapper.find(mdp, GoalMdp.class).orElseThrow();
      Rng random = new Rng(7);
      for (int round = 0; round < 3; round++) { // the first one is checked row by row
        int n = 50;
        float[] achieved = new float[2 * n];
        float[] desired = new float[2 * n];
        for (int i = 0; i < 2 * n; i++) {
          achieved[i] = random.nextFloat() / 2;
          desired[i] = random.nextFloat() / 2;
        }
        double[] rewards = new double[n];
        boolean[] ends = new boolean[n];
        task.judge(n, 2, achieved, desired, rewards, ends);
        int near = 0;
        for (int i = 0; i < n; i++) {
          double distance =
              Math.hypot(
                  achieved[2 * i] - desired[2 * i], achieved[2 * i + 1] - desired[2 * i + 1]);
          assertEquals(distance > 0.3 ? -1 : 0, rewards[i], 0.0);
          assertEquals(distance < 0.2, ends[i]);
          near += distance < 0.2 ? 1 : 0;
        }
        assertTrue(near > 5 && near < 45, "both cases occur: " + near);
      }
      float[] origin = new float[2];
      assertEquals(0, task.reward(origin, new float[] {0.1f, 0.2f}), 0.0);
      assertEquals(-1, task.reward(origin, new float[] {0.3f, 0.2f}));
      assertTrue(task.terminated(origin, new float[] {0.1f, 0.1f}));
      assertFalse(task.terminated(origin, new float[] {0.1f, 0.2f}));
    }
    assertEquals(List.of(), errors(EnvironmentChecker.check(own(name), 1)));
  }

  @Test
  void goals_ofABatch_areOneCall() {
    Mdp mdp = own("Goals").withRendering().get();
    try (GymEnv env = (GymEnv) MdpWrapper.base(mdp)) {
      GoalMdp task = (GoalMdp) env;
      mdp.reset(new Rng(1), new float[6]);
      int[] calls = new int[3];
      for (int i = 0; i < 3; i++) {
        task.judge(100, 2, new float[200], new float[200], new double[100], new boolean[100]);
        calls[i] = env.render().getRGB(0, 0) & 0xff;
      }
      assertEquals(101, calls[0], "the first batch, and each of its rows");
      assertEquals(102, calls[1]);
      assertEquals(103, calls[2]);
    }
  }

  // ---- Several processes ----

  @Test
  void processes_giveTheSame_andWorkSideBySide() throws Exception {
    List<double[]> runs = new ArrayList<>();
    awaitChildren(0); // those of other tests linger
    for (int processes : new int[] {1, 2, 3}) {
      GymEnvironments environments = own("Choices").withProcesses(processes);
      List<Mdp> mdps = Stream.generate(environments).limit(5).toList();
      assertEquals(processes, children());
      Rng random = new Rng(4);
      double[] all = new double[100 * 5 * 3];
      try (VectorEnv vector = VectorEnv.of(mdps, new Rng(5), 1)) {
        vector.reset();
        float[] actions = new float[10];
        int at = 0;
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
        }
      }
      runs.add(all);
      awaitChildren(0);
    }
    assertArrayEquals(runs.get(0), runs.get(1));
    assertArrayEquals(runs.get(0), runs.get(2));

    List<Mdp> slow = Stream.generate(own("SlowSteps").withProcesses(3)).limit(3).toList();
    try (VectorEnv vector = VectorEnv.of(slow, new Rng(1), 1)) {
      vector.reset();
      double seconds = 3;
      for (int i = 0; i < 20 && seconds >= 2; i++) { // one after the other they never take less
        long start = System.nanoTime();
        vector.step(new float[3]);
        vector.step(new float[3]);
        seconds = (System.nanoTime() - start) * 1e-9;
      }
      assertTrue(seconds < 2, "six steps of 0.5 s, three at a time, took " + seconds);
    }
  }

  // ---- Ends ----

  /** A terminal's Ctrl-C goes to the whole process group, a service's end to all its processes. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void signals_areJavasToAnswer(boolean pipes) throws Exception {
    try (Mdp mdp = (pipes ? own("Idle").withPipes() : own("Idle")).get()) {
      Step step = new Step(2);
      mdp.reset(new Rng(1), step.observation());
      for (ProcessHandle child : ProcessHandle.current().children().toList()) {
        for (String signal : List.of("INT", "TERM", "HUP")) {
          new ProcessBuilder("kill", "-" + signal, Long.toString(child.pid())).start().waitFor();
        }
      }
      Thread.sleep(200);
      mdp.step(new float[1], step);
      assertEquals(1, step.reward());
    }
    awaitChildren(0);
  }

  @Test
  void restartedEnvironments_areNamed() {
    for (String id : List.of("CartPole-v1", "bridge_envs:Idle-v0")) {
      GymEnvironments environments = theirs(id);
      byte[] state;
      try (VectorEnv vector =
          VectorEnv.of(List.of(environments.get(), environments.get()), new Rng(1), 1)) {
        vector.reset();
        vector.step(new float[2]);
        assertEquals(0, vector.restartedCount());
        state = StateFile.toBytes("vector", vector);
      }
      try (VectorEnv vector =
          VectorEnv.of(List.of(environments.get(), environments.get()), new Rng(2), 1)) {
        StateFile.fromBytes(state, "vector", vector);
        assertEquals(2, vector.restartedCount());
        assertArrayEquals(new boolean[] {true, true}, vector.restarted());
        vector.step(new float[2]);
      }
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

  @ParameterizedTest
  @ValueSource(strings = {"Masked", "MaskedChoices"})
  void masks_joinTheObservations_ofWholeVectors(String name) {
    assertEquals(List.of(), errors(EnvironmentChecker.check(own(name), 1)));
    GymEnvironments environments = own(name).withProcesses(2);
    List<Mdp> mdps = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      mdps.add(environments.get());
    }
    try (VectorEnv vector = VectorEnv.of(mdps, new Rng(5), 1)) {
      int[] choices = vector.actionSpace().choices();
      int size = vector.observationSpace().size();
      vector.reset();
      float[] actions = new float[3 * choices.length];
      int[] t = new int[3];
      for (int step = 0; step < 30; step++) {
        for (int e = 0; e < 3; e++) {
          float[] expected =
              name.equals("Masked")
                  ? new float[] {1, 0, 1, 0, 1, 0}
                  : new float[] {1, 1 - t[e] % 2, t[e] % 2, 1, 0};
          for (int k = 0; k < 6 && name.equals("Masked"); k++) {
            expected[k] = (k + t[e]) % 2 == 0 ? 1 : 0;
          }
          assertArrayEquals(
              expected,
              Arrays.copyOfRange(vector.observations(), e * size + 2, (e + 1) * size),
              name + " in step " + t[e]);
          for (int i = 0, at = e * size + 2; i < choices.length; at += choices[i], i++) {
            int k = 0;
            while (vector.observations()[at + k] == 0) {
              k++;
            }
            actions[e * choices.length + i] = k;
          }
        }
        vector.step(actions); // Python raises at an illegal action
        for (int e = 0; e < 3; e++) {
          t[e] = (t[e] + 1) % 7;
        }
      }
    }
  }

  @Test
  void wrongMasks_areNamed() {
    assertLine(
        IllegalArgumentException.class,
        () -> own("MaskOfABox").get(),
        "it has action_masks(), but masks are for Discrete and MultiDiscrete actions, not for Box");
    assertWrongMask("MaskTooShort", "action_masks() gave 5 flags, but it must give 6");
    assertWrongMask("MaskIsNoList", "action_masks() gave None, but it must give flags");
    assertWrongMask("MaskOfNothing", "the action mask forbids every action");
  }

  private void assertWrongMask(String name, String what) {
    try (VectorEnv vector = VectorEnv.of(List.of(own(name).get()), new Rng(1), 1)) {
      assertLine(EnvironmentException.class, vector::reset, what);
    }
  }

  private static void assertLine(
      Class<? extends RuntimeException> type, Runnable call, String... parts) {
    String message = assertThrows(type, call::run).getMessage();
    assertEquals(1, message.lines().count(), message);
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "'" + part + "' is not in: " + message);
    }
  }

  private static void assertMessage(
      Class<? extends RuntimeException> type, Runnable call, String... parts) {
    String message = assertThrows(type, call::run).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), () -> "'" + part + "' is not in: " + message);
    }
  }
}
