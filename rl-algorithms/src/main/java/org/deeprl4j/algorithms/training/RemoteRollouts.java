package org.deeprl4j.algorithms.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.deeprl4j.mdp.EnvironmentException;
import org.deeprl4j.mdp.EpisodeLog;
import org.deeprl4j.mdp.VectorEnv;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.state.DivergenceException;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rollouts that several programs gather, each in some of the environments. A part is a function of
 * the policy's parameters, of the generator of its noise and of the states of its environments,
 * which are sent with it; what comes back is written to the rollout in the order of the
 * environments. The run has the bits of one that gathers its rollouts itself, however they are cut,
 * whoever gathers a part and however often.
 */
public final class RemoteRollouts {
  private static final Logger LOG = LoggerFactory.getLogger(RemoteRollouts.class);

  private static final String POLICY = "policy of a rollout";
  private static final String PART = "part of a rollout";
  private static final String ROWS = "rows of a rollout";
  private static final String NOISE = "noise of a rollout";

  private final OnPolicyTrainer trainer;
  private final RolloutWorkers workers;
  private boolean warned;

  private RemoteRollouts(OnPolicyTrainer trainer, RolloutWorkers workers) {
    this.trainer = trainer;
    this.workers = workers;
  }

  /**
   * Has workers gather the rollouts of a trainer from now on.
   *
   * @param trainer Modified.
   * @param workers are used as long as the trainer is, and closed by the caller
   * @throws IllegalArgumentException if what an environment does cannot be told from its state and
   *     the policy's parameters
   */
  public static void gatherOn(OnPolicyTrainer trainer, RolloutWorkers workers) {
    if (trainer.encoder.normalizes()) {
      throw new IllegalArgumentException(
          "rollouts elsewhere need normalizeObservations=false: its statistics change in each step with the observations of all environments, which are not in one place");
    }
    if (!trainer.environment.savesAll()) {
      throw new IllegalArgumentException(
          "rollouts elsewhere need an environment whose state can be saved; that of %s cannot"
              .formatted(trainer.environment.environment(0).name()));
    }
    trainer.gatherBy(new RemoteRollouts(trainer, workers)::gather);
  }

  /**
   * What a worker does: gathers a part of a rollout.
   *
   * @param trainer of the same run, which serves for nothing else. Modified.
   * @param policy as {@link RolloutWorkers#gather} is given it
   * @param part as {@link RolloutWorkers#gather} is given it
   * @return what comes back
   */
  public static byte[] gather(OnPolicyTrainer trainer, byte[] policy, byte[] part) {
    StateFile.fromBytes(policy, POLICY, new Policy(trainer));
    Part own = new Part(trainer, 0, 0);
    StateFile.fromBytes(part, PART, own);
    Rows rows = new Rows(trainer, own);
    try {
      trainer.gather(own.first, own.count, rows::stepped);
    } catch (EnvironmentException | DivergenceException e) {
      rows.failure = e;
    }
    return StateFile.toBytes(ROWS, rows);
  }

  private void gather() {
    if (trainer.episodes().tellsSteps()) {
      throw new IllegalStateException(
          "a listener to steps hears nothing of rollouts that are gathered elsewhere");
    }
    int n = trainer.environment.count();
    int parts = Math.max(1, Math.min(n, workers.count()));
    List<Part> cut = new ArrayList<>();
    List<byte[]> sent = new ArrayList<>();
    for (int i = 0; i < parts; i++) {
      int first = (int) ((long) i * n / parts);
      Part part = new Part(trainer, first, (int) ((i + 1L) * n / parts) - first);
      cut.add(part);
      sent.add(StateFile.toBytes(PART, part));
    }
    List<byte[]> answers = workers.gather(StateFile.toBytes(POLICY, new Policy(trainer)), sent);
    List<End> ends = new ArrayList<>();
    List<Final> finals = new ArrayList<>();
    byte[] random = {};
    for (int i = 0; i < parts; i++) {
      Rows rows = new Rows(trainer, cut.get(i));
      StateFile.fromBytes(answers.get(i), ROWS, rows);
      RuntimeException failure = rows.failure;
      if (failure != null) {
        throw failure;
      }
      if (i > 0 && !Arrays.equals(random, rows.random)) {
        throw new IllegalStateException(
            "the noise of the policy depends on the states of environments: its distribution must draw as many numbers in any");
      }
      random = rows.random;
      ends.addAll(rows.ends);
      finals.addAll(rows.finals);
      warnOf(rows.compute);
    }
    StateFile.fromBytes(random, NOISE, trainer.actionRandom);
    keep(finals);
    ends.sort(Comparator.comparingInt(End::row));
    for (End end : ends) {
      trainer.episodes().ended(trainer.steps() + (end.row / n + 1L) * n, end.episode);
    }
  }

