package org.deeprl4j.algorithms.sac.bench;

import java.util.concurrent.TimeUnit;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.sac.SacConfig;
import org.deeprl4j.algorithms.sac.SacUpdates;
import org.deeprl4j.algorithms.training.OffPolicyLearner;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.random.Rng;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One SAC update with 17 observations, 6 actions, 256×256 networks and batch 256, to compare with
 * its matrix products alone, {@code ProductsBenchmark.productsSac} of rl-core.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-XX:+UseSerialGC"})
public class SacBenchmark {
  private static final int OBSERVATIONS = 17;
  private static final int ACTIONS = 6;

  /** Threads. */
  @Param({"1", "2"})
  public int threads;

  private Compute compute;
  private OffPolicyLearner learner;
  private Minibatch batch;
  private Rng random;
  private Averages averages;

  /** Makes the learner and a batch. */
  @Setup
  public void setUp() {
    compute = Compute.create(Compute.Kernels.VECTOR, threads);
    SacConfig config = SacConfig.defaults();
    learner = SacUpdates.learner(compute, config, OBSERVATIONS, ACTIONS);
    batch = Batches.random(compute, config.batchSize(), OBSERVATIONS, ACTIONS, 0, config.gamma());
    random = new Rng(2);
    averages = new Averages(learner.metrics());
  }

  /** Stops the helper threads. */
  @TearDown
  public void tearDown() {
    compute.close();
  }

  /** One update. */
  @Benchmark
  public void update() {
    learner.update(batch, 0, random, averages);
  }
}
