package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How the counter of steps, the segments and the pauses of actor-learners fit together. */
final class AsynchronousTrainerTest {
  /** Settings of segments of at most five steps. */
  private record Settings(int actorLearners) implements AsynchronousSettings {
    @Override
    public int rolloutSteps() {
      return 5;
    }

    @Override
    public double gamma() {
      return 0.9;
    }

    @Override
    public boolean normalizeObservations() {
      return false;
    }

    @Override
    public boolean normalizeRewards() {
      return false;
    }
  }

  /** A segment as it was asked for. */
  private record Call(int index, int most, long step, double progress) {}

  /** Takes fewer steps than it may, and learns nothing. */
  private static final class Spy implements AsynchronousLearner {
    private final int taken;
    final List<Call> calls = new ArrayList<>();
    int changes;
    final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    @Nullable Throwable failure;
    volatile long millis; // how long a segment takes at least
    CyclicBarrier start; // where all wait for one another once, if there is one

    Spy(int taken) {
      this.taken = taken;
    }

    @Override
    public List<String> metrics() {
      return List.of("step");
    }

    @Override
    public ActorLearner actorLearner(
        int index, SingleEnvironment environment, Compute compute, Rng random) {
      return new ActorLearner() {
        private boolean started;

        @Override
        public int advance(int most, long step, double progress, Averages averages) {
          synchronized (Spy.this) {
            calls.add(new Call(index, most, step, progress));
          }
          if (start != null && !started) {
            started = true;
            await(start);
          }
          threads.add(Thread.currentThread());
          if (failure instanceof RuntimeException e) {
            throw e;
          }
          if (failure instanceof Error e) {
            throw e;
          }
          sleep(millis);
          averages.add("step", step);
          for (int i = 0; i < Math.min(taken, most); i++) {
            environment.step(new float[1]);
          }
          return Math.min(taken, most);
        }

        @Override
        public void save(StateWriter out) {}

        @Override
        public void load(StateReader in) {}
      };
    }

    private static void sleep(long millis) {
      try {
        Thread.sleep(millis);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    private static void await(CyclicBarrier barrier) {
      try {
        barrier.await(60, TimeUnit.SECONDS);
      } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
        throw new IllegalStateException("the actor-learners do not run at once", e);
      }
    }

    @Override
    public void sharedParametersChange() {
      changes++;
    }

    @Override
    public Policy policy() {
      throw new UnsupportedOperationException("of the learner");
    }

    @Override
    public void save(StateWriter out) {}

    @Override
    public void load(StateReader in) {}
  }

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);

  @AfterEach
  void close() {
    compute.close();
  }

  private AsynchronousTrainer trainer(Spy spy, int actorLearners, long steps) {
    TrainingSetup setup =
        new TrainingSetup(
            () -> new RecordedEnvironment(RecordedEnvironment.End.TRUNCATED, 10),
            steps,
            1,
            compute);
    return new AsynchronousTrainer(setup, new Settings(actorLearners), context -> spy);
  }

  @Test
  void counter_takesBackTheStepsThatASegmentLeavesOut() {
    Spy spy = new Spy(3);
    try (AsynchronousTrainer trainer = trainer(spy, 1, 20)) {
      assertFalse(trainer.done());
      Map<String, Double> metrics = trainer.iterate().values();
      assertEquals(
          List.of(
              new Call(0, 5, 0, 0),
              new Call(0, 5, 3, 0.15),
              new Call(0, 5, 6, 0.3),
              new Call(0, 5, 9, 0.45),
              new Call(0, 5, 12, 0.6),
              new Call(0, 5, 15, 0.75),
              new Call(0, 2, 18, 0.9)),
          spy.calls);
      assertEquals(20, trainer.steps());
      assertTrue(trainer.done());
      assertEquals(9, metrics.get("step")); // the mean
      assertEquals(2, metrics.get("episodes")); // of ten steps each
      assertEquals(10, metrics.get("mean_length"));
      assertEquals(2, spy.changes, "before the actor-learners write, and after");
    }
  }

  @Test
  void iterations_pauseAtMultiplesOfTheirLength() {
    Spy spy = new Spy(5);
    try (AsynchronousTrainer trainer = trainer(spy, 1, 5000)) {
      assertEquals(2048, trainer.iterationSteps().getAsLong());
      trainer.iterate();
      assertEquals(2050, trainer.steps());
      trainer.iterate();
      assertEquals(4100, trainer.steps());
      trainer.iterate();
      assertEquals(5000, trainer.steps());
    }
  }

