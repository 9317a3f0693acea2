package org.deeprl4j.algorithms.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.deeprl4j.rollout.Rollout;

/**
 * Rollouts that several programs gather, each in some of the environments. What comes back is
 * written to the rollout in the order of the environments.
 *
 * <p>Where the states of environments can be saved, a part is a function of the policy's
 * parameters, of the generator of its noise and of these states, which are sent with it. The run
 * has the bits of one that gathers its rollouts itself, however they are cut, whoever gathers a
 * part and however often.
 *
 * <p>Where they cannot, the environments stay where they are stepped, and the run has these bits as
 * long as none of them is lost. One that is lost, or that another program has to step, begins anew:
 * its last row was the last of its episode, cut off and not terminated.
 */
public final class RemoteRollouts {
  private final OnPolicyTrainer trainer;
  private final RolloutWorkers workers;
  private final Consumer<String> told;
  private final boolean kept;
  private final String[] tokens; // of each environment: after which rollout it was left
  private int mostParts;
  private boolean warned;

  private RemoteRollouts(OnPolicyTrainer trainer, RolloutWorkers workers, Consumer<String> told) {
    this.trainer = trainer;
    this.workers = workers;
    this.told = told;
    kept = !trainer.environment.savesAll();
    tokens = new String[trainer.environment.count()];
    Arrays.fill(tokens, "");
  }

  /**
   * Has workers gather the rollouts of a trainer from now on.
   *
   * @param trainer Modified.
   * @param workers are used as long as the trainer is, and closed by the caller
   * @param told is given a line when environments begin anew, or last bits may differ
   * @throws IllegalArgumentException if the policy sees observations by statistics that change with
   *     each step of all environments
   */
  public static void gatherOn(
      OnPolicyTrainer trainer, RolloutWorkers workers, Consumer<String> told) {
    if (trainer.encoder.normalizes() && !trainer.settings.statisticsPerRollout()) {
      throw new IllegalArgumentException(
          "rollouts elsewhere need statisticsPerRollout=true beside normalizeObservations=true: else the statistics change in each step with the observations of all environments, which are not in one place");
    }
    trainer.gatherBy(new RemoteRollouts(trainer, workers, told)::gather);
  }

  private void gather() {
    if (trainer.episodes().tellsSteps()) {
      throw new IllegalStateException(
          "a listener to steps hears nothing of rollouts that are gathered elsewhere");
    }
    int n = trainer.environment.count();
    if (kept) {
      if (trainer.steps() == 0 && trainer.restarted() == 0) {
        Arrays.fill(tokens, RolloutMessages.BEGINNING);
      }
      trainer.environment.keepStatesOnly();
    }
    List<RolloutMessages.Part> cut = cut(n);
    List<byte[]> answers =
        workers.gather(
            new RolloutMessages.Policy(trainer).toBytes(),
            cut.stream().map(RolloutMessages.Part::toBytes).toList(),
            kept);
    if (trainer.settings.statisticsPerRollout()) {
      trainer.encoder.hold(n);
    }
    List<RolloutMessages.End> ends = new ArrayList<>();
    List<RolloutMessages.Final> finals = new ArrayList<>();
    RolloutMessages.Rows last = null;
    int begun = 0;
    for (int i = 0; i < cut.size(); i++) {
      RolloutMessages.Part part = cut.get(i);
      RolloutMessages.Rows rows = new RolloutMessages.Rows(trainer, part);
      rows.load(answers.get(i));
      RuntimeException failure = rows.failure;
      if (failure != null) {
        throw failure;
      }
      if (last != null && !Arrays.equals(last.random, rows.random)) {
        throw new IllegalStateException(
            "the noise of the policy depends on the states of environments: its distribution must draw as many numbers in any");
      }
      last = rows;
      begun += left(part, rows);
      ends.addAll(rows.ends);
      finals.addAll(rows.finals);
      warnOf(rows.compute);
    }
    if (last != null) {
      last.loadNoise();
    }
    tellOf(begun);
    keep(finals);
    ends.sort(Comparator.comparingInt(RolloutMessages.End::row));
    for (RolloutMessages.End end : ends) {
      trainer.episodes().ended(trainer.steps() + (end.row() / n + 1L) * n, end.episode());
    }
  }

  /** Environments that are kept are not cut into fewer parts than before, so that they stay. */
  private List<RolloutMessages.Part> cut(int n) {
    int parts = Math.max(1, Math.min(n, workers.count()));
    mostParts = kept ? Math.max(parts, mostParts) : parts;
    List<RolloutMessages.Part> cut = new ArrayList<>();
    for (int i = 0; i < mostParts; i++) {
      RolloutMessages.Part part = new RolloutMessages.Part();
      part.first = (int) ((long) i * n / mostParts);
      part.count = (int) ((i + 1L) * n / mostParts) - part.first;
      part.kept = kept;
      part.token = tokens[part.first];
      part.state = new RolloutMessages.Environments(trainer, part.first, part.count).toBytes();
      cut.add(part);
    }
    return cut;
  }

  /** Where environments are now, and how many are not where they were. */
  private int left(RolloutMessages.Part part, RolloutMessages.Rows rows) {
    int begun = 0;
    for (int i = 0; i < part.count; i++) {
      // Without a token it began with the run, or as the run was resumed.
      begun += rows.began[i] && !tokens[part.first + i].isEmpty() ? 1 : 0;
      tokens[part.first + i] = rows.token;
    }
    return begun;
  }

  private void tellOf(int begun) {
    if (begun > 0) {
      told.accept(
          "after %d steps, environments that could not be reached and began new episodes: %d of %d"
              .formatted(trainer.steps(), begun, tokens.length));
    }
  }

  /** In the order of one program: after a step's ends of episodes come the ends of the rollout. */
  private void keep(List<RolloutMessages.Final> finals) {
    Rollout rollout = trainer.rollout;
    int n = rollout.environments();
    finals.sort(
        Comparator.<RolloutMessages.Final>comparingInt(one -> one.row() / n)
            .thenComparing(one -> !rollout.ended()[one.row()])
            .thenComparingInt(RolloutMessages.Final::row));
    finals.forEach(one -> rollout.keepFinal(one.row(), one.observation(), 0));
  }

  private void warnOf(String compute) {
    String own = RolloutMessages.kernels(trainer.setup.compute());
    if (!warned && !compute.equals(own)) {
      warned = true;
      told.accept(
          "warning: rollouts are gathered with %s, not with %s: last bits may differ"
              .formatted(compute, own));
    }
  }
}
