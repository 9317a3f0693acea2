package org.deeprl4j.nn;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A few helper threads for tasks of tens of microseconds, too short for an executor's queue.
 * Helpers wait for work by spinning, then by yielding, and then park. One caller at a time; a call
 * from within a task, or while another is under way, runs its tasks one after the other.
 */
final class Workers implements AutoCloseable {
  /** Looks for work by a spinning helper, some ten microseconds: longer hurts on a busy machine. */
  private static final int SPINS = 500;

  /** Yields before a helper parks, some hundred microseconds on an idle machine. */
  private static final int PATIENCE = 2_000;

  /** One batch of tasks; a helper that comes late to an old one finds nothing left in it. */
  private static final class Batch {
    final Runnable[] tasks;
    final AtomicInteger next = new AtomicInteger();
    final AtomicInteger finished = new AtomicInteger();
    volatile @Nullable Throwable failure;

    Batch(Runnable[] tasks) {
      this.tasks = tasks;
    }

    void work() {
      for (int i = next.getAndIncrement(); i < tasks.length; i = next.getAndIncrement()) {
        try {
          tasks[i].run();
        } catch (Throwable t) {
          failure = t;
        } finally {
          finished.incrementAndGet();
        }
      }
    }
  }

  private final Thread[] threads;
  private final AtomicInteger busy = new AtomicInteger();
  private volatile @Nullable Batch batch;
  private volatile boolean closed;
  private volatile int parked;

  Workers(int helpers) {
    threads = new Thread[helpers];
    for (int i = 0; i < helpers; i++) {
      threads[i] = new Thread(this::loop, "rl-worker-" + (i + 1));
      threads[i].setDaemon(true);
      threads[i].start();
    }
  }

  void run(Runnable... tasks) {
    if (threads.length == 0 || tasks.length < 2 || !busy.compareAndSet(0, 1)) {
      for (Runnable task : tasks) {
        task.run();
      }
      return;
    }
    Batch mine = new Batch(tasks);
    try {
      batch = mine;
      if (parked > 0) {
        for (Thread thread : threads) {
          LockSupport.unpark(thread);
        }
      }
      mine.work();
      int spins = 0;
      while (mine.finished.get() < tasks.length) {
        if (++spins < 200) {
          Thread.onSpinWait();
        } else {
          Thread.yield();
        }
      }
    } finally {
      batch = null;
      busy.set(0);
    }
    Throwable failure = mine.failure;
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
  }

  private void loop() {
    Batch last = null;
    int idle = 0;
    while (!closed) {
      Batch current = batch;
      if (current != null && current != last) {
        current.work();
        last = current;
        idle = 0;
      } else if (++idle < SPINS) {
        Thread.onSpinWait();
      } else if (idle < SPINS + PATIENCE) {
        Thread.yield();
      } else {
        park(last);
        idle = 0;
      }
    }
  }

  private void park(@Nullable Batch last) {
    synchronized (this) {
      parked++;
    }
    Batch current = batch;
    if (!closed && (current == null || current == last)) {
      // A batch handed over after this look finds `parked` raised and unparks: nothing is lost.
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
