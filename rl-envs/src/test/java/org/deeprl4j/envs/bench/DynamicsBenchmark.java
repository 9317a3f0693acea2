package org.deeprl4j.envs.bench;

import java.util.concurrent.TimeUnit;
import org.deeprl4j.envs.arm.ArmModel;
import org.deeprl4j.envs.dynamics.ChainDynamics;
import org.deeprl4j.envs.dynamics.ChainIntegrator;
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

/** The dynamics of the arms of seven joints. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DynamicsBenchmark {
  private static final double[] START_SPEED = {0.5, -0.4, 0.3, -0.2, 0.1, 0.6, -0.7};

  /** Which of {@link ArmModel}. */
  @Param({"human", "iiwa14"})
  public String arm;

  private ChainDynamics dynamics;
  private ChainIntegrator integrator;
  private double[] q;
  private double[] qd;
  private double[] tau;
  private double[] qdd;
  private double[] matrix;
  private double time;

  /** Puts the arm somewhere within its ranges. */
  @Setup
  public void setup() {
    ArmModel model = arm.equals("human") ? ArmModel.human() : ArmModel.iiwa14();
    dynamics = new ChainDynamics(model.chain());
    integrator = new ChainIntegrator(dynamics);
    q = new double[] {0.3, 0.2, 0.1, 1.2, 0.1, 0.3, 0.1};
    qd = START_SPEED.clone();
    tau = new double[] {1, 2, -1, 0.5, 0.1, -0.2, 0.3};
    qdd = new double[7];
    matrix = new double[49];
  }

  /** Another position each time, so that nothing can be kept from the last one. */
  private void move() {
    time += 1e-3;
    q[0] = 0.3 + 0.1 * (time % 1);
  }

  /** Accelerations. */
  @Benchmark
  public double forward() {
    move();
    dynamics.forward(q, qd, tau, qdd);
    return qdd[6];
  }

  /** Torques. */
  @Benchmark
  public double inverse() {
    move();
    dynamics.inverse(q, qd, qdd, tau);
    return tau[6];
  }

  /** The mass matrix. */
  @Benchmark
  public double massMatrix() {
    move();
    dynamics.massMatrix(q, matrix);
    return matrix[48];
  }

  /** A step with friction and stops, from the same velocity each time. */
  @Benchmark
  public double semiImplicitEuler() {
    move();
    System.arraycopy(START_SPEED, 0, qd, 0, 7);
    integrator.semiImplicitEuler(q, qd, tau, 0.004);
    return qd[6];
  }
}