  /** In the order of one program: after a step's ends of episodes come the ends of the rollout. */
  private void keep(List<Final> finals) {
    Rollout rollout = trainer.rollout;
    int n = rollout.environments();
    finals.sort(
        Comparator.<Final>comparingInt(one -> one.row / n)
            .thenComparing(one -> !rollout.ended()[one.row])
            .thenComparingInt(Final::row));
    finals.forEach(one -> rollout.keepFinal(one.row, one.observation, 0));
  }

  private void warnOf(String compute) {
    String own = kernels(trainer.setup.compute());
    if (!warned && !compute.equals(own)) {
      warned = true;
      LOG.warn("rollouts are gathered with {}, not with {}: last bits may differ", compute, own);
    }
  }

  /** What computes, without the number of threads, which changes no bit. */
  private static String kernels(Compute compute) {
    return compute.describe().split(",", 2)[0];
  }

  /** An observation that a row led to and that is no row's. */
  private record Final(int row, float[] observation) {}

  /** An episode that ended, and the row of its last step. */
  private record End(int row, EpisodeLog.Episode episode) {}

  /** What all parts are given: the policy, where its noise begins, and for how many steps. */
  private record Policy(OnPolicyTrainer trainer) implements Stateful {
    @Override
    public void save(StateWriter out) {
      out.put("steps", trainer.rollout.steps());
      out.put("model", trainer.model);
      out.put("random", trainer.actionRandom);
    }

    @Override
    public void load(StateReader in) {
      trainer.rollout.setSteps(in.getInt("steps"));
      in.get("model", trainer.model);
      in.get("random", trainer.actionRandom);
    }
  }

  /** Environments that follow each other, with what a memory keeps of them. */
  private static final class Part implements Stateful {
    final OnPolicyTrainer trainer;
    int first;
    int count;

    Part(OnPolicyTrainer trainer, int first, int count) {
      this.trainer = trainer;
      this.first = first;
      this.count = count;
    }

    @Override
    public void save(StateWriter out) {
      int size = trainer.model.stateSize();
      out.put("first", first);
      out.put("count", count);
      out.put("environments", trainer.environment.part(first, count));
      out.put("states", trainer.states, first * size, count * size);
    }

    @Override
    public void load(StateReader in) {
      int size = trainer.model.stateSize();
      first = in.getInt("first");
      count = in.getInt("count");
      in.get("environments", trainer.environment.part(first, count));
      in.get("states", trainer.states, first * size, count * size);
    }
  }

  /** What was gathered in a part: its rows, the ends of episodes, and where all of it is now. */
  private static final class Rows implements Stateful {
    /** Is given a column of the rollout, of so many numbers a row. */
    private interface Column {
      void of(String name, float[] all, int width);
    }

    private final OnPolicyTrainer trainer;
    private final Part part;
    final List<End> ends = new ArrayList<>();
    final List<Final> finals = new ArrayList<>();
    byte[] random = {};
    String compute = "";
    @Nullable RuntimeException failure;

    Rows(OnPolicyTrainer trainer, Part part) {
      this.trainer = trainer;
      this.part = part;
    }

    void stepped(int t) {
      VectorEnv environment = trainer.environment;
      for (int e = part.first; e < part.first + part.count; e++) {
        if (environment.ended()[e]) {
          ends.add(new End(t * environment.count() + e, environment.episode(e)));
        }
      }
    }

