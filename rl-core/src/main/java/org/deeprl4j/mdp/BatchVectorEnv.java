package org.deeprl4j.mdp;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.jspecify.annotations.Nullable;

/**
 * The batch and the work on a range of it. Environments touch nothing but their own rows, so that
 * any cut into ranges, run in any order, gives the same bits. Subclasses choose the cut.
 */
abstract class BatchVectorEnv implements VectorEnv {
  /** Work on the environments [from, to); never throws. */
  interface Work {
    void run(BatchVectorEnv batch, int from, int to);
  }

  private static final Work RESET = BatchVectorEnv::resetRange;
  private static final Work STEP = BatchVectorEnv::stepRange;

  private final Mdp[] environments;
  // [n], or empty where none wants to be told its action ahead.
  private final @Nullable AnnouncedMdp[] announced;
  private final Part[] parts;
  private final Rng[] generators;
  private final Step[] steps;
  private final float[][] action;
  private final float[][] first;
  private final int observationSize;
  private final int actionSize;

  private final float[] observations;
  private final float[] nextObservations;
  private final double[] rewards;
  private final boolean[] terminated;
  private final boolean[] truncated;
  private final boolean[] ended;
  private final boolean[] restarted;
  private final double[] runningReturns;
  private final int[] runningLengths;
  private final double[] episodeReturns;
  private final int[] episodeLengths;
  private final double[] episodeSuccesses;
  private final @Nullable EnvironmentException[] faults;

  private float[] actions = new float[0];
  private int endedCount;
  private int restartedCount;
  private boolean ready;
  private boolean closed;
  private @Nullable EnvironmentException fault;

  BatchVectorEnv(List<? extends Mdp> mdps, Rng random) {
    int n = mdps.size();
    if (n == 0) {
      throw new IllegalArgumentException("a vector of environments must have at least one");
    }
    environments = mdps.toArray(new Mdp[0]);
    Space observationSpace = environments[0].observationSpace();
    Space actionSpace = environments[0].actionSpace();
    observationSize = observationSpace.size();
    actionSize = actionSpace.size();
    boolean any = mdps.stream().anyMatch(mdp -> MdpWrapper.announced(mdp).isPresent());
    announced = new AnnouncedMdp[any ? n : 0];
    for (int i = 0; i < announced.length; i++) {
      announced[i] = MdpWrapper.announced(environments[i]).orElse(null);
    }
    parts = new Part[n];
    generators = new Rng[n];
    steps = new Step[n];
    action = new float[n][actionSize];
    first = new float[n][observationSize];
    for (int i = 0; i < n; i++) {
      requireEqual(i, "observation", observationSpace, environments[i].observationSpace());
      requireEqual(i, "action", actionSpace, environments[i].actionSpace());
      parts[i] = new Part(environments[i]);
      generators[i] = random.split();
      steps[i] = new Step(observationSize);
    }
    observations = new float[Math.multiplyExact(n, observationSize)];
    nextObservations = new float[observations.length];
    rewards = new double[n];
    terminated = new boolean[n];
    truncated = new boolean[n];
    ended = new boolean[n];
    restarted = new boolean[n];
    runningReturns = new double[n];
    runningLengths = new int[n];
    episodeReturns = new double[n];
    episodeLengths = new int[n];
    episodeSuccesses = new double[n];
    faults = new EnvironmentException[n];
  }

  /** An environment as a part of the saved state. */
  private static final class Part implements Stateful {
    private final Mdp mdp;
    private boolean complete;
    private boolean failed;

    Part(Mdp mdp) {
      this.mdp = mdp;
    }

    @Override
    public void save(StateWriter out) {
      if (failed) {
        MdpState.saveFailed(mdp, out);
      } else {
        MdpState.save(mdp, out);
      }
    }

    @Override
    public void load(StateReader in) {
      complete = MdpState.load(mdp, in);
    }
  }

