package org.deeprl4j.mdp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Space;

/** An environment on trial: what its checks need to step it, and where they report. */
final class Trial {
  /** Steps of each of the runs that are compared with one another. */
  static final int RUN_STEPS = 300;

  /** Steps within which an episode should end. */
  static final int END_STEPS = 10_000;

  private final Supplier<? extends Mdp> factory;
  final long seed;
  final Space observationSpace;
  final Space actionSpace;
  private final boolean masked;
  private final List<Finding> findings = new ArrayList<>();

  /** Makes one environment for its spaces, and closes it. */
  Trial(Supplier<? extends Mdp> factory, long seed) {
    this.factory = factory;
    this.seed = seed;
    try (Mdp mdp = make()) {
      observationSpace = mdp.observationSpace();
      actionSpace = mdp.actionSpace();
      masked = MdpWrapper.find(mdp, ActionMasks.class).isPresent();
    }
  }

  /** A new environment, for the caller to close; its masks, if any, are in its observations. */
  final Mdp make() {
    return ActionMasks.of(factory.get());
  }

  /** Draws an action that is legal where an environment stands. */
  static void draw(Mdp mdp, Rng random, float[] action) {
    Optional<MaskedMdp> masked =
        MdpWrapper.find(mdp, MaskedMdp.class).filter(MaskedMdp::masksActions);
    if (masked.isEmpty()) {
      mdp.actionSpace().sample(random, action, 0);
      return;
    }
    int[] choices = mdp.actionSpace().choices();
    boolean[] legal = new boolean[Arrays.stream(choices).sum()];
    masked.get().actionMask(legal);
    for (int i = 0, k = 0; i < choices.length; k += choices[i], i++) {
      int count = 0;
      for (int j = 0; j < choices[i]; j++) {
        if (legal[k + j] && random.nextInt(++count) == 0) { // each of them the last with 1/count
          action[i] = j;
        }
      }
      if (count == 0) {
        throw new IllegalStateException("the action mask leaves no legal action");
      }
    }
  }

  /** The generator of episodes. */
  Rng episodes() {
    return new Rng(seed);
  }

  /** The generator of actions. */
  Rng actions() {
    return new Rng(seed + 1);
  }

  Step newStep() {
    return new Step(observationSpace.size());
  }

  /** An observation that is not written yet: NaN throughout. */
  float[] unwritten() {
    float[] observation = new float[observationSpace.size()];
    Arrays.fill(observation, Float.NaN);
    return observation;
  }

  /** An action that is legal at the start of the first episode, the same at every call. */
  float[] action() {
    float[] action = new float[actionSpace.size()];
    if (!masked) {
      actionSpace.sample(episodes(), action, 0);
      return action;
    }
    try (Mdp mdp = make()) {
      mdp.reset(episodes(), unwritten());
      draw(mdp, episodes(), action);
    }
    return action;
  }

  /** Runs a check; whatever it throws is a finding. */
  void run(String check, Runnable body) {
    try {
      body.run();
    } catch (RuntimeException | Error e) {
      error(check, "an unexpected " + e);
    }
  }

  /** Reports unless a call throws an exception of the expected kind. */
  void requireThrown(
      String check, String what, Class<? extends RuntimeException> expected, Runnable call) {
    try {
      call.run();
      error(check, "%s was accepted; it must throw %s", what, expected.getSimpleName());
    } catch (RuntimeException e) {
      if (!expected.isInstance(e)) {
        error(check, "%s must throw %s, not %s", what, expected.getSimpleName(), e);
      }
    }
  }

  void error(String check, String message, Object... values) {
    add(Finding.Severity.ERROR, check, message, values);
  }

  void warning(String check, String message, Object... values) {
    add(Finding.Severity.WARNING, check, message, values);
  }

  private void add(Finding.Severity severity, String check, String message, Object... values) {
    findings.add(
        new Finding(severity, check, values.length == 0 ? message : message.formatted(values)));
  }

  /** Whether any error was reported. */
  boolean failed() {
    return findings.stream().anyMatch(f -> f.severity() == Finding.Severity.ERROR);
  }

  /** What was reported, errors first. */
  List<Finding> findings() {
    findings.sort((a, b) -> a.severity().compareTo(b.severity()));
    return List.copyOf(findings);
  }
}
