package org.deeprl4j.policy.bench;

import java.util.concurrent.TimeUnit;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.policy.DeployedPolicy;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.ObservationEncoder;
import org.deeprl4j.random.Rng;
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

/**
 * Actions of a deployed policy of 17 observations, normalised, two layers of 64 and 6 actions,
 * squashed and scaled. With {@code -prof gc} it shows that nothing is allocated.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-XX:+UseSerialGC"})
public class PolicyBenchmark {
  private static final int OBSERVATIONS = 17;
  private static final int ACTIONS = 6;

  /** Rows of a call. */
  @Param({"1", "64", "4096"})
  public int rows;

  private DeployedPolicy policy;
  private float[] observations;
  private float[] actions;

  /** Makes the policy. */
  @Setup
  public void setUp() {
    observations = new float[rows * OBSERVATIONS];
    actions = new float[rows * ACTIONS];
    new Rng(1).fillGaussian(observations, 0, observations.length);
    try (Compute compute = Compute.light()) {
      NetworkPolicy trained =
          new NetworkPolicy(
              compute,
              new ObservationEncoder(Box.unbounded(OBSERVATIONS), true),
              Box.of(-2, 2, ACTIONS),
              compute.network(Mlp.of(OBSERVATIONS, 2 * ACTIONS, 64, 64), new Rng(2)),
              0,
              NetworkPolicy.Head.SQUASHED_GAUSSIAN);
      trained.encoder().observe(observations, rows);
      policy = DeployedPolicy.of(trained);
    }
  }

  /** One call. */
  @Benchmark
  public float act() {
    policy.act(observations, rows, actions);
    return actions[0];
  }
}