  private static void requireEqual(int i, String what, Space expected, Space found) {
    if (!expected.equals(found)) {
      throw new IllegalArgumentException(
          "the %s space of environment %d is %s, but it must equal that of environment 0, %s"
              .formatted(what, i, found, expected));
    }
  }

  /** Runs the work on every environment, in whatever cut, and waits for it. */
  abstract void onAll(Work work);

  @Override
  public final void reset() {
    requireUsable();
    run(RESET);
    clearStep();
    ready = true;
  }

  @Override
  public final void step(float[] batch) {
    requireUsable();
    if (!ready) {
      throw new IllegalStateException("no episode was started: call reset() before the first step");
    }
    if (batch.length != environments.length * actionSize) {
      throw new IllegalArgumentException(
          "actions must be [%d, %d], %d floats, not %d"
              .formatted(
                  environments.length, actionSize, environments.length * actionSize, batch.length));
    }
    actions = batch;
    announce();
    run(STEP);
    int count = 0;
    for (boolean e : ended) {
      count += e ? 1 : 0;
    }
    endedCount = count;
  }

  private void announce() {
    for (int i = 0; i < announced.length; i++) {
      AnnouncedMdp mdp = announced[i];
      if (mdp != null) {
        System.arraycopy(actions, i * actionSize, action[i], 0, actionSize);
        mdp.announce(action[i]);
      }
    }
  }

  private void requireUsable() {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    if (fault != null) {
      throw new IllegalStateException("stopped by an earlier fault", fault);
    }
  }

  private void run(Work work) {
    onAll(work);
    if (fault != null) { // a racy write by whichever range failed; the lowest index decides
      ready = false;
      for (EnvironmentException f : faults) {
        if (f != null) {
          fault = f;
          throw f;
        }
      }
    }
  }

  private void resetRange(int from, int to) {
    for (int i = from; i < to; i++) {
      try {
        resetOne(i);
      } catch (Throwable t) {
        fail(i, t);
      }
    }
  }

  private void stepRange(int from, int to) {
    for (int i = from; i < to; i++) {
      try {
        stepOne(i);
      } catch (Throwable t) {
        fail(i, t);
      }
    }
  }

  private void resetOne(int i) {
    runningReturns[i] = 0;
    runningLengths[i] = 0;
    float[] observation = first[i];
    environments[i].reset(generators[i], observation);
    requireFinite(i, observation);
    System.arraycopy(observation, 0, observations, i * observationSize, observationSize);
  }

  private void stepOne(int i) {
    Step next = steps[i];
    next.clear();
    System.arraycopy(actions, i * actionSize, action[i], 0, actionSize);
    runningLengths[i]++;
    environments[i].step(action[i], next);
    float[] observation = next.observation();
    requireFinite(i, observation);
    double reward = next.reward();
    if (!Float.isFinite((float) reward)) { // which is what is learned from
      String what = Double.isFinite(reward) ? "%s, beyond any float" : "%s";
      throw fault(i, ("the reward is " + what + ", but it must be finite").formatted(reward), null);
    }
    rewards[i] = reward;
    runningReturns[i] += reward;
    terminated[i] = next.terminated();
    truncated[i] = next.truncated();
    boolean end = next.ended();
    ended[i] = end;
    int row = i * observationSize;
    System.arraycopy(observation, 0, nextObservations, row, observationSize);
    if (end) {
      episodeReturns[i] = runningReturns[i];
      episodeLengths[i] = runningLengths[i];
      episodeSuccesses[i] = next.successDefined() ? next.success() ? 1 : 0 : Double.NaN;
      resetOne(i);
    } else {
      System.arraycopy(observation, 0, observations, row, observationSize);
    }
  }

  private void requireFinite(int i, float[] observation) {
    if (!Finite.all(observation, 0, observationSize)) {
      int element = Finite.first(observation, 0, observationSize);
      throw fault(
          i,
          "observation[%d] is %s, but every element must be finite"
              .formatted(element, observation[element]),
          null);
    }
  }