    @Override
    public void save(StateWriter out) {
      RuntimeException failed = failure;
      out.put("failed", failed != null);
      if (failed != null) {
        out.put("environment", failed instanceof EnvironmentException e ? e.index() : -1);
        out.put(
            "message",
            failed instanceof DivergenceException e
                ? e.what()
                : String.valueOf(failed.getMessage()));
        return;
      }
      out.put("compute", kernels(trainer.setup.compute()));
      out.put("random", StateFile.toBytes(NOISE, trainer.actionRandom));
      out.put("part", part);
      columns(
          (name, all, width) -> {
            float[] own = new float[rows() * width];
            copy(all, own, width, false);
            out.put(name, own);
          });
      boolean[] flags = new boolean[rows()];
      copy(trainer.rollout.terminated(), flags, 1, false);
      out.put("terminated", flags);
      copy(trainer.rollout.ended(), flags, 1, false);
      out.put("ended", flags);
      out.put("episodes", ends.size());
      for (End end : ends) {
        out.put("row", end.row);
        out.put("return", end.episode.undiscounted());
        out.put("length", end.episode.length());
        out.put("successDefined", end.episode.successDefined());
        out.put("success", end.episode.success());
      }
      saveFinals(out);
    }

    @Override
    public void load(StateReader in) {
      if (in.getBoolean("failed")) {
        int environment = in.getInt("environment");
        String message = in.getString("message");
        failure =
            environment < 0
                ? new DivergenceException(message)
                : new EnvironmentException(environment, message);
        return;
      }
      compute = in.getString("compute");
      random = in.getBytes("random");
      in.get("part", part);
      columns(
          (name, all, width) -> {
            float[] own = new float[rows() * width];
            in.get(name, own);
            copy(all, own, width, true);
          });
      boolean[] flags = new boolean[rows()];
      in.get("terminated", flags);
      copy(trainer.rollout.terminated(), flags, 1, true);
      in.get("ended", flags);
      copy(trainer.rollout.ended(), flags, 1, true);
      int count = in.getInt("episodes");
      for (int i = 0; i < count; i++) {
        ends.add(
            new End(
                in.getInt("row"),
                new EpisodeLog.Episode(
                    in.getDouble("return"),
                    in.getInt("length"),
                    in.getBoolean("successDefined"),
                    in.getBoolean("success"))));
      }
      int kept = in.getInt("finals");
      for (int i = 0; i < kept; i++) {
        float[] observation = new float[trainer.rollout.observationSize()];
        int row = in.getInt("row");
        in.get("final", observation);
        finals.add(new Final(row, observation));
      }
    }

    /** What the rollout keeps beside its rows, of the part's environments. */
    private void saveFinals(StateWriter out) {
      Rollout rollout = trainer.rollout;
      int[] own =
          IntStream.range(0, rollout.finals())
              .filter(
                  i -> {
                    int e = rollout.finalRow(i) % rollout.environments();
                    return e >= part.first && e < part.first + part.count;
                  })
              .toArray();
      int size = rollout.observationSize();
      out.put("finals", own.length);
      for (int i : own) {
        out.put("row", rollout.finalRow(i));
        out.put("final", rollout.finalObservations(), i * size, size);
      }
    }

    private int rows() {
      return trainer.rollout.steps() * part.count;
    }

    private void columns(Column each) {
      Rollout rollout = trainer.rollout;
      each.of("observations", rollout.observations(), rollout.observationSize());
      each.of("actions", rollout.actions(), rollout.actionSize());
      each.of("distribution", rollout.distribution(), rollout.parameterSize());
      each.of("logProbs", rollout.logProbs(), 1);
      each.of("values", rollout.values(), 1);
      each.of("nextValues", rollout.nextValues(), 1);
      each.of("rewards", rollout.rewards(), 1);
    }

    /**
     * Copies the part's rows.
     *
     * @param all the array of all rows. Modified if {@code back}.
     * @param own the array of the part's rows. Modified unless {@code back}.
     * @param back whether they are copied into {@code all}
     */
    private void copy(Object all, Object own, int width, boolean back) {
      int length = part.count * width;
      for (int t = 0; t < trainer.rollout.steps(); t++) {
        int at = (t * trainer.environment.count() + part.first) * width;
        if (back) {
          System.arraycopy(own, t * length, all, at, length);
        } else {
          System.arraycopy(all, at, own, t * length, length);
        }
      }
    }
  }
}
