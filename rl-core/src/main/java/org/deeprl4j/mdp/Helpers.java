package org.deeprl4j.mdp;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Threads that help the calling one with a task on each of n indices. Threads claim small ranges of
 * indices until none is left, so that a helper that wakes late on a busy machine costs nothing but
 * its help. Idle helpers spin briefly, yield, then park. One caller at a time.
 *
 * <p>A helper that shares the caller's core may stay there, since neither blocks: a caller that
 * finds itself doing all the work has the helpers park, and the operating system places them anew
 * when they are woken.
 */
final class Helpers implements AutoCloseable {
  private static final long SPIN_NANOS = 20_000;
  private static final long YIELD_NANOS = 100_000;

  /** Rounds that the caller did alone, less those it did not, until helpers are placed anew. */
  private static final int ALONE = 16;

  private final int n;
  private final int chunk;
  private final Helper[] helpers;

  // The first index not yet claimed, and the number of those finished. Everything a round needs is
  // written before `next` returns to 0 and read after a claim; everything it produces is written
  // before `finished` grows and read after it has reached n.
  private final AtomicInteger next;
  private final AtomicInteger finished = new AtomicInteger();
  private @Nullable IntConsumer task;
  private boolean started;
  private int alone;
  private volatile boolean closed;

  /**
   * Helpers that start with the first round.
   *
   * @param count the number of threads, ≥ 0; no more than can help are started
   * @param n the number of indices of a round, ≥ 1
   */
  Helpers(int count, int n) {
    this.n = n;
    helpers = new Helper[Math.min(count, n - 1)];
    chunk = Math.max(1, n / (4 * (helpers.length + 1)));
    next = new AtomicInteger(n);
  }

  /** The number of threads, the calling one not included. */
  int count() {
    return helpers.length;
  }

  /**
   * Runs a task on every index in [0, n), and returns when all are done.
   *
   * @param todo never throws
   */
  void forEach(IntConsumer todo) {
    start();
    task = todo;
    finished.set(0);
    next.set(0);
    for (Helper helper : helpers) {
      if (helper.parked) {
        LockSupport.unpark(helper.thread);
      }
    }
    alone = claim() == n ? alone + 1 : Math.max(0, alone - 1);
    if (alone == ALONE) {
      alone = 0;
      for (Helper helper : helpers) {
        helper.mustPark = true;
      }
    }
    await();
  }

  private void start() {
    if (started) {
      return;
    }
    started = true;
    for (int i = 0; i < helpers.length; i++) {
      helpers[i] = new Helper();
      helpers[i].thread.setName("environments-" + (i + 1));
      helpers[i].thread.start();
    }
  }

  /** Runs the task on ranges until none is left; returns on how many indices. */
  private int claim() {
    int done = 0;
    while (next.get() < n) { // so that idle claims do not make it grow without bound
      int from = next.getAndAdd(chunk);
      IntConsumer todo = task;
      if (from >= n || todo == null) {
        return done;
      }
      int to = Math.min(n, from + chunk);
      for (int i = from; i < to; i++) {
        todo.accept(i);
      }
      finished.addAndGet(to - from);
      done += to - from;
    }
    return done;
  }

  private void await() {
    if (finished.get() == n) {
      return;
    }
    long start = System.nanoTime();
    while (finished.get() < n) {
      rest(System.nanoTime() - start);
    }
  }

  /** Gives way, the more the longer there was nothing to do; never for long. */
  private static void rest(long idle) {
    if (idle < SPIN_NANOS) {
      Thread.onSpinWait();
    } else if (idle < YIELD_NANOS) {
      Thread.yield();
    } else {
      LockSupport.parkNanos(YIELD_NANOS);
    }
  }

  @Override
  public void close() {
    closed = true;
    if (started) {
      for (Helper helper : helpers) {
        LockSupport.unpark(helper.thread);
      }
    }
  }

  private final class Helper implements Runnable {
    final Thread thread = new Thread(this);
    volatile boolean parked;
    volatile boolean mustPark;

    Helper() {
      thread.setDaemon(true);
    }

    @Override
    public void run() {
      long idleSince = System.nanoTime();
      while (!closed) {
        if (next.get() < n) {
          claim();
          idleSince = System.nanoTime();
        }
        long idle = System.nanoTime() - idleSince;
        if (idle < YIELD_NANOS && !mustPark) {
          rest(idle);
        } else {
          mustPark = false;
          parked = true;
          // A round that starts after this look finds the helper parked, and wakes it.
          if (next.get() >= n && !closed) {
            LockSupport.park(Helpers.this);
          }
          parked = false;
          idleSince = System.nanoTime();
        }
      }
    }
  }
}
