package org.deeprl4j.threads;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A few helper threads for tasks of tens of microseconds, too short for an executor's queue.
 * Helpers start with the first work that is worth it, wait for more by spinning, then by yielding,
 * and then park. Waking them takes as long as a short task, so a caller says whether its tasks are
 * worth it; helpers that are awake take part in any case. Tasks may call again, and several threads
 * may: whoever waits for the end of its tasks takes part in those of others, so that no core is
 * idle while there is anything left to do.
 *
 * <p>A helper that ended up on the caller's core may stay there, as neither ever blocks: a caller
 * that finds itself doing all the work has the helpers park, and the operating system places them
 * anew when they are woken.
 */
public final class Workers implements AutoCloseable {
  /** Looks for work by a spinning thread, some ten microseconds: longer hurts on a busy machine. */
  private static final int SPINS = 500;

  /**
   * Nanoseconds without work until a helper parks: longer than the pauses between the minibatches
   * of an update, shorter than the environment steps between updates.
   */
  private static final long PATIENCE = 100_000;

  /** Nanoseconds until a caller that waits for others sleeps between its looks, and how long. */
  private static final long LONG_WAIT = 1_000_000;

  private static final long NAP = 50_000;

  /** Rounds that the caller did alone, less those it did not, until helpers are placed anew. */
  private static final int ALONE = 16;

  private final Thread[] threads;
  private final AtomicReferenceArray<@Nullable Work> open; // what is under way, in any order
  private volatile boolean started;
  private volatile boolean closed;
  private volatile int parked;
  private final AtomicInteger moves = new AtomicInteger(); // how often helpers were to park
  private int unaided;

  /**
   * Workers that have not started.
   *
   * @param name that the names of the threads begin with
   * @param helpers the number of threads, the calling one not included; ≥ 0
   */
  public Workers(String name, int helpers) {
    threads = new Thread[helpers];
    open = new AtomicReferenceArray<>(4 * (helpers + 1));
    for (int i = 0; i < helpers; i++) {
      threads[i] = new Thread(this::loop, name + "-" + (i + 1));
      threads[i].setDaemon(true);
    }
  }

  /**
   * A task on each of n indices, to be run again and again, by one thread at a time. Threads take
   * ranges of indices until none is left, so that a helper that comes late costs nothing but its
   * help. A run allocates nothing.
   */
  public final class Work {
    private final int n;
    private final int range;
    private final IntConsumer task;

    // Whatever a run needs is written before `next` returns to 0 and read after a range is taken;
    // whatever it produces is written before `finished` grows and read after it has reached n.
    private final AtomicInteger next;
    private final AtomicInteger finished = new AtomicInteger();
    private volatile @Nullable Throwable failure;

    private Work(int n, int range, IntConsumer task) {
      this.n = n;
      this.range = range;
      this.task = task;
      next = new AtomicInteger(n);
    }

    /**
     * Runs the task on every index, and returns when all are done.
     *
     * @param wake whether it is worth waking helpers that have parked
     */
    public void run(boolean wake) {
      if (isForOne(n, wake)) {
        for (int i = 0; i < n; i++) {
          task.accept(i);
        }
        return;
      }
      failure = null;
      finished.set(0);
      next.set(0);
      int slot = publish(this);
      if (wake) {
        wake();
      }
      count(take() == n);
      await();
      if (slot >= 0) {
        open.set(slot, null);
      }
      Throwable thrown = failure;
      if (thrown instanceof RuntimeException e) {
        throw e;
      }
      if (thrown instanceof Error e) {
        throw e;
      }
    }

    private boolean isLeft() {
      return next.get() < n;
    }