  @Test
  void actorLearners_runAtOnce_andShareTheSteps() {
    Spy spy = new Spy(5);
    spy.start = new CyclicBarrier(3);
    try (AsynchronousTrainer trainer = trainer(spy, 3, 5000)) {
      trainer.train();
      assertEquals(5000, trainer.steps());
      assertEquals(1000, spy.calls.stream().map(Call::step).distinct().count());
      assertEquals(3, spy.calls.stream().map(Call::index).distinct().count());
    }
  }

  @Test
  void failure_isThrownAsItIs_andTheStepsNotTakenDoNotCount() {
    Spy spy = new Spy(5);
    spy.failure = new IllegalStateException("broken");
    try (AsynchronousTrainer trainer = trainer(spy, 2, 1000)) {
      assertSame(spy.failure, assertThrows(IllegalStateException.class, trainer::iterate));
      assertEquals(0, trainer.steps());
      assertTrue(trainer.savesAfterFailure());
      spy.failure = null;
      trainer.train();
      assertEquals(1000, trainer.steps());
    }
  }

  @Test
  void savedAndLoaded_stepsGoOn() {
    Spy spy = new Spy(5);
    Spy other = new Spy(5);
    try (AsynchronousTrainer first = trainer(spy, 2, 5000);
        AsynchronousTrainer second = trainer(other, 2, 5000);
        AsynchronousTrainer three = trainer(new Spy(5), 3, 5000)) {
      first.iterate();
      byte[] state = StateFile.toBytes("trainer", first);
      StateFile.fromBytes(state, "trainer", second);
      assertEquals(first.steps(), second.steps());
      assertEquals(1, other.changes, "loading writes to the shared parameters");
      assertEquals(2, second.restarted()); // these environments cannot be saved
      assertEquals(0, first.restarted());
      second.train();
      assertEquals(first.steps(), other.calls.stream().mapToLong(Call::step).min().getAsLong());
      assertTrue(
          assertThrows(
                  StateFormatException.class, () -> StateFile.fromBytes(state, "trainer", three))
              .getMessage()
              .contains("the state is that of 2 actor-learners, not of 3"));
    }
  }

  @Test
  void interruptedThread_endsTheIterationEarly_andStaysInterrupted() {
    Spy spy = new Spy(5);
    spy.millis = 100; // 2048 steps would take 20 s
    try (AsynchronousTrainer trainer = trainer(spy, 2, 1_000_000)) {
      Thread.currentThread().interrupt();
      trainer.iterate();
      spy.millis = 0;
      assertTrue(Thread.interrupted(), "the caller still hears of it");
      assertTrue(trainer.steps() < 2048, "stopped after " + trainer.steps());
      trainer.iterate();
      assertTrue(trainer.steps() >= 2048, "goes on");
      assertFalse(Thread.interrupted());
    }
  }

  @Test
  void error_isThrownAsItIs() {
    Spy spy = new Spy(5);
    spy.failure = new AssertionError("broken");
    try (AsynchronousTrainer trainer = trainer(spy, 2, 1000)) {
      assertSame(spy.failure, assertThrows(AssertionError.class, trainer::iterate));
    }
  }

  @Test
  void closed_itsThreadsEnd_andItsEnvironmentsAreClosed() throws Exception {
    Spy spy = new Spy(5);
    AtomicInteger closed = new AtomicInteger();
    TrainingSetup setup =
        new TrainingSetup(
            () ->
                new MdpWrapper(new RecordedEnvironment(RecordedEnvironment.End.TRUNCATED, 10)) {
                  @Override
                  public void close() {
                    closed.incrementAndGet();
                  }
                },
            1000,
            1,
            compute);
    try (AsynchronousTrainer trainer =
        new AsynchronousTrainer(setup, new Settings(3), context -> spy)) {
      trainer.iterate();
      for (Thread thread : spy.threads) {
        assertTrue(thread.isAlive() && thread.isDaemon());
        assertTrue(thread.getName().matches("rl-actor-learner-[123]"), thread.getName());
      }
    }
    assertEquals(3, closed.get());
    assertFalse(spy.threads.isEmpty());
    for (Thread thread : spy.threads) {
      thread.join(60_000);
      assertFalse(thread.isAlive());
    }
  }

  @Test
  void policy_isTheLearners() {
    try (AsynchronousTrainer trainer = trainer(new Spy(5), 1, 20)) {
      assertEquals(
          "of the learner",
          assertThrows(UnsupportedOperationException.class, trainer::policy).getMessage());
    }
  }
}
