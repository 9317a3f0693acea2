package org.deeprl4j.mdp;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeprl4j.memory.Heap;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.Finite;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.deeprl4j.threads.Workers;
import org.jspecify.annotations.Nullable;

/**
 * n environments of the same spaces stepped together, each with a generator of its own. Where an
 * episode ends, the next one starts by itself: {@link #nextObservations()} then holds the true
 * final observation, {@link #observations()} the first one of the new episode.
 *
 * <p>Every method that returns an array returns the live one, the same at every call, overwritten
 * by the next {@link #step}, {@link #reset} or {@link #load}: copy what must last, and write
 * nothing. An environment that breaks its contract (an observation or a reward that is not finite,
 * an exception) stops the whole with an {@link EnvironmentException}.
 *
 * <p>Where stepping all of them takes longer than it takes to hand work to another thread, several
 * threads share the environments; else the calling thread steps them one after the other. Now and
 * then a step is timed to decide. Environments touch nothing but their own rows, so that the
 * results are the same bits either way. Environments that are announced their actions run elsewhere
 * and are stepped by the calling thread.
 *
 * <p>Environments that declare masks have them in their observations, see {@link ActionMasks}.
 *
 * <p>The state that is saved is the one between two steps: generators, environments, current
 * observations and the running episodes' returns and lengths. The results of the last step are not
 * part of it.
 */
public final class VectorEnv implements Stateful, AutoCloseable {
  /** What it takes to wake a thread, and what makes waking it worthwhile. */
  private static final long HAND_OVER_NANOS = 30_000;

  /** One step in so many is made by the calling thread alone, and timed. */
  private static final int PROBE = 128;

  private final Slot[] slots;
  private final boolean announced;
  private final int observationSize;
  private final int actionSize;

  private final float[] observations;
  private final float[] nextObservations;
  private final double[] rewards;
  private final boolean[] terminated;
  private final boolean[] truncated;
  private final boolean[] ended;
  private final boolean[] successDefined;
  private final boolean[] success;
  private final double[] runningReturns;
  private final int[] runningLengths;
  private final double[] episodeReturns;
  private final int[] episodeLengths;
  private final boolean[] restarted;

  private final long handOver;
  private final Workers workers;
  private final Workers.Work stepping; // of all environments
  private int sinceProbe = PROBE;
  private long lastProbe = Long.MAX_VALUE;
  private boolean shared;

  private float[] actions = new float[0];
  private boolean ready;
  private boolean statesOnly;
  private boolean closed;
  private boolean faulty; // a racy write by whichever environment fails
  private @Nullable EnvironmentException fault;

