package org.deeprl4j.envs.bench;

import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.deeprl4j.envs.gym.GymEnvironments;
import org.deeprl4j.mdp.VectorEnv;
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
 * A step of a vector of Gymnasium's environments, by the interpreter of RL_PYTHON. {@code
 * bridge_envs:Idle-v0} does nothing: its time is the bridge's; PYTHONPATH must name the folder of
 * bridge_envs.py.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class BridgeBenchmark {
  /** Ids. */
  @Param({"bridge_envs:Idle-v0", "CartPole-v1", "HalfCheetah-v5"})
  public String id;

  /** Environments. */
  @Param({"1", "8", "64"})
  public int count;

  /** Python processes at most. */
  @Param({"1", "2"})
  public int processes;

  private VectorEnv vector;
  private float[] actions;

  /** Starts the process. */
  @Setup
  public void setup() {
    GymEnvironments environments =
        new GymEnvironments(id, GymEnvironments.defaultPython()).withProcesses(processes);
    vector = VectorEnv.of(Stream.generate(environments).limit(count).toList(), new Rng(2), 1);
    vector.reset();
    actions = new float[count * vector.actionSpace().size()];
  }

  /** Ends it. */
  @TearDown
  public void close() {
    vector.close();
  }

  /** One step of all. */
  @Benchmark
  public double step() {
    vector.step(actions);
    return vector.rewards()[0];
  }
}
