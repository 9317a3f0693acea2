package org.deeprl4j.replay.bench;

import java.util.concurrent.TimeUnit;
import org.deeprl4j.random.Rng;
import org.deeprl4j.replay.PrioritizedReplayBuffer;
import org.deeprl4j.replay.ReplayBatch;
import org.deeprl4j.replay.ReplayBuffer;
import org.deeprl4j.replay.UniformReplayBuffer;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Box;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A batch of 256 out of a million transitions of 17 observations and 6 actions. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-XX:+UseSerialGC", "-Xmx512m"})
public class ReplayBenchmark {
  private static final int CAPACITY = 1_000_000;
  private static final int OBSERVATIONS = 17;
  private static final int ACTIONS = 6;

  /** The kind of buffer. */
  @Param({"UNIFORM", "PRIORITIZED"})
  public String kind;

  private final ReplayBatch batch = ReplayBatch.allocate(256, OBSERVATIONS, ACTIONS);
  private final Rng random = new Rng(1);
  private ReplayBuffer buffer;

  /** Fills the buffer. */
  @Setup
  public void setUp() {
    buffer =
        kind.equals("UNIFORM")
            ? new UniformReplayBuffer(CAPACITY, 1, Box.unbounded(OBSERVATIONS), ACTIONS, 1, 0.99)
            : new PrioritizedReplayBuffer(
                CAPACITY,
                1,
                Box.unbounded(OBSERVATIONS),
                ACTIONS,
                1,
                0.99,
                0.6,
                Schedule.linear(0.4, 1));
    float[] observation = new float[OBSERVATIONS];
    for (int t = 0; t < CAPACITY; t++) {
      buffer.add(
          observation,
          new float[ACTIONS],
          new double[1],
          observation,
          new boolean[1],
          new boolean[1]);
    }
  }

  /** One batch. */
  @Benchmark
  public ReplayBatch sample() {
    buffer.sample(random, batch);
    return batch;
  }

  /** One batch, and its priorities set anew. */
  @Benchmark
  public ReplayBatch sampleAndUpdate() {
    buffer.sample(random, batch);
    for (int b = 0; b < batch.rows(); b++) {
      batch.errors()[b] = random.nextFloat();
    }
    buffer.updatePriorities(batch);
    return batch;
  }
}
