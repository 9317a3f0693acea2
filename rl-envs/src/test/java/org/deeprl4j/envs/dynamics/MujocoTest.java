package org.deeprl4j.envs.dynamics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import org.deeprl4j.envs.References;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against accelerations and motions that MuJoCo computed for the same models. */
final class MujocoTest {

  private static JsonNode reference(String name) throws Exception {
    try (InputStream in = MujocoTest.class.getResourceAsStream("/refs/" + name + ".json")) {
      return new ObjectMapper().readTree(in);
    }
  }

  private static void assertClose(double[] expected, double[] found, double relative, String what) {
    double scale = 0;
    for (double value : expected) {
      scale = Math.max(scale, Math.abs(value));
    }
    assertArrayEquals(expected, found, relative * scale, what);
  }

  @ParameterizedTest
  @ValueSource(strings = {"human_arm7", "iiwa14_torque"})
  void everyQuantity(String model) throws Exception {
    ChainDynamics dynamics = new ChainDynamics(Chains.read(model));
    int n = dynamics.size();
    assertEquals(7, n);
    int cases = 0;
    for (JsonNode c : reference(model + "_qacc").get("cases")) {
      double[] q = References.doubles(c.get("q"));
      double[] qd = References.doubles(c.get("qd"));
      double[] tau = References.doubles(c.get("tau"));
      double[] expected = References.doubles(c.get("qacc"));
      double[] out = new double[n];
      dynamics.forward(q, qd, tau, out);
      assertClose(expected, out, 1e-9, "accelerations");
      dynamics.inverse(q, qd, expected, out);
      assertClose(tau, out, 1e-9, "inverse");
      dynamics.inverse(q, qd, new double[n], out);
      assertClose(References.doubles(c.get("qfrc_bias")), out, 1e-9, "bias");
      double[] m = new double[n * n];
      dynamics.massMatrix(q, m);
      assertClose(References.doubles(c.get("M")), m, 1e-9, "mass matrix");
      double[] tip = {dynamics.tip(0), dynamics.tip(1), dynamics.tip(2)};
      assertClose(References.doubles(c.get("ee")), tip, 1e-9, "tip");
      double[] energies = {dynamics.potentialEnergy(q), dynamics.kineticEnergy(q, qd)};
      assertClose(References.doubles(c.get("energy_pot_kin")), energies, 1e-9, "energies");
      cases++;
    }
    assertEquals(20, cases);
  }

  @ParameterizedTest
  @CsvSource({"human_arm7, 0.01, 0.2", "iiwa14_torque, 0.1, 0.5"})
  void motions(String model, double armature, double damping) throws Exception {
    Chain chain = Chains.read(model).withJoints(joint -> joint.withDrive(armature, damping));
    JsonNode runs = reference(model + "_traj").get("runs");
    assertEquals(2, runs.size());
    for (JsonNode run : runs) {
      boolean euler = run.get("integrator").asText().startsWith("Euler");
      ChainIntegrator integrator = new ChainIntegrator(new ChainDynamics(chain));
      double[] q = References.doubles(run.get("q0"));
      double[] qd = new double[q.length];
      int step = 0;
      for (JsonNode record : run.get("steps")) {
        double[] tau = References.doubles(record.get("tau"));
        for (int i = 0; i < 10; i++) {
          if (euler) {
            integrator.semiImplicitEuler(q, qd, tau, 0.002);
          } else {
            integrator.rungeKutta4(q, qd, tau, 0.002);
          }
        }
        String where = run.get("integrator") + " record " + step++;
        assertClose(References.doubles(record.get("q")), q, 1e-8, where);
        assertClose(References.doubles(record.get("qd")), qd, 1e-8, where);
      }
      assertEquals(100, step);
    }
  }
}
