package org.deeprl4j.mdp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.random.RandomGenerator;
import org.deeprl4j.random.Rng;

/** Checks that compare runs: the same generator and actions must give the same, come what may. */
final class RunChecks {
  private final Trial trial;

  RunChecks(Trial trial) {
    this.trial = trial;
  }

  private void requireSame(Run one, Run two, String check, String message) {
    one.difference(two).ifPresent(difference -> trial.error(check, message, difference));
  }

  /** Returns whether the environment is deterministic: other comparisons mean nothing otherwise. */
  boolean determinism() {
    try (Mdp one = trial.make();
        Mdp two = trial.make()) {
      Run first = Run.ofEpisodes(trial, one, false);
      Optional<String> difference = first.difference(Run.ofEpisodes(trial, two, false));
      if (difference.isPresent()) {
        trial.error(
            "determinism",
            "two environments with the same generator state and actions differ in %s: all randomness must come from the generator of the reset",
            difference.get());
        return false;
      }
      difference = first.difference(Run.ofEpisodes(trial, one, false));
      if (difference.isPresent()) {
        trial.error(
            "determinism",
            "an environment used before and a new one differ in %s: a reset must leave nothing of earlier episodes",
            difference.get());
        return false;
      }
      return true;
    }
  }

  /** Arrays of the caller's may change between steps. */
  void arrays() {
    try (Mdp plain = trial.make();
        Mdp scribbled = trial.make()) {
      requireSame(
          Run.ofEpisodes(trial, plain, false),
          Run.ofEpisodes(trial, scribbled, true),
          "arrays",
          "what the caller writes into its own arrays between steps changes %s: the environment must keep no reference to them");
    }
  }

  /** Environments stepped by several threads at once must not know of one another. */
  void threads() {
    CyclicBarrier start = new CyclicBarrier(2);
    try (Mdp alone = trial.make();
        Mdp one = trial.make();
        Mdp two = trial.make()) {
      Run expected = Run.ofEpisodes(trial, alone, false);
      FutureTask<Run> other = new FutureTask<>(() -> runAt(start, one));
      new Thread(other, "environment-checker").start();
      String message =
          "an environment stepped at the same time as another one differs in %s: environments must share nothing that changes";
      requireSame(expected, runAt(start, two), "threads", message);
      requireSame(expected, other.get(), "threads", message);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException | BrokenBarrierException e) {
      throw new IllegalStateException(e.getCause() == null ? e : e.getCause());
    }
  }

  private Run runAt(CyclicBarrier start, Mdp mdp)
      throws InterruptedException, BrokenBarrierException {
    start.await();
    return Run.ofEpisodes(trial, mdp, false);
  }

  /**
   * Takes a state out in mid-episode, puts it into another environment, and compares what follows.
   */
  void state() {
    try (Mdp outer = trial.make();
        Mdp otherOuter = trial.make()) {
      Optional<StatefulMdp> found = MdpWrapper.find(outer, StatefulMdp.class);
      Optional<StatefulMdp> otherFound = MdpWrapper.find(otherOuter, StatefulMdp.class);
      if (found.isPresent() && otherFound.isPresent() && found.get().stateIsComplete()) {
        state(found.get(), otherFound.get());
      }
    }
  }

  private void state(StatefulMdp mdp, StatefulMdp other) {
    Tape tape = new Tape(trial.episodes());
    float[] observation = new float[mdp.observationSpace().size()];
    mdp.reset(tape, observation);
    Rng actions = trial.actions();
    float[] action = new float[mdp.actionSpace().size()];
    Step step = new Step(observation.length);
    for (int t = 0; t < 3 && !step.ended(); t++) {
      Trial.draw(mdp, actions, action);
      step.clear();
      mdp.step(action, step);
    }
    if (step.ended()) {
      return; // too short an episode to have a middle
    }
    double[] state = mdp.state();
    double[] kept = state.clone();
    int mark = tape.position;

    Arrays.fill(state, Double.NaN);
    if (!Arrays.equals(kept, mdp.state())) {
      trial.error(
          "state", "state() must return a new array: writing into it changed the environment");
      return;
    }
    trial.requireThrown(
        "state",
        "a state that is one element too long",
        IllegalArgumentException.class,
        () -> other.setState(Arrays.copyOf(kept, kept.length + 1)));

    Run expected = Run.onwards(trial, mdp);
    tape.position = 0;
    other.reset(tape, observation);
    tape.position = mark;
    other.setState(kept);
    if (!Arrays.equals(kept, other.state())) {
      trial.error("state", "state() after setState() gives another state than was set");
    }
    requireSame(
        expected,
        Run.onwards(trial, other),
        "state",
        "an environment put into the state of another one differs from it in %s: the state is not complete");
  }

  /** A generator that remembers its draws, so that they can be drawn again. */
  private static final class Tape implements RandomGenerator {
    private final Rng source;
    private final List<Long> drawn = new ArrayList<>();
    private int position;

    Tape(Rng source) {
      this.source = source;
    }

    @Override
    public long nextLong() {
      if (position == drawn.size()) {
        drawn.add(source.nextLong());
      }
      return drawn.get(position++);
    }
  }
}
