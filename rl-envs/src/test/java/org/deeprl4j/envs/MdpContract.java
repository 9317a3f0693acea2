package org.deeprl4j.envs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.deeprl4j.mdp.EnvironmentChecker;
import org.deeprl4j.mdp.Finding;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.StatefulMdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;

/** What every environment of the library keeps; subclassed per environment. */
public abstract class MdpContract {

  /** The environment's id in {@link Environments}. */
  protected abstract String id();

  /** N of the specification. */
  protected abstract int maxSteps();

  /** Findings that are known and meant, as the check's name; none by default. */
  protected List<String> expectedWarnings() {
    return List.of();
  }

  private Mdp make() {
    return Environments.make(id());
  }

  @Test
  void checker_findsNothing() {
    for (long seed = 0; seed < 3; seed++) {
      List<Finding> findings =
          EnvironmentChecker.check(this::make, seed).stream()
              .filter(f -> !expectedWarnings().contains(f.check()))
              .toList();
      assertEquals(List.of(), findings);
    }
  }

  @Test
  void episodes_areLimited() {
    TimeLimit limit = MdpWrapper.find(make(), TimeLimit.class).orElseThrow();
    assertEquals(maxSteps(), limit.maxSteps());
    Mdp mdp = make();
    Step step = new Step(mdp.observationSpace().size());
    float[] action = new float[mdp.actionSpace().size()];
    mdp.reset(new Rng(1), step.observation());
    int steps = 0;
    while (!step.ended()) {
      step.clear();
      mdp.step(action, step);
      steps++;
    }
    assertEquals(steps == maxSteps(), step.truncated());
    assertThrows(IllegalStateException.class, () -> mdp.step(action, step));
  }

  @Test
  void badActions_areRejected_andChangeNothing() {
    Mdp mdp = make();
    StatefulMdp base = MdpWrapper.find(mdp, StatefulMdp.class).orElseThrow();
    int size = mdp.actionSpace().size();
    Step step = new Step(mdp.observationSpace().size());
    mdp.reset(new Rng(1), step.observation());
    double[] state = base.state();
    float[] nan = new float[size];
    nan[size - 1] = Float.NaN;
    String message =
        assertThrows(IllegalArgumentException.class, () -> mdp.step(nan, step)).getMessage();
    assertTrue(message.contains("NaN") && message.contains("action"), message);
    message =
        assertThrows(IllegalArgumentException.class, () -> mdp.step(new float[size + 2], step))
            .getMessage();
    assertTrue(message.contains("length " + size + ", not " + (size + 2)), message);
    assertArrayEquals(state, base.state());
  }

  @Test
  void badStates_areRejected() {
    StatefulMdp base = MdpWrapper.find(make(), StatefulMdp.class).orElseThrow();
    int size = base.state().length;
    double[] nan = new double[size];
    nan[size - 1] = Double.NaN;
    String message =
        assertThrows(IllegalArgumentException.class, () -> base.setState(nan)).getMessage();
    assertTrue(message.contains("state[" + (size - 1) + "]"), message);
    assertThrows(IllegalArgumentException.class, () -> base.setState(new double[size + 1]));
  }

  /** How much slower than others it steps, about. */
  protected int cost() {
    return 1;
  }

  /** The most bytes that a step may allocate. */
  protected long mostBytes() {
    return 0;
  }

  /** Steps and resets, as a training loop does. */
  private static void steps(Mdp mdp, int n, Rng random, float[] action, Step step) {
    for (int i = 0; i < n; i++) {
      mdp.actionSpace().sample(random, action, 0);
      step.clear();
      mdp.step(action, step);
      if (step.ended()) {
        mdp.reset(random, step.observation());
      }
    }
  }

  @Test
  void stepping_allocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Mdp mdp = make();
    Rng random = new Rng(1);
    Step step = new Step(mdp.observationSpace().size());
    float[] action = new float[mdp.actionSpace().size()];
    mdp.reset(random, step.observation());
    steps(mdp, 2_000 / cost(), random, action, step); // class loading and first uses
    long thread = Thread.currentThread().getId();
    int measured = 5_000 / cost();
    // The runtime itself may allocate now and then on this thread: one clean run in three proves
    // it.
    long least = Long.MAX_VALUE;
    for (int attempt = 0; attempt < 3 && least / measured > mostBytes(); attempt++) {
      long before = threads.getThreadAllocatedBytes(thread);
      steps(mdp, measured, random, action, step);
      least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
    }
    assertTrue(least / measured <= mostBytes(), least + " bytes in " + measured + " steps");
  }
}