    /** Takes ranges until none is left; returns how many indices they had. */
    private int take() {
      int done = 0;
      while (isLeft()) { // so that late looks do not make `next` grow without bound
        int from = next.getAndAdd(range);
        int to = Math.min(n, from + range);
        for (int i = from; i < to; i++) {
          try {
            task.accept(i);
          } catch (Throwable t) {
            failure = t;
          }
        }
        if (from < to) {
          finished.addAndGet(to - from);
          done += to - from;
        }
      }
      return done;
    }

    /** Waits for those that others have taken, and takes part in other work meanwhile. */
    private void await() {
      int idle = 0;
      long since = 0; // when this thread began to yield
      while (finished.get() < n) {
        if (help()) {
          idle = 0;
        } else if (++idle < SPINS) {
          Thread.onSpinWait();
        } else if (idle == SPINS) {
          since = System.nanoTime();
        } else if (System.nanoTime() - since < LONG_WAIT) {
          Thread.yield();
        } else {
          LockSupport.parkNanos(this, NAP);
        }
      }
    }
  }

  /** The number of helpers. */
  public int helpers() {
    return threads.length;
  }

  /**
   * Work on indices in [0, n).
   *
   * @param n ≥ 1
   * @param range how many indices a thread takes at once, ≥ 1
   * @param task is called by any thread, several at once
   */
  public Work work(int n, int range, IntConsumer task) {
    return new Work(n, range, task);
  }

  /**
   * Runs tasks and returns when all are done.
   *
   * @param wake whether they are worth waking helpers that have parked
   */
  public void run(boolean wake, Runnable... tasks) {
    if (isForOne(tasks.length, wake)) {
      for (Runnable task : tasks) {
        task.run();
      }
    } else {
      new Work(tasks.length, 1, i -> tasks[i].run()).run(wake);
    }
  }

  private boolean isForOne(int tasks, boolean wake) {
    return tasks < 2 || threads.length == 0 || (!wake && parked() == threads.length);
  }

  /** The helpers that wait to be woken, or to be started. */
  int parked() {
    return started ? parked : threads.length;
  }

  private void wake() {
    if (!started) {
      start();
    } else if (parked > 0) {
      for (Thread thread : threads) {
        LockSupport.unpark(thread);
      }
    }
  }

  private synchronized void start() {
    if (!started && !closed) {
      started = true;
      for (Thread thread : threads) {
        thread.start();
      }
    }
  }

  /** Counts a round that the caller did alone, or not. */
  private void count(boolean alone) {
    unaided = alone ? unaided + 1 : Math.max(0, unaided - 1);
    if (unaided == ALONE) {
      unaided = 0;
      moves.incrementAndGet();
    }
  }

  /** Makes work known, and returns where; −1 if too much is under way. */
  private int publish(Work work) {
    for (int i = 0; i < open.length(); i++) {
      if (open.get(i) == null && open.compareAndSet(i, null, work)) {
        return i;
      }
    }
    return -1;
  }

  /** Takes part in some work, and returns whether there was any. */
  private boolean help() {
    Work found = find();
    return found != null && found.take() > 0;
  }

  private @Nullable Work find() {
    for (int i = 0; i < open.length(); i++) {
      Work work = open.get(i);
      if (work != null && work.isLeft()) {
        return work;
      }
    }
    return null;
  }

  private void loop() {
    int idle = 0;
    long since = 0; // when this helper began to yield
    int moved = 0;
    while (!closed) {
      if (moved != moves.get()) {
        moved = moves.get();
        park();
      } else if (help()) {
        idle = 0;
      } else if (++idle < SPINS) {
        Thread.onSpinWait();
      } else if (idle == SPINS) {
        since = System.nanoTime();
      } else if (System.nanoTime() - since < PATIENCE) {
        Thread.yield();
      } else {
        park();
        idle = 0;
      }
    }
  }

  private void park() {
    synchronized (this) {
      parked++;
    }
    if (!closed && find() == null) {
      // Work made known after this look finds `parked` raised and unparks: nothing is lost.
      LockSupport.park(this);
    }
    synchronized (this) {
      parked--;
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
  }
}
