package org.deeprl4j.envs.dynamics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ChainDynamicsTest {
  private static final int CHAINS = 20;

  @Test
  void pendulum_byHand() {
    // 2 kg at 0.5 m from a hinge along y: (I + m l²) q̈ = τ − m g l sin q for a pendulum along −z.
    Chain chain =
        new Chain(
            "pendulum",
            List.of(
                Body.of(
                    "bob",
                    Vec3.ZERO,
                    List.of(Joint.of("hinge", Joint.Type.REVOLUTE, new Vec3(0, -1, 0))),
                    2,
                    new Vec3(0, 0, -0.5),
                    new Vec3(0.1, 0.1, 0.1))),
            new Vec3(0, 0, -1),
            Chain.EARTH);
    ChainDynamics dynamics = new ChainDynamics(chain);
    double[] qdd = new double[1];
    dynamics.forward(new double[] {0.3}, new double[] {2}, new double[] {1}, qdd);
    assertEquals((1 - 2 * 9.81 * 0.5 * Math.sin(0.3)) / (0.1 + 2 * 0.25), qdd[0], 1e-12);
    assertEquals(Math.sin(0.3), dynamics.tip(0), 1e-12);
    assertEquals(-Math.cos(0.3), dynamics.tip(2), 1e-12);
    assertEquals(
        0.5 * 0.6 * 4, dynamics.kineticEnergy(new double[] {0.3}, new double[] {2}), 1e-12);
    assertEquals(
        -2 * 9.81 * 0.5 * Math.cos(0.3), dynamics.potentialEnergy(new double[] {0.3}), 1e-12);
  }

  @Test
  void inverse_undoesForward() {
    Rng random = new Rng(1);
    for (int k = 0; k < CHAINS; k++) {
      ChainDynamics dynamics = new ChainDynamics(Chains.random(random, 4));
      int n = dynamics.size();
      double[] q = Chains.draw(random, n, 3);
      double[] qd = Chains.draw(random, n, 3);
      double[] tau = Chains.draw(random, n, 10);
      double[] qdd = new double[n];
      double[] back = new double[n];
      dynamics.forward(q, qd, tau, qdd);
      dynamics.inverse(q, qd, qdd, back);
      assertArrayEquals(tau, back, 1e-9);
    }
  }

  @Test
  void massMatrix_isWhatForwardDynamicsInverts() {
    Rng random = new Rng(2);
    for (int k = 0; k < CHAINS; k++) {
      ChainDynamics dynamics = new ChainDynamics(Chains.random(random, 4));
      int n = dynamics.size();
      double[] q = Chains.draw(random, n, 3);
      double[] qd = Chains.draw(random, n, 3);
      double[] m = new double[n * n];
      dynamics.massMatrix(q, m);
      // Columns of M⁻¹ by the articulated-body algorithm, whose product with M is the identity.
      double[] rest = new double[n];
      double[] pushed = new double[n];
      dynamics.forward(q, qd, new double[n], rest);
      for (int j = 0; j < n; j++) {
        double[] unit = new double[n];
        unit[j] = 1;
        dynamics.forward(q, qd, unit, pushed);
        for (int i = 0; i < n; i++) {
          double sum = 0;
          for (int l = 0; l < n; l++) {
            sum += m[i * n + l] * (pushed[l] - rest[l]);
          }
          assertEquals(i == j ? 1 : 0, sum, 1e-8);
        }
      }
      // And it is the one of the kinetic energy.
      double twice = 0;
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          twice += qd[i] * m[i * n + j] * qd[j];
        }
      }
      assertEquals(twice / 2, dynamics.kineticEnergy(q, qd), 1e-9 * twice);
    }
  }

  @Test
  void gravity_isThePotentialsGradient() {
    Rng random = new Rng(3);
    for (int k = 0; k < CHAINS; k++) {
      ChainDynamics dynamics = new ChainDynamics(Chains.random(random, 3));
      int n = dynamics.size();
      double[] q = Chains.draw(random, n, 3);
      double[] hold = new double[n];
      dynamics.inverse(q, new double[n], new double[n], hold);
      for (int i = 0; i < n; i++) {
        double h = 1e-6;
        q[i] += h;
        double above = dynamics.potentialEnergy(q);
        q[i] -= 2 * h;
        double below = dynamics.potentialEnergy(q);
        q[i] += h;
        assertEquals((above - below) / (2 * h), hold[i], 1e-7);
      }
    }
  }

  @Test
  void jacobian_isTheTipsDerivative_andTurnsForces() {
    Rng random = new Rng(4);
    for (int k = 0; k < CHAINS; k++) {
      ChainDynamics dynamics = new ChainDynamics(Chains.random(random, 4));
      int n = dynamics.size();
      double[] q = Chains.draw(random, n, 3);
      double[] jacobian = new double[3 * n];
      dynamics.kinematics(q);
      dynamics.jacobian(jacobian);
      double[] tau = new double[n];
      dynamics.addTipForce(1, -2, 3, tau);
      for (int i = 0; i < n; i++) {
        assertEquals(jacobian[i] - 2 * jacobian[n + i] + 3 * jacobian[2 * n + i], tau[i], 1e-12);
        double h = 1e-6;
        for (int row = 0; row < 3; row++) {
          double at = q[i];
          q[i] = at + h;
          dynamics.kinematics(q);
          double above = dynamics.tip(row);
          q[i] = at - h;
          dynamics.kinematics(q);
          double below = dynamics.tip(row);
          q[i] = at;
          assertEquals((above - below) / (2 * h), jacobian[row * n + i], 1e-8);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"human_arm7", "iiwa14_torque"})
  void energy_isConserved(String model) {
    // With the armature of the environments: the iiwa's file has none, and without it the wrist is
    // too light to be followed.
    Chain chain =
        Chains.read(model).withJoints(j -> j.withDrive(j.armature() > 0 ? j.armature() : 0.1, 0));
    ChainDynamics dynamics = new ChainDynamics(chain);
    ChainIntegrator integrator = new ChainIntegrator(dynamics);
    double[] q = {1.0, 0.4, -0.3, 0.8, 0.5, 0.2, -0.1};
    double[] qd = new double[7];
    double start = dynamics.potentialEnergy(q);
    double most = 0;
    double[] none = new double[7];
    for (int t = 0; t < 5000; t++) {
      integrator.rungeKutta4(q, qd, none, 1e-3);
      double kinetic = dynamics.kineticEnergy(q, qd);
      most = Math.max(most, kinetic);
      double drift = kinetic + dynamics.potentialEnergy(q) - start;
      assertTrue(Math.abs(drift) < 1e-6 * Math.abs(start), "step " + t + ": " + drift);
    }
    assertTrue(most > 1, "it hardly moved: " + most + " J");
  }

  @Test
  void bodies_standWhereTheirJointsLeaveThem() {
    ChainDynamics dynamics = new ChainDynamics(Chains.read("human_arm7"));
    double[] q = new double[7];
    q[3] = Math.PI / 2; // the elbow: the forearm points forward
    dynamics.kinematics(q);
    double[] at = new double[3];
    dynamics.bodyPosition(0, at);
    assertArrayEquals(new double[] {0, 0, 0}, at, 1e-12);
    dynamics.bodyPosition(1, at);
    assertArrayEquals(new double[] {0, 0, -0.2817}, at, 1e-12);
    dynamics.bodyPosition(2, at);
    assertArrayEquals(new double[] {0.2689, 0, -0.2817}, at, 1e-12);
    assertEquals(0.2689 + 0.0862, dynamics.tip(0), 1e-12);
  }

  @Test
  void stops_holdAgainstAForce() {
    Joint hinge =
        Joint.of("hinge", Joint.Type.REVOLUTE, Vec3.Z).withStop(new Joint.Stop(-1, 1, 1000, 10));
    Chain chain =
        new Chain(
            "one",
            List.of(Body.of("b", Vec3.ZERO, List.of(hinge), 1, Vec3.X, new Vec3(0.1, 0.1, 0.1))),
            Vec3.X,
            Chain.EARTH);
    for (boolean euler : new boolean[] {true, false}) {
      ChainIntegrator integrator = new ChainIntegrator(new ChainDynamics(chain));
      double[] q = new double[1];
      double[] qd = new double[1];
      for (int t = 0; t < 5000; t++) {
        if (euler) {
          integrator.semiImplicitEuler(q, qd, new double[] {20}, 0.002);
        } else {
          integrator.rungeKutta4(q, qd, new double[] {20}, 0.002);
        }
      }
      // At rest the spring carries the force: K δ = τ.
      assertEquals(1 + 20.0 / 1000, q[0], 1e-6);
      assertEquals(0, qd[0], 1e-6);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void dryFriction_holdsUpToItsLoss(boolean euler) {
    // One joint of inertia I = 2: D = 9 I, so that a force τ below the loss makes it creep at
    // τ 9.5 ms / D, and one beyond it accelerates it by (τ − η) / I.
    Joint hinge = new Joint("h", Joint.Type.REVOLUTE, Vec3.Z, Vec3.ZERO, 0.3, 0, 0, 4, null, null);
    Body disc = Body.of("b", Vec3.ZERO, List.of(hinge), 1, Vec3.ZERO, new Vec3(2, 2, 2));
    ChainDynamics dynamics =
        new ChainDynamics(new Chain("disc", List.of(disc), Vec3.X, Chain.EARTH));
    ChainIntegrator integrator = new ChainIntegrator(dynamics);
    double[] q = new double[1];
    double[] qd = {0};
    for (double tau : new double[] {3, -3, 7}) {
      double from = qd[0];
      for (int t = 0; t < 1000; t++) {
        if (euler) {
          integrator.semiImplicitEuler(q, qd, new double[] {tau}, 1e-3);
        } else {
          integrator.rungeKutta4(q, qd, new double[] {tau}, 1e-3);
        }
      }
      if (Math.abs(tau) < 4) {
        assertEquals(tau * 0.0095 / 18, qd[0], 1e-12);
      } else {
        assertEquals((tau - 4) / 2, qd[0] - from, 3e-3); // it sticks for its first milliseconds
      }
    }
  }

  @Test
  void nothingIsAllocated() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Chain chain =
        Chains.read("human_arm7")
            .withJoints(
                j ->
                    new Joint(
                        j.name(), j.type(), j.axis(), j.anchor(), 0, 0.01, 0.1, 0.1, null, null));
    ChainIntegrator integrator = new ChainIntegrator(new ChainDynamics(chain));
    double[] q = new double[7];
    double[] qd = new double[7];
    double[] tau = new double[7];
    double[] out = new double[49];
    long least = Long.MAX_VALUE;
    for (int attempt = 0; attempt < 4; attempt++) {
      long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
      for (int t = 0; t < 1000; t++) {
        integrator.semiImplicitEuler(q, qd, tau, 1e-3);
        integrator.rungeKutta4(q, qd, tau, 1e-3);
        integrator.dynamics().massMatrix(q, out);
        integrator.dynamics().inverse(q, qd, tau, out);
        integrator.dynamics().jacobian(out);
      }
      long after = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
      least = Math.min(least, after - before);
    }
    assertEquals(0, least / 1000, least + " bytes");
  }

  @Test
  void impossibleData_isNamed() {
    Joint joint = Joint.of("j", Joint.Type.REVOLUTE, Vec3.Z);
    assertMessage(
        "no mass has the moments",
        () -> Body.of("b", Vec3.ZERO, List.of(joint), 1, Vec3.ZERO, new Vec3(1, 0.1, 0.1)));
    assertMessage(
        "body b has no joint", () -> Body.of("b", Vec3.ZERO, List.of(), 1, Vec3.ZERO, Vec3.ZERO));
    assertMessage(
        "body b: mass must be finite and not negative, not -1.0",
        () -> Body.of("b", Vec3.ZERO, List.of(joint), -1, Vec3.ZERO, Vec3.ZERO));
    assertMessage("axis", () -> Joint.of("j", Joint.Type.REVOLUTE, Vec3.ZERO));
    assertMessage("armature", () -> joint.withDrive(Double.NaN, 0));
    assertMessage("range must not be empty", () -> new Joint.Stop(1, 1, 1, 1));
    assertMessage("at least one body", () -> new Chain("c", List.of(), Vec3.ZERO, Vec3.ZERO));
    assertMessage("quaternion", () -> new Rotation(0, 0, 0, 0));
    assertMessage("must be finite", () -> new Vec3(0, Double.NaN, 0));
  }

  private static void assertMessage(String part, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }
}
