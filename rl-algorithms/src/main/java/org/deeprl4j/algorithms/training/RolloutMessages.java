package org.deeprl4j.algorithms.training;

import java.util.ArrayList;
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

/** What goes from a run to those who gather its rollouts, and what comes back. */
final class RolloutMessages {
  /** Where environments are that have not been stepped since the run began. */
  static final String BEGINNING = "beginning";

  private static final String POLICY = "policy of a rollout";
  private static final String PART = "part of a rollout";
  private static final String ENVIRONMENTS = "environments of a rollout";
  private static final String ROWS = "rows of a rollout";
  private static final String NOISE = "noise of a rollout";

  private RolloutMessages() {}

  /** What computes, without the number of threads, which changes no bit. */
  static String kernels(Compute compute) {
    return compute.describe().split(",", 2)[0];
  }

  /**
   * What all parts are given: the policy with the statistics that scale what it sees, where its
   * noise begins, and for how many steps.
   */
  record Policy(OnPolicyTrainer trainer) implements Stateful {
    byte[] toBytes() {
      return StateFile.toBytes(POLICY, this);
    }

    void load(byte[] bytes) {
      StateFile.fromBytes(bytes, POLICY, this);
    }

    @Override
    public void save(StateWriter out) {
      out.put("steps", trainer.rollout.steps());
      out.put("model", trainer.model);
      out.put("encoder", trainer.encoder);
      out.put("random", trainer.actionRandom);
    }

    @Override
    public void load(StateReader in) {
      trainer.rollout.setSteps(in.getInt("steps"));
      in.get("model", trainer.model);
      in.get("encoder", trainer.encoder);
      in.get("random", trainer.actionRandom);
    }
  }

  /** Environments that follow each other, for a rollout. */
  static final class Part implements Stateful {
    int first;
    int count;

    /** Whether their states cannot be saved, so that they stay where they are stepped. */
    boolean kept;

    /**
     * Names the rollout after which kept environments are where the run is, as whoever gathered it
     * named it; empty if there is none.
     */
    String token = "";

    /** What is saved of {@link Environments}. */
    byte[] state = {};

    static Part of(byte[] bytes) {
      Part read = new Part();
      StateFile.fromBytes(bytes, PART, read);
      return read;
    }

    byte[] toBytes() {
      return StateFile.toBytes(PART, this);
    }

    @Override
    public void save(StateWriter out) {
      out.put("first", first);
      out.put("count", count);
      out.put("kept", kept);
      out.put("token", token);
      out.put("state", state);
    }

    @Override
    public void load(StateReader in) {
      first = in.getInt("first");
      count = in.getInt("count");
      kept = in.getBoolean("kept");
      token = in.getString("token");
      state = in.getBytes("state");
    }
  }

  /** The states of a part's environments, with what a memory keeps of them. */
  record Environments(OnPolicyTrainer trainer, int first, int count) implements Stateful {
    byte[] toBytes() {
      return StateFile.toBytes(ENVIRONMENTS, this);
    }

    void load(byte[] bytes) {
      StateFile.fromBytes(bytes, ENVIRONMENTS, this);
    }

    @Override
    public void save(StateWriter out) {
      int size = trainer.model.stateSize();
      out.put("environments", trainer.environment.part(first, count));
      out.put("states", trainer.states, first * size, count * size);
    }

    @Override
    public void load(StateReader in) {
      int size = trainer.model.stateSize();
      in.get("environments", trainer.environment.part(first, count));
      in.get("states", trainer.states, first * size, count * size);
    }
  }

  /** An observation that a row led to and that is no row's. */
  record Final(int row, float[] observation) {}

  /** An episode that ended, and the row of its last step. */
  record End(int row, EpisodeLog.Episode episode) {}

  /** What was gathered in a part: its rows, the ends of episodes, and where all of it is now. */
  static final class Rows implements Stateful {
    /** Is given a column of the rollout, of so many numbers a row. */
    private interface Column {
      void of(String name, float[] all, int width);
    }

    private final OnPolicyTrainer trainer;
    private final int first;
    private final int count;
    final List<End> ends = new ArrayList<>();
    final List<Final> finals = new ArrayList<>();

    /** Which of the part's environments began anew before they were stepped. */
    final boolean[] began;

    /** Names this rollout, for environments that are kept. */
    String token = "";

    byte[] random = {};
    String compute = "";
    @Nullable RuntimeException failure;

    Rows(OnPolicyTrainer trainer, Part part) {
      this.trainer = trainer;
      first = part.first;
      count = part.count;
      began = new boolean[count];
    }

    byte[] toBytes() {
      return StateFile.toBytes(ROWS, this);
    }

    void load(byte[] bytes) {
      StateFile.fromBytes(bytes, ROWS, this);
    }

    /** Continues the generator of the policy's noise where these rows ended. */
    void loadNoise() {
      StateFile.fromBytes(random, NOISE, trainer.actionRandom);
    }

    /** Puts the environments where a part begins; those whose states are not saved begin anew. */
    void begin(byte[] state) {
      new Environments(trainer, first, count).load(state);
      System.arraycopy(trainer.environment.restarted(), first, began, 0, count);
      forgetBegun();
    }

    private void forgetBegun() {
      for (int i = 0; i < count; i++) {
        if (began[i]) {
          trainer.beganAnew(first + i);
        }
      }
    }

    void stepped(int t) {
      VectorEnv environment = trainer.environment;
      for (int e = first; e < first + count; e++) {
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
      out.put("token", token);
      out.put("began", began);
      out.put("state", new Environments(trainer, first, count).toBytes());
      out.put("shown", trainer.encoder.held(first, count));
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

    /** Reads them into the trainer, and what has begun anew is no longer remembered there. */
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
      token = in.getString("token");
      in.get("began", began);
      forgetBegun();
      new Environments(trainer, first, count).load(in.getBytes("state"));
      in.get("shown", trainer.encoder.held(first, count));
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
      int episodes = in.getInt("episodes");
      for (int i = 0; i < episodes; i++) {
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
                    return e >= first && e < first + count;
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
      return trainer.rollout.steps() * count;
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
      int length = count * width;
      for (int t = 0; t < trainer.rollout.steps(); t++) {
        int at = (t * trainer.environment.count() + first) * width;
        if (back) {
          System.arraycopy(own, t * length, all, at, length);
        } else {
          System.arraycopy(all, at, own, t * length, length);
        }
      }
    }
  }
}