  private void fail(int i, Throwable t) {
    EnvironmentException f =
        t instanceof EnvironmentException already ? already : fault(i, t.toString(), t);
    faults[i] = f;
    fault = f;
  }

  private EnvironmentException fault(int i, String what, @Nullable Throwable cause) {
    String message =
        "environment %d (%s), %s: %s"
            .formatted(
                i,
                MdpWrapper.base(environments[i]).getClass().getSimpleName(),
                runningLengths[i] == 0
                    ? "at its reset"
                    : "step " + runningLengths[i] + " of its episode",
                what);
    return cause == null
        ? new EnvironmentException(i, message)
        : new EnvironmentException(i, message, cause);
  }

  private void clearStep() {
    Arrays.fill(rewards, 0);
    Arrays.fill(terminated, false);
    Arrays.fill(truncated, false);
    Arrays.fill(ended, false);
    System.arraycopy(observations, 0, nextObservations, 0, observations.length);
    endedCount = 0;
  }

  /** Saves also after a fault: the environment that failed starts a new episode once loaded. */
  @Override
  public final void save(StateWriter out) {
    if (!ready && fault == null) {
      throw new IllegalStateException("nothing to save: no episode was started");
    }
    out.put("count", environments.length);
    for (int i = 0; i < environments.length; i++) {
      parts[i].failed = faults[i] != null;
      out.put("random" + i, generators[i]);
      out.put("environment" + i, parts[i]);
    }
    out.put("returns", runningReturns);
    out.put("lengths", runningLengths);
    out.put("observations", observations);
  }

  @Override
  public final void load(StateReader in) {
    requireUsable();
    int n = in.getInt("count");
    if (n != environments.length) {
      throw new StateFormatException(
          "the state is of " + n + " environments, but there are " + environments.length);
    }
    // An environment may draw during its episode, from the generator it was reset with: make that
    // ours, whose state is read next.
    run(RESET);
    for (int i = 0; i < n; i++) {
      in.get("random" + i, generators[i]);
      in.get("environment" + i, parts[i]);
    }
    in.get("returns", runningReturns);
    in.get("lengths", runningLengths);
    in.get("observations", observations);
    restartedCount = 0;
    for (int i = 0; i < n; i++) {
      restarted[i] = !parts[i].complete;
      if (restarted[i]) {
        resetRange(i, i + 1);
        restartedCount++;
      }
    }
    if (fault != null) {
      throw fault;
    }
    clearStep();
    ready = true;
  }

  @Override
  public void close() {
    closed = true;
    for (Mdp environment : environments) {
      environment.close();
    }
  }

  @Override
  public final int count() {
    return environments.length;
  }

  @Override
  public final Space observationSpace() {
    return environments[0].observationSpace();
  }

  @Override
  public final Space actionSpace() {
    return environments[0].actionSpace();
  }

  @Override
  public final Mdp environment(int i) {
    return environments[i];
  }

  @Override
  public final float[] observations() {
    return observations;
  }

  @Override
  public final float[] nextObservations() {
    return nextObservations;
  }

  @Override
  public final double[] rewards() {
    return rewards;
  }

  @Override
  public final boolean[] terminated() {
    return terminated;
  }

  @Override
  public final boolean[] truncated() {
    return truncated;
  }

  @Override
  public final boolean[] ended() {
    return ended;
  }

  @Override
  public final int endedCount() {
    return endedCount;
  }

  @Override
  public final double[] episodeReturns() {
    return episodeReturns;
  }

  @Override
  public final int[] episodeLengths() {
    return episodeLengths;
  }

  @Override
  public final double[] episodeSuccesses() {
    return episodeSuccesses;
  }

  @Override
  public final boolean[] restarted() {
    return restarted;
  }

  @Override
  public final int restartedCount() {
    return restartedCount;
  }
}