  VectorEnv(List<? extends Mdp> environments, Rng random, int threads, long handOver) {
    int n = environments.size();
    if (n == 0) {
      throw new IllegalArgumentException("a vector of environments must have at least one");
    }
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, not " + threads);
    }
    List<Mdp> masked = environments.stream().map(ActionMasks::of).toList();
    Space observationSpace = masked.get(0).observationSpace();
    Space actionSpace = masked.get(0).actionSpace();
    observationSize = observationSpace.size();
    actionSize = actionSpace.size();
    slots = new Slot[n];
    for (int i = 0; i < n; i++) {
      Mdp mdp = masked.get(i);
      requireEqual(i, "observation", observationSpace, mdp.observationSpace());
      requireEqual(i, "action", actionSpace, mdp.actionSpace());
      slots[i] = new Slot(i, mdp, random.split());
    }
    announced = Arrays.stream(slots).anyMatch(slot -> slot.announced != null);
    Heap.require(
        "a vector of environments = %d with %d observed numbers each".formatted(n, observationSize),
        (double) n * Math.max(observationSize, actionSize),
        4.0 * Float.BYTES * n * observationSize,
        "lower environments");
    observations = new float[n * observationSize];
    nextObservations = new float[observations.length];
    rewards = new double[n];
    terminated = new boolean[n];
    truncated = new boolean[n];
    ended = new boolean[n];
    successDefined = new boolean[n];
    success = new boolean[n];
    runningReturns = new double[n];
    runningLengths = new int[n];
    episodeReturns = new double[n];
    episodeLengths = new int[n];
    restarted = new boolean[n];
    this.handOver = handOver;
    int helpers = announced ? 0 : Math.min(threads, n) - 1;
    workers = new Workers("environments", helpers);
    stepping = workers.work(n, Math.max(1, n / (4 * (helpers + 1))), this::step);
  }

  /**
   * A vector of these environments, which it owns from now on.
   *
   * @param random is split once for each environment, in order. Modified.
   * @param threads how many may step environments, the calling one included, ≥ 1
   * @throws IllegalArgumentException if there is no environment, or their spaces differ
   */
  public static VectorEnv of(List<? extends Mdp> environments, Rng random, int threads) {
    return new VectorEnv(environments, random, threads, HAND_OVER_NANOS);
  }

  /** As above, of {@code count} environments that a supplier makes. */
  public static VectorEnv of(
      Supplier<? extends Mdp> environments, int count, Rng random, int threads) {
    return of(Stream.generate(environments).limit(count).toList(), random, threads);
  }

  private static void requireEqual(int i, String what, Space expected, Space found) {
    if (!expected.equals(found)) {
      throw new IllegalArgumentException(
          "the %s space of environment %d is %s, but it must equal that of environment 0, %s"
              .formatted(what, i, found, expected));
    }
  }

  /** Starts a new episode in every environment. */
  public void reset() {
    requireUsable();
    resetAll();
    clearStep();
    ready = true;
  }

  /**
   * Advances every environment one step, and resets those whose episode ends.
   *
   * @param batch actions, [n, actionSpace().size()]; not modified
   * @throws IllegalArgumentException if the length is another
   * @throws IllegalStateException before the first {@link #reset} or {@link #load}, after a fault,
   *     and after {@link #close}
   * @throws EnvironmentException if an environment fails
   */
  public void step(float[] batch) {
    begin(batch);
    if (announced) {
      for (Slot slot : slots) {
        slot.announce();
      }
    }
    stepAll();
    requireNoFault();
  }

  /**
   * Advances the environments first, first + 1, …, first + count − 1, as {@link #step(float[])}
   * advances all of them, one after the other. The others and their rows stay as they are.
   *
   * @param batch actions of all environments; not modified
   */
  public void step(float[] batch, int first, int count) {
    Objects.checkFromIndexSize(first, count, slots.length);
    if (count == slots.length) {
      step(batch);
      return;
    }
    begin(batch);
    for (int i = first; i < first + count && announced; i++) {
      slots[i].announce();
    }
    for (int i = first; i < first + count; i++) {
      step(i);
    }
    requireNoFault();
  }

  private void begin(float[] batch) {
    requireUsable();
    if (!ready) {
      throw new IllegalStateException("no episode was started: call reset() before the first step");
    }
    if (batch.length != slots.length * actionSize) {
      throw new IllegalArgumentException(
          "actions must be [%d, %d], %d floats, not %d"
              .formatted(slots.length, actionSize, slots.length * actionSize, batch.length));
    }
    actions = batch;
  }

  private void stepAll() {
    boolean probe = workers.helpers() > 0 && ++sinceProbe > PROBE;
    if (shared && !probe) {
      stepping.run(true);
      return;
    }
    long start = probe ? System.nanoTime() : 0;
    for (int i = 0; i < slots.length; i++) {
      step(i);
    }
    if (probe) {
      long nanos = System.nanoTime() - start;
      // The lesser of two, since a single measurement may contain a pause of this thread.
      shared = Math.min(nanos, lastProbe) > handOver;
      sinceProbe = lastProbe == Long.MAX_VALUE ? PROBE : 0; // the first two follow each other
      lastProbe = nanos;
    }
  }

  private void step(int i) {
    Slot slot = slots[i];
    try {
      slot.step();
    } catch (Throwable t) {
      slot.fail(t);
    }
  }

  private void resetAll() {
    for (Slot slot : slots) {
      slot.tryReset();
    }
    requireNoFault();
  }

  private void requireUsable() {
    requireNotClosed();
    if (statesOnly) {
      throw new IllegalStateException("its environments are elsewhere");
    }
  }

  private void requireNotClosed() {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    if (fault != null) {
      throw new IllegalStateException("stopped by an earlier fault", fault);
    }
  }

  /** Throws the fault of the first environment that has one. */
  private void requireNoFault() {
    if (faulty) {
      ready = false;
      for (Slot slot : slots) {
        EnvironmentException found = slot.fault;
        if (found != null) {
          fault = found;
          throw found;
        }
      }
    }
  }

  private void clearStep() {
    Arrays.fill(rewards, 0);
    Arrays.fill(terminated, false);
    Arrays.fill(truncated, false);
    Arrays.fill(ended, false);
    Arrays.fill(successDefined, false);
    Arrays.fill(success, false);
    System.arraycopy(observations, 0, nextObservations, 0, observations.length);
  }

  /** Saves also after a fault: the environment that failed starts a new episode once loaded. */
  @Override
  public void save(StateWriter out) {
    out.put("count", slots.length);
    save(0, slots.length, out);
  }

  private void save(int first, int count, StateWriter out) {
    if (!ready && fault == null) {
      throw new IllegalStateException("nothing to save: no episode was started");
    }
    for (int i = first; i < first + count; i++) {
      out.put("random" + i, slots[i].random);
      out.put("environment" + i, slots[i]);
    }
    out.put("returns", Arrays.copyOfRange(runningReturns, first, first + count));
    out.put("lengths", Arrays.copyOfRange(runningLengths, first, first + count));
    out.put("observations", observations, first * observationSize, count * observationSize);
  }

  @Override
  public void load(StateReader in) {
    requireUsable();
    int n = in.getInt("count");
    if (n != slots.length) {
      throw new StateFormatException(
          "the state is of " + n + " environments, but there are " + slots.length);
    }
    // An environment may draw during its episode, from the generator it was reset with: make that
    // ours, whose state is read next.
    resetAll();
    load(0, n, in);
    clearStep();
    ready = true;
  }

  private void load(int first, int count, StateReader in) {
    double[] returns = new double[count];
    int[] lengths = new int[count];
    for (int i = first; i < first + count; i++) {
      in.get("random" + i, slots[i].random);
      in.get("environment" + i, slots[i]);
    }
    in.get("returns", returns);
    in.get("lengths", lengths);
    System.arraycopy(returns, 0, runningReturns, first, count);
    System.arraycopy(lengths, 0, runningLengths, first, count);
    in.get("observations", observations, first * observationSize, count * observationSize);
    for (int i = first; i < first + count; i++) {
      restarted[i] &= !statesOnly;
      if (restarted[i]) {
        slots[i].tryReset();
      }
    }
    requireNoFault();
  }

  /**
   * The state of the environments first, first + 1, …, first + count − 1 alone, as it is when it is
   * saved or loaded. It goes from one vector to another of as many environments that has been reset
   * or loaded before, and leaves the others and their rows as they are.
   */
  public Stateful part(int first, int count) {
    Objects.checkFromIndexSize(first, count, slots.length);
    return new Stateful() {
      @Override
      public void save(StateWriter out) {
        VectorEnv.this.save(first, count, out);
      }

      @Override
      public void load(StateReader in) {
        requireNotClosed();
        if (!ready) {
          throw new IllegalStateException("no episode was started: call reset() first");
        }
        VectorEnv.this.load(first, count, in);
      }
    };
  }

  /** Whether the states of all environments are saved, so that none starts anew once loaded. */
  public boolean savesAll() {
    return Arrays.stream(slots).allMatch(slot -> MdpState.isComplete(slot.mdp));
  }

  /**
   * Closes every environment and keeps what is saved of them: they go on elsewhere. The vector can
   * be saved from then on, and parts of it loaded, which starts no environment anew; it cannot be
   * stepped.
   */
  public void keepStatesOnly() {
    if (!statesOnly) {
      statesOnly = true;
      for (Slot slot : slots) {
        slot.mdp.close();
      }
    }
  }

  /** Closes every environment. */
  @Override
  public void close() {
    closed = true;
    workers.close();
    keepStatesOnly();
  }

  /** The number n of environments. */
  public int count() {
    return slots.length;
  }

  /** The observation space of each. */
  public Space observationSpace() {
    return slots[0].mdp.observationSpace();
  }

  /** The action space of each. */
  public Space actionSpace() {
    return slots[0].mdp.actionSpace();
  }

  /** The i-th environment, to look at and not to step. */
  public Mdp environment(int i) {
    return slots[i].mdp;
  }

  /** The observations to act on, [n, observationSpace().size()]. */
  public float[] observations() {
    return observations;
  }

  /** What the last step led to, [n, observationSpace().size()]: final observations included. */
  public float[] nextObservations() {
    return nextObservations;
  }

  /** The rewards of the last step, [n]; finite as floats. */
  public double[] rewards() {
    return rewards;
  }

  /** Which environments reached a terminal state in the last step, [n]. */
  public boolean[] terminated() {
    return terminated;
  }

  /** Which environments were cut off in the last step, [n]; may hold together with terminated. */
  public boolean[] truncated() {
    return truncated;
  }

  /** Which episodes ended in the last step, for either reason, [n]. */
  public boolean[] ended() {
    return ended;
  }

  /** Which environments said in the last step whether their task stands achieved, [n]. */
  public boolean[] successDefined() {
    return successDefined;
  }

  /** What they said, [n]; valid where {@link #successDefined()}. */
  public boolean[] success() {
    return success;
  }

  /**
   * The undiscounted returns of the episodes that ended in the last step, [n], valid where {@link
   * #ended()}.
   */
  public double[] episodeReturns() {
    return episodeReturns;
  }

  /** The lengths of the episodes that ended in the last step, [n], valid where {@link #ended()}. */
  public int[] episodeLengths() {
    return episodeLengths;
  }

  /** The episode of the i-th environment that ended in the last step; valid where it did. */
  public EpisodeLog.Episode episode(int i) {
    return new EpisodeLog.Episode(
        episodeReturns[i], episodeLengths[i], successDefined[i], success[i]);
  }

  /**
   * Which environments the last {@link #load} had to start at a new episode because their state
   * cannot be saved, [n]; none before the first load. Their running episodes are gone: whatever
   * holds steps of them must take the newest for the last of its episode, cut off and not
   * terminated. Where a {@link #part} was loaded since, it says that of the part.
   */
  public boolean[] restarted() {
    return restarted;
  }

  /** Tells of each of those environments, in their order. */
  public void forEachRestarted(IntConsumer told) {
    for (int i = 0; i < restarted.length; i++) {
      if (restarted[i]) {
        told.accept(i);
      }
    }
  }

  /** How many environments those are. */
  public int restartedCount() {
    int count = 0;
    for (boolean anew : restarted) {
      count += anew ? 1 : 0;
    }
    return count;
  }

  /** One environment, its rows of the arrays, and what only it touches. */
  private final class Slot implements Stateful {
    final int index;
    final Mdp mdp;
    final @Nullable AnnouncedMdp announced;
    final Rng random;
    private final Step next;
    private final float[] action;
    private final float[] first;
    @Nullable EnvironmentException fault;

    Slot(int index, Mdp mdp, Rng random) {
      this.index = index;
      this.mdp = mdp;
      this.random = random;
      announced = MdpWrapper.announced(mdp).orElse(null);
      next = new Step(observationSize);
      action = new float[actionSize];
      first = new float[observationSize];
    }

    void announce() {
      if (announced != null) {
        System.arraycopy(actions, index * actionSize, action, 0, actionSize);
        announced.announce(action);
      }
    }

    void step() {
      next.clear();
      System.arraycopy(actions, index * actionSize, action, 0, actionSize);
      runningLengths[index]++;
      mdp.step(action, next);
      requireFinite(next.observation());
      double reward = next.reward();
      if (!Float.isFinite((float) reward)) {
        throw fault("the reward is " + reward + ", but it must be a finite float", null);
      }
      rewards[index] = reward;
      runningReturns[index] += reward;
      terminated[index] = next.terminated();
      truncated[index] = next.truncated();
      ended[index] = next.ended();
      successDefined[index] = next.successDefined();
      success[index] = next.success();
      System.arraycopy(
          next.observation(), 0, nextObservations, index * observationSize, observationSize);
      if (next.ended()) {
        episodeReturns[index] = runningReturns[index];
        episodeLengths[index] = runningLengths[index];
        reset();
      } else {
        setObservation(next.observation());
      }
    }

    void tryReset() {
      try {
        reset();
      } catch (Throwable t) {
        fail(t);
      }
    }

    private void reset() {
      runningReturns[index] = 0;
      runningLengths[index] = 0;
      mdp.reset(random, first);
      requireFinite(first);
      setObservation(first);
    }

    private void setObservation(float[] observation) {
      System.arraycopy(observation, 0, observations, index * observationSize, observationSize);
    }

    private void requireFinite(float[] observation) {
      if (!Finite.all(observation, 0, observationSize)) {
        int element = Finite.first(observation, 0, observationSize);
        throw fault(
            "observation[%d] is %s, but every element must be finite"
                .formatted(element, observation[element]),
            null);
      }
    }

    void fail(Throwable t) {
      fault = t instanceof EnvironmentException already ? already : fault(t.toString(), t);
      faulty = true;
    }

    private EnvironmentException fault(String what, @Nullable Throwable cause) {
      int length = runningLengths[index];
      String message =
          "environment %d (%s), %s: %s"
              .formatted(
                  index,
                  mdp.name(),
                  length == 0 ? "at its reset" : "step " + length + " of its episode",
                  what);
      return cause == null
          ? new EnvironmentException(index, message)
          : new EnvironmentException(index, message, cause);
    }

    @Override
    public void save(StateWriter out) {
      if (fault == null) {
        MdpState.save(mdp, out);
      } else {
        MdpState.saveFailed(mdp, out);
      }
    }

    @Override
    public void load(StateReader in) {
      restarted[index] = !MdpState.load(mdp, in);
    }
  }
}
