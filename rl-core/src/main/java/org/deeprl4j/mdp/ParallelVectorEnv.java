package org.deeprl4j.mdp;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.deeprl4j.random.Rng;
import org.jspecify.annotations.Nullable;

/**
 * Environments stepped by several threads, the calling one among them. The results are those of
 * {@link SerialVectorEnv} bit for bit, whatever the number of threads. Worth it where a step costs
 * a microsecond or more.
 *
 * <p>Threads claim small ranges of environments until none is left, so that a helper that wakes
 * late on a busy machine costs nothing but its help. Idle helpers spin briefly, yield, then sleep.
 */
public final class ParallelVectorEnv extends BatchVectorEnv {
  private static final long SPIN_NANOS = 20_000;
  private static final long YIELD_NANOS = 100_000;

  private final int chunk;
  private final Helper[] helpers;

  // The first environment not yet claimed, and the number of those finished. Everything a round
  // needs is written before `next` returns to 0 and read after a claim; everything it produces is
  // written before `finished` grows and read after it has reached the count.
  private final AtomicInteger next;
  private final AtomicInteger finished = new AtomicInteger();
  private @Nullable Work work;

  private volatile boolean stopped;
  private volatile @Nullable Thread waiting;

  /**
   * A vector of these environments, which it owns from now on.
   *
   * @param random is split once for each environment, in order. Modified.
   * @param threads at least 1, the calling one included; more than there are environments are not
   *     started
   * @throws IllegalArgumentException if there is no environment, or their spaces differ
   */
  public ParallelVectorEnv(List<? extends Mdp> environments, Rng random, int threads) {
    super(environments, random);
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, not " + threads);
    }
    int used = Math.min(threads, count());
    chunk = Math.max(1, count() / (4 * used));
    next = new AtomicInteger(count());
    helpers = new Helper[used - 1];
    for (int i = 0; i < helpers.length; i++) {
      helpers[i] = new Helper();
      helpers[i].thread.setName("environments-" + (i + 1));
      helpers[i].thread.start();
    }
  }

  @Override
  void onAll(Work todo) {
    work = todo;
    finished.set(0);
    next.set(0);
    for (Helper helper : helpers) {
      if (helper.parked) {
        LockSupport.unpark(helper.thread);
      }
    }
    claim();
    awaitFinished();
  }

  /** Claims and runs ranges until none is left. */
  private void claim() {
    int n = count();
    while (next.get() < n) { // so that idle claims do not make it grow without bound
      int from = next.getAndAdd(chunk);
      if (from >= n) {
        return;
      }
      int to = Math.min(n, from + chunk);
      Work todo = work;
      if (todo != null) {
        todo.run(this, from, to);
      }
      if (finished.addAndGet(to - from) == n) {
        Thread sleeper = waiting;
        if (sleeper != null) {
          LockSupport.unpark(sleeper);
        }
      }
    }
  }

  private void awaitFinished() {
    int n = count();
    long start = 0;
    while (finished.get() < n) {
      if (start == 0) {
        start = System.nanoTime();
      }
      long waited = System.nanoTime() - start;
      if (waited < SPIN_NANOS) {
        Thread.onSpinWait();
      } else if (waited < YIELD_NANOS) {
        Thread.yield();
      } else {
        waiting = Thread.currentThread();
        if (finished.get() < n) {
          LockSupport.park(this);
          // An interrupt ends every park at once: better to burn a little than to stop waiting.
        }
        waiting = null;
      }
    }
  }

  @Override
  public void close() {
    stopped = true;
    for (Helper helper : helpers) {
      LockSupport.unpark(helper.thread);
    }
    super.close();
  }

  private final class Helper implements Runnable {
    final Thread thread = new Thread(this);
    volatile boolean parked;

    Helper() {
      thread.setDaemon(true);
    }

    @Override
    public void run() {
      long idleSince = System.nanoTime();
      while (!stopped) {
        if (next.get() < count()) {
          claim();
          idleSince = System.nanoTime();
        }
        long idle = System.nanoTime() - idleSince;
        if (idle < SPIN_NANOS) {
          Thread.onSpinWait();
        } else if (idle < YIELD_NANOS) {
          Thread.yield();
        } else {
          parked = true;
          if (next.get() >= count() && !stopped) {
            LockSupport.park(ParallelVectorEnv.this);
          }
          parked = false;
          idleSince = System.nanoTime();
        }
      }
    }
  }
}
