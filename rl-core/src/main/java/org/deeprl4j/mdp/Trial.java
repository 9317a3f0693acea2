package org.deeprl4j.mdp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
  private final List<Finding> findings = new ArrayList<>();

  /** Makes one environment for its spaces, and closes it. */
  Trial(Supplier<? extends Mdp> factory, long seed) {
    this.factory = factory;
    this.seed = seed;
    try (Mdp mdp = factory.get()) {
      observationSpace = mdp.observationSpace();
      actionSpace = mdp.actionSpace();
    }
  }

  /** A new environment, for the caller to close. */
  Mdp make() {
    return factory.get();
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

  /** A legal action, the same at every call. */
  float[] action() {
    float[] action = new float[actionSpace.size()];
    actionSpace.sample(episodes(), action, 0);
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
