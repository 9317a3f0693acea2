package org.deeprl4j.envs.bench;

import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.VectorEnv;
import org.deeprl4j.random.Rng;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Steps per second, resets and the time limit included, actions drawn beforehand. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EnvironmentBenchmark {
  private static final int STEPS = 1024;
  private static final int ENVIRONMENTS = 8;

  /** Ids. */
  @Param({
    "CartPole-v1",
    "Pendulum-v1",
    "Acrobot-v1",
    "MountainCarContinuous-v0",
    "CartPoleSwingUp",
    "ArmReach"
  })
  public String id;

  /** Threads that step the vector. */
  @Param({"1", "2"})
  public int threads;

  private Mdp mdp;
  private Step step;
  private VectorEnv vector;
  private float[][] actions;
  private float[] rows;
  private Rng random;

  /** Draws the actions. */
  @Setup
  public void setup() {
    random = new Rng(1);
    mdp = Environments.make(id);
    step = new Step(mdp.observationSpace().size());
    mdp.reset(random, step.observation());
    int size = mdp.actionSpace().size();
    actions = new float[STEPS][size];
    for (float[] action : actions) {
      mdp.actionSpace().sample(random, action, 0);
    }
    vector =
        VectorEnv.of(
            Stream.generate(() -> Environments.make(id)).limit(ENVIRONMENTS).toList(),
            new Rng(2),
            threads);
    vector.reset();
    rows = new float[ENVIRONMENTS * size];
  }

  /** The environment by itself. */
  @Benchmark
  @OperationsPerInvocation(STEPS)
  public double single() {
    double sum = 0;
    for (float[] action : actions) {
      step.clear();
      mdp.step(action, step);
      sum += step.reward();
      if (step.ended()) {
        mdp.reset(random, step.observation());
      }
    }
    return sum;
  }

  /** Several at once, with everything a trainer reads of them. */
  @Benchmark
  @OperationsPerInvocation(STEPS)
  public double vectorized() {
    double sum = 0;
    int size = rows.length / ENVIRONMENTS;
    for (int t = 0; t < STEPS; t += ENVIRONMENTS) {
      for (int e = 0; e < ENVIRONMENTS; e++) {
        System.arraycopy(actions[t + e], 0, rows, e * size, size);
      }
      vector.step(rows);
      sum += vector.rewards()[0];
    }
    return sum;
  }
}
