package org.deeprl4j.mdp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.deeprl4j.mdp.wrappers.History;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Dict;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiBinary;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Masks in observations, and what is wrong with masks. */
final class ActionMasksTest {
  @TempDir Path folder;

  private static float[] action(float index) {
    return new float[] {index};
  }

  @Test
  void theMask_isTheLastEntryOfTheObservation() {
    Mdp mdp = ActionMasks.of(new MaskedToy());
    Map<String, Space> entries = new LinkedHashMap<>();
    entries.put("observation", Box.of(0, 5, 1));
    entries.put("action_mask", new MultiBinary(4));
    assertEquals(new Dict(entries), mdp.observationSpace());
    float[] observation = new float[5];
    mdp.reset(new Rng(1), observation);
    assertArrayEquals(new float[] {0, 1, 0, 1, 0}, observation);
    Step step = new Step(5);
    for (int t = 1; t <= 4; t++) {
      step.clear();
      mdp.step(action((t - 1) % 2), step);
      float even = t % 2 == 0 ? 1 : 0;
      assertArrayEquals(new float[] {t, even, 1 - even, even, 1 - even}, step.observation());
      assertEquals(1, step.reward());
    }
    step.clear();
    mdp.step(action(2), step);
    assertTrue(step.terminated());
    assertArrayEquals(new float[] {5, 1, 1, 1, 1}, step.observation()); // nothing is chosen here
  }

  @Test
  void whatHasItsMasks_isLeftAlone() {
    Mdp masked = ActionMasks.of(new MaskedToy());
    assertSame(masked, ActionMasks.of(masked));
    Mdp limited = new TimeLimit(masked, 3);
    assertSame(limited, ActionMasks.of(limited));
  }

  @Test
  void illegalActions_areRejected() {
    Mdp mdp = ActionMasks.of(new TimeLimit(new MaskedToy(), 9));
    mdp.reset(new Rng(1), new float[5]);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> mdp.step(action(3), new Step(5)));
    assertEquals("MaskedToy: the action [3.0] is not legal now", e.getMessage());
    Mdp two = ActionMasks.of(new MaskedToy(MultiDiscrete.of(2, 3), false));
    two.reset(new Rng(1), new float[6]);
    // Flags 0, 2 and 4 are up: alternative 0 of the first choice, 0 and 2 of the second.
    two.step(new float[] {0, 2}, new Step(6));
    two.reset(new Rng(1), new float[6]);
    assertThrows(IllegalArgumentException.class, () -> two.step(new float[] {0, 1}, new Step(6)));
  }

  @Test
  void aMaskThatForbidsEverything_isNamed() {
    VectorEnv vector = VectorEnv.of(List.of(new MaskedToy(new Discrete(4), true)), new Rng(1), 1);
    vector.reset();
    vector.step(action(0));
    EnvironmentException e = assertThrows(EnvironmentException.class, () -> vector.step(action(1)));
    assertTrue(
        e.getMessage()
            .contains(
                "environment 0 (MaskedToy), step 2 of its episode: java.lang.IllegalStateException: the action mask forbids every action"),
        e.getMessage());
    Mdp one = ActionMasks.of(new MaskedToy(MultiDiscrete.of(1, 1), false));
    assertEquals(
        "the action mask forbids every alternative of choice 1",
        assertThrows(IllegalStateException.class, () -> one.reset(new Rng(1), new float[3]))
            .getMessage());
  }

  @Test
  void masksOfContinuousActions_areRefused() {
    Supplier<Mdp> box = () -> new MaskedToy(Box.of(-1, 1, 2), false);
    String message =
        "MaskedToy: action masks are for Discrete and MultiDiscrete actions, not for "
            + Box.of(-1, 1, 2);
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> ActionMasks.of(box.get())).getMessage());
    List<Finding> findings = EnvironmentChecker.check(box, 1);
    assertEquals(1, findings.size());
    assertEquals(Finding.Severity.ERROR, findings.get(0).severity());
    assertTrue(findings.get(0).message().contains(message), findings.toString());
  }

  @Test
  void aWrapperThatMayChangeActions_isRefused() {
    Mdp wrapped = new MdpWrapper(new MaskedToy()) {};
    String message =
        assertThrows(IllegalArgumentException.class, () -> ActionMasks.of(wrapped)).getMessage();
    assertTrue(message.contains("may change its actions"), message);
    Mdp history = ActionMasks.of(new History(new MaskedToy(), 2, 1));
    float[] observation = new float[history.observationSpace().size()];
    history.reset(new Rng(1), observation);
    assertArrayEquals(new float[] {0, 0, 0, 0, 0, 0, 1, 0, 1, 0}, observation);
  }

  @Test
  void anEntryOfTheMasksName_isRefused() {
    Mdp taken =
        new MdpWrapper(new MaskedToy()) {
          @Override
          public Space observationSpace() {
            return new Dict(Map.of("action_mask", Box.of(0, 5, 1)));
          }
        };
    String message =
        assertThrows(IllegalArgumentException.class, () -> ActionMasks.of(taken)).getMessage();
    assertTrue(message.contains("rename it"), message);
  }

  @Test
  void theChecker_drawsLegalActions_andFindsWhatIsWrong() {
    assertEquals(List.of(), EnvironmentChecker.check(MaskedToy::new, 1));
    assertEquals(
        List.of(), EnvironmentChecker.check(() -> new MaskedToy(MultiDiscrete.of(3, 2), false), 1));
    List<Finding> findings =
        EnvironmentChecker.check(() -> new MaskedToy(new Discrete(4), true), 1);
    assertTrue(
        findings.toString().contains("the action mask forbids every action"), findings.toString());
  }

  @Test
  void aVector_resumesWithItsMasks() throws Exception {
    VectorEnv vector = VectorEnv.of(List.of(new MaskedToy(), new MaskedToy()), new Rng(1), 1);
    vector.reset();
    vector.step(new float[] {0, 2});
    Path file = folder.resolve("state");
    StateFile.write(file, "test", vector);
    VectorEnv other = VectorEnv.of(List.of(new MaskedToy(), new MaskedToy()), new Rng(9), 1);
    StateFile.read(file, "test", other);
    assertArrayEquals(vector.observations(), other.observations());
    assertArrayEquals(new float[] {1, 0, 1, 0, 1, 1, 0, 1, 0, 1}, other.observations());
    assertThrows(EnvironmentException.class, () -> other.step(new float[] {1, 0}));
  }
}
