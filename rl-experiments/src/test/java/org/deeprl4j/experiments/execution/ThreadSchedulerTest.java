package org.deeprl4j.experiments.execution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeprl4j.algorithms.run.RunConfig;
import org.junit.jupiter.api.Test;

final class ThreadSchedulerTest {
  private static List<RunTask> tasks(int count) {
    List<RunTask> tasks = new ArrayList<>();
    for (int seed = 0; seed < count; seed++) {
      RunConfig config =
          RunConfig.of("ppo", "CartPole-v1", 1, seed, JsonNodeFactory.instance.objectNode());
      tasks.add(new RunTask("ppo", Path.of("seed-" + seed), config));
    }
    return tasks;
  }

  private static RunOutcome stopped(RunTask task) {
    return new RunOutcome(task, RunOutcome.Status.STOPPED, 0, null, null);
  }

  /** The first three wait for one another, which would never end with fewer threads. */
  @Test
  void executesEachOnce_soManyAtATime_andTellsOneAtATime() throws Exception {
    List<RunTask> tasks = tasks(20);
    CountDownLatch three = new CountDownLatch(3);
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger telling = new AtomicInteger();
    List<RunTask> ended = new ArrayList<>();
    new ThreadScheduler(3)
        .execute(
            tasks,
            task -> {
              most.accumulateAndGet(running.incrementAndGet(), Math::max);
              three.countDown();
              try {
                assertTrue(three.await(60, TimeUnit.SECONDS));
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              running.decrementAndGet();
              return stopped(task);
            },
            outcome -> {
              assertEquals(1, telling.incrementAndGet());
              ended.add(outcome.task());
              telling.decrementAndGet();
            });
    assertEquals(3, most.get());
    assertEquals(20, ended.size());
    assertTrue(ended.containsAll(tasks));
  }

  /** One thread takes the runs in their order. */
  @Test
  void oneJob_keepsTheOrder() throws Exception {
    List<RunTask> tasks = tasks(5);
    List<RunTask> ended = new ArrayList<>();
    new ThreadScheduler(1)
        .execute(tasks, ThreadSchedulerTest::stopped, outcome -> ended.add(outcome.task()));
    assertEquals(tasks, ended);
  }

  @Test
  void interrupted_endsTheRunsThatHaveBegun_andBeginsNoOther() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    AtomicInteger executed = new AtomicInteger();
    AtomicInteger interrupted = new AtomicInteger();
    Thread caller =
        new Thread(
            () -> {
              try {
                new ThreadScheduler(1)
                    .execute(
                        tasks(3),
                        task -> {
                          executed.incrementAndGet();
                          begun.countDown();
                          try {
                            TimeUnit.SECONDS.sleep(60);
                          } catch (InterruptedException e) {
                            interrupted.incrementAndGet();
                          }
                          return stopped(task);
                        },
                        outcome -> {});
              } catch (InterruptedException e) {
                interrupted.incrementAndGet();
              }
            });
    caller.start();
    assertTrue(begun.await(60, TimeUnit.SECONDS));
    caller.interrupt();
    caller.join(TimeUnit.SECONDS.toMillis(60));
    assertFalse(caller.isAlive());
    assertEquals(1, executed.get());
    assertEquals(2, interrupted.get());
  }
}
