package org.deeprl4j.nn;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A few helper threads for tasks of tens of microseconds, too short for an executor's queue.
 * Helpers wait for work by spinning, then by yielding, and then park. Waking them takes as long as
 * a short task, so a caller says whether its tasks are worth it; helpers that are awake take part
 * in any case. Tasks may call again, and several threads may: whoever waits for the end of its
 * tasks takes part in those of others, so that no core is idle while there is anything left to do.
 *
 * <p>A helper that ended up on the caller's core may stay there, as neither ever blocks: a caller
 * that finds itself doing all the work has the helpers park, and the operating system places them
 * anew when they are woken.
 */
final class Workers implements AutoCloseable {
  /** Looks for work by a spinning helper, some ten microseconds: longer hurts on a busy machine. */
  private static final int SPINS = 500;

  /**
   * Nanoseconds without work until a helper parks: longer than the pauses between the minibatches
   * of an update, shorter than the environment steps between updates.
   */
  private static final long PATIENCE = 100_000;

  /** Batches that the caller did alone, less those it did not, until helpers are placed anew. */
  private static final int ALONE = 16;

  /** One batch of tasks; a helper that comes late to it finds nothing left. */
  private static final class Batch {
    final Runnable[] tasks;
    final AtomicInteger next = new AtomicInteger();
    final AtomicInteger finished = new AtomicInteger();
    volatile @Nullable Throwable failure;

    Batch(Runnable[] tasks) {
      this.tasks = tasks;
    }

    boolean hasWork() {
      return next.get() < tasks.length;
    }

    boolean isDone() {
      return finished.get() == tasks.length;
    }

    /** Takes tasks until none is left, and counts them. */
    int work() {
      int done = 0;
      for (int i = next.getAndIncrement(); i < tasks.length; i = next.getAndIncrement()) {
        try {
          tasks[i].run();
        } catch (Throwable t) {
          failure = t;
        } finally {
          finished.incrementAndGet();
        }
        done++;
      }
      return done;
    }
  }

  private final Thread[] threads;
  private final AtomicReferenceArray<@Nullable Batch> open; // the batches under way, in any order
  private volatile boolean closed;
  private volatile int parked;
  private final AtomicInteger moves = new AtomicInteger(); // how often helpers were to park
  private int unaided;

  Workers(int helpers) {
    threads = new Thread[helpers];
    open = new AtomicReferenceArray<>(4 * (helpers + 1));
    for (int i = 0; i < helpers; i++) {
      threads[i] = new Thread(this::loop, "rl-worker-" + (i + 1));
      threads[i].setDaemon(true);
      threads[i].start();
    }
  }

  /**
   * Runs tasks and returns when all are done.
   *
   * @param wake whether they are worth waking helpers that have parked
   */
  void run(boolean wake, Runnable... tasks) {
    boolean alone = threads.length == 0 || tasks.length < 2 || (!wake && parked == threads.length);
    if (alone) {
      for (Runnable task : tasks) {
        task.run();
      }
      return;
    }
    Batch mine = new Batch(tasks);
    int slot = publish(mine);
    if (wake && parked > 0) {
      for (Thread thread : threads) {
        LockSupport.unpark(thread);
      }
    }
    unaided = mine.work() == tasks.length ? unaided + 1 : Math.max(0, unaided - 1);
    if (unaided == ALONE) {
      unaided = 0;
      moves.incrementAndGet();
    }
    int spins = 0;
    while (!mine.isDone()) {
      if (help()) {
        spins = 0;
      } else if (++spins < 200) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
    if (slot >= 0) {
      open.set(slot, null);
    }
    Throwable failure = mine.failure;
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
  }

  /** The helpers that wait to be woken. */
  int parked() {
    return parked;
  }

  /** Makes a batch known, and returns where; −1 if too many are under way. */
  private int publish(Batch batch) {
    for (int i = 0; i < open.length(); i++) {
      if (open.get(i) == null && open.compareAndSet(i, null, batch)) {
        return i;
      }
    }
    return -1;
  }

  /** Takes tasks of some batch, and returns whether there was one with any left. */
  private boolean help() {
    Batch found = find();
    return found != null && found.work() > 0;
  }

  private @Nullable Batch find() {
    for (int i = 0; i < open.length(); i++) {
      Batch batch = open.get(i);
      if (batch != null && batch.hasWork()) {
        return batch;
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
      // A batch made known after this look finds `parked` raised and unparks: nothing is lost.
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
