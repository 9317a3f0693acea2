package org.deeprl4j.threads;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class WorkersTest {
  private static Set<Thread> threadsOf(Workers workers, boolean wake, int runs) {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    for (int i = 0; i < runs; i++) {
      AtomicInteger together = new AtomicInteger();
      Runnable task =
          () -> {
            threads.add(Thread.currentThread());
            together.incrementAndGet();
            // Leaves a helper the time to come.
            for (long end = System.nanoTime() + 1_000_000; System.nanoTime() < end; ) {
              Thread.onSpinWait();
            }
          };
      workers.run(wake, task, task);
      assertEquals(2, together.get());
    }
    return threads;
  }

  /** The helper started last. */
  private static long helper() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("rl-worker-"))
        .mapToLong(Thread::getId)
        .max()
        .orElseThrow();
  }

  /** Has the helpers start, and waits until one has parked. */
  private static void startAndAwaitParked(Workers workers) throws InterruptedException {
    workers.run(true, () -> {}, () -> {});
    awaitParked(workers);
  }

  private static void awaitParked(Workers workers) throws InterruptedException {
    while (workers.parked() < 1) {
      Thread.sleep(1);
    }
  }

  @Test
  void tasksWorthIt_wakeTheHelper() throws InterruptedException {
    try (Workers workers = new Workers("rl-worker", 1)) {
      startAndAwaitParked(workers);
      Set<Thread> threads = threadsOf(workers, true, 1);
      while (threads.size() < 2) { // a busy machine may take a while to start the helper
        threads.addAll(threadsOf(workers, true, 1));
      }
    }
  }

  @Test
  void shortTasks_leaveAParkedHelperAlone() throws InterruptedException {
    try (Workers workers = new Workers("rl-worker", 1)) {
      startAndAwaitParked(workers);
      assertEquals(Set.of(Thread.currentThread()), threadsOf(workers, false, 20));
      assertEquals(1, workers.parked());
    }
  }

  @Test
  void idleHelper_parksAndUsesNoTime() throws InterruptedException {
    try (Workers workers = new Workers("rl-worker", 1)) {
      threadsOf(workers, true, 3);
      awaitParked(workers);
      ThreadMXBean threads = ManagementFactory.getThreadMXBean();
      long helper = helper();
      long before = threads.getThreadCpuTime(helper);
      Thread.sleep(100);
      long used = threads.getThreadCpuTime(helper) - before;
      assertTrue(used < 20_000_000, "the helper used " + used + " ns");
    }
  }

  @Test
  void failure_reachesTheCaller() {
    try (Workers workers = new Workers("rl-worker", 1)) {
      IllegalStateException failure = new IllegalStateException("meant");
      Runnable failing =
          () -> {
            throw failure;
          };
      IllegalStateException thrown =
          assertThrows(
              IllegalStateException.class, () -> workers.run(true, failing, () -> {}, () -> {}));
      assertSame(failure, thrown);
      threadsOf(workers, true, 1); // and the helpers work on
    }
  }

  /** Tasks of a task are shared too: here the second is the only one that has any. */
  @Test
  void tasksOfATask_reachAThreadThatWaits() {
    try (Workers workers = new Workers("rl-worker", 1)) {
      Set<Thread> threads = threadsWithin(workers);
      while (threads.size() < 2) { // a busy machine may take a while to start the helper
        threads.addAll(threadsWithin(workers));
      }
    }
  }

  private static Set<Thread> threadsWithin(Workers workers) {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    AtomicInteger done = new AtomicInteger();
    Runnable small =
        () -> {
          threads.add(Thread.currentThread());
          done.incrementAndGet();
          for (long end = System.nanoTime() + 1_000_000; System.nanoTime() < end; ) {
            Thread.onSpinWait();
          }
        };
    workers.run(true, () -> {}, () -> workers.run(true, small, small, small, small, small, small));
    assertEquals(6, done.get());
    return threads;
  }

  @Test
  void manyThreadsMayCall() throws InterruptedException {
    try (Workers workers = new Workers("rl-worker", 2)) {
      AtomicInteger done = new AtomicInteger();
      Runnable nested = () -> workers.run(true, done::incrementAndGet, done::incrementAndGet);
      Thread[] callers = new Thread[20]; // more than batches may be under way
      for (int i = 0; i < callers.length; i++) {
        callers[i] =
            new Thread(
                () -> {
                  for (int k = 0; k < 200; k++) {
                    workers.run(true, nested, nested, nested);
                  }
                });
        callers[i].start();
      }
      for (Thread caller : callers) {
        caller.join();
      }
      assertEquals(20 * 200 * 6, done.get());
    }
  }

  @Test
  void helpers_startWithTheFirstWorkThatIsWorthIt() {
    try (Workers workers = new Workers("unstarted", 1)) {
      assertEquals(Set.of(Thread.currentThread()), threadsOf(workers, false, 3));
      assertEquals(0, threadsNamed("unstarted-1"));
      threadsOf(workers, true, 1);
      assertEquals(1, threadsNamed("unstarted-1"));
    }
  }

  private static long threadsNamed(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .count();
  }

  /** In ranges that do not divide the indices, too. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 100})
  void work_doesEveryIndexOnce_againAndAgain(int range) {
    AtomicInteger[] done =
        Stream.generate(AtomicInteger::new).limit(50).toArray(AtomicInteger[]::new);
    try (Workers workers = new Workers("rl-worker", 2)) {
      Workers.Work work = workers.work(done.length, range, i -> done[i].incrementAndGet());
      for (int round = 1; round <= 2000; round++) {
        work.run(true);
        for (AtomicInteger one : done) {
          assertEquals(round, one.get());
        }
      }
    }
  }

  @Test
  void work_allocatesNothing() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long caller = Thread.currentThread().getId();
    float[] sums = new float[64];
    try (Workers workers = new Workers("rl-worker", 1)) {
      Workers.Work work = workers.work(sums.length, 4, i -> sums[i]++);
      for (int round = 0; round < 20_000; round++) {
        work.run(true);
      }
      long before = threads.getThreadAllocatedBytes(caller);
      for (int round = 0; round < 1000; round++) {
        work.run(true);
      }
      long used = threads.getThreadAllocatedBytes(caller) - before;
      assertTrue(used < 1000, used + " bytes");
    }
  }

  @Test
  void failureOfWork_reachesTheCaller_andTheNextRunIsWhole() {
    AtomicInteger done = new AtomicInteger();
    IllegalStateException failure = new IllegalStateException("meant");
    boolean[] fails = {true};
    try (Workers workers = new Workers("rl-worker", 1)) {
      Workers.Work work =
          workers.work(
              8,
              1,
              i -> {
                done.incrementAndGet();
                if (fails[0] && i == 3) {
                  throw failure;
                }
              });
      assertSame(failure, assertThrows(IllegalStateException.class, () -> work.run(true)));
      assertEquals(8, done.get());
      fails[0] = false;
      work.run(true);
      assertEquals(16, done.get());
    }
  }
}
