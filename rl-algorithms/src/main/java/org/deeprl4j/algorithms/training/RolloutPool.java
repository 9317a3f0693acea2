package org.deeprl4j.algorithms.training;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.deeprl4j.mdp.ActionMasks;
import org.deeprl4j.mdp.AnnouncedMdp;
import org.deeprl4j.mdp.EnvironmentException;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.state.DivergenceException;
import org.deeprl4j.state.StateFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Gathers parts of the rollouts of a run, as many at once as there are threads that call it. What
 * it gathers with stays in it from rollout to rollout.
 *
 * <p>Where the states of environments can be saved, a part depends on nothing but what it is given.
 * Where they cannot, the environments of a part stay here, and begin anew if what is asked for is
 * not where they are: because they were lost, or have been stepped without the run knowing of it.
 * There are no others than those of the parts that were gathered here.
 */
public final class RolloutPool implements AutoCloseable {
  /** Starts a trainer of the run, on one thread, of which nothing but rollouts are asked. */
  @FunctionalInterface
  public interface Start {
    /**
     * Starts it; its {@code Compute} is closed with it.
     *
     * @param sparing makes of what makes the environments what the trainer is given, so that it
     *     makes no more of them than it needs
     */
    OnPolicyTrainer trainer(UnaryOperator<Supplier<Mdp>> sparing);
  }

  private final Start start;
  private final List<Worker> free = new ArrayList<>();
  private boolean closed;

  /** A pool in which nothing is started yet. */
  public RolloutPool(Start start) {
    this.start = start;
  }

  /**
   * Gathers a part of a rollout.
   *
   * @param policy as {@link RolloutWorkers#gather} is given it
   * @param part as {@link RolloutWorkers#gather} is given it
   * @return what comes back
   * @throws RuntimeException if the environments or the trainer cannot be made
   */
  public byte[] gather(byte[] policy, byte[] part) {
    RolloutMessages.Part wanted = RolloutMessages.Part.of(part);
    Worker worker = take(wanted);
    boolean sound = false;
    try {
      byte[] rows = worker.gather(policy, wanted);
      sound = true;
      return rows;
    } finally {
      if (sound) {
        give(worker);
      } else {
        worker.close();
      }
    }
  }

  private synchronized Worker take(RolloutMessages.Part part) {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    for (Iterator<Worker> all = free.iterator(); all.hasNext(); ) {
      Worker worker = all.next();
      if (worker.suits(part)) {
        all.remove();
        return worker;
      }
    }
    return new Worker(start);
  }

  private void give(Worker worker) {
    worker.lastUsed = System.nanoTime();
    synchronized (this) {
      if (!closed) {
        free.add(0, worker); // the latest is where the run is, if there are several
        return;
      }
    }
    worker.close();
  }

  /** Lets go of what was not used for so long. */
  public void closeIdle(Duration idle) {
    long now = System.nanoTime();
    List<Worker> left = new ArrayList<>();
    synchronized (this) {
      free.removeIf(worker -> now - worker.lastUsed >= idle.toNanos() && left.add(worker));
    }
    left.forEach(Worker::close);
  }

  /** Lets go of all that is here; what is being gathered is let go of when it is done. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    closeIdle(Duration.ZERO);
  }

  /** A trainer and its environments, for one thread. */
  private static final class Worker implements AutoCloseable {
    private final Start start;
    private @Nullable OnPolicyTrainer trainer;
    private int first; // of its environments, where they are kept
    private int count;
    private boolean kept;
    private String token = "";
    long lastUsed;

    Worker(Start start) {
      this.start = start;
    }

    boolean suits(RolloutMessages.Part part) {
      return kept == part.kept && (!kept || (first == part.first && count == part.count));
    }

    /** Where an environment's process is gone, the part is gathered once more, by others. */
    byte[] gather(byte[] policy, RolloutMessages.Part part) {
      RolloutMessages.Rows rows = gathered(policy, part);
      if (part.kept && rows.failure instanceof EnvironmentException e && isGone(e.index())) {
        close();
        rows = gathered(policy, part);
      }
      byte[] bytes = rows.toBytes();
      if (rows.failure != null) {
        close();
      }
      return bytes;
    }

    private RolloutMessages.Rows gathered(byte[] policy, RolloutMessages.Part part) {
      OnPolicyTrainer own = trainer == null ? begin(part) : trainer;
      boolean there = kept && token.equals(part.token);
      token = ""; // until they are somewhere again
      new RolloutMessages.Policy(own).load(policy);
      RolloutMessages.Rows rows = new RolloutMessages.Rows(own, part);
      try {
        if (!there) {
          rows.begin(part.state);
        }
        own.gather(part.first, part.count, rows::stepped);
        if (kept) {
          token = UUID.randomUUID().toString();
          rows.token = token;
        }
      } catch (EnvironmentException | DivergenceException e) {
        rows.failure = e;
      } catch (StateFormatException e) { // as what a reset throws is told
        if (!(e.getCause() instanceof EnvironmentException fault)) {
          throw e;
        }
        rows.failure = fault;
      }
      return rows;
    }

    private OnPolicyTrainer begin(RolloutMessages.Part part) {
      kept = part.kept;
      first = part.first;
      count = part.count;
      OnPolicyTrainer begun =
          start.trainer(all -> kept ? sparing(all, part.first, part.count) : all);
      trainer = begun;
      token = RolloutMessages.BEGINNING;
      return begun;
    }

    private boolean isGone(int environment) {
      return trainer != null
          && MdpWrapper.base(trainer.environment.environment(environment))
              instanceof AnnouncedMdp base
          && base.isGone();
    }

    @Override
    public void close() {
      OnPolicyTrainer ended = trainer;
      trainer = null;
      if (ended != null) {
        ended.close();
        ended.setup.compute().close();
      }
    }
  }

  /**
   * Makes the environments of a part alone, as the trainer asks for all of them in their order. The
   * others are such as cannot be stepped.
   */
  private static Supplier<Mdp> sparing(Supplier<Mdp> environments, int first, int count) {
    return new Supplier<>() {
      private @Nullable Mdp one; // the first of the part, whose spaces all have
      private int asked;

      @Override
      public Mdp get() {
        int e = asked++;
        Mdp known = one == null ? environments.get() : one;
        one = known;
        if (e == first) {
          return known;
        }
        boolean own = e > first && e < first + count;
        return own || MdpWrapper.find(known, ActionMasks.class).isPresent()
            ? environments.get()
            : new AbsentMdp(known);
      }
    };
  }
}
