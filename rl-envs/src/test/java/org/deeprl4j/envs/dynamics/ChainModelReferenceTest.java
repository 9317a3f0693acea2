package org.deeprl4j.envs.dynamics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.deeprl4j.envs.References;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Small models, each with one construct of MJCF, against MuJoCo (refs/models.py). */
final class ChainModelReferenceTest {
  /** What differs in the last digits: the order of sums. */
  private static final double RELATIVE = 1e-11;

  /** Of dry friction: where MuJoCo's solver ends. */
  private static final double SOLVED = 1e-9;

  record Reference(JsonNode model) {
    @Override
    public String toString() {
      return model.get("name").asText();
    }
  }

  static Stream<Reference> models() throws Exception {
    try (InputStream in = ChainModelReferenceTest.class.getResourceAsStream("/refs/models.json")) {
      JsonNode all = new ObjectMapper().readTree(in);
      return StreamSupport.stream(all.spliterator(), false).map(Reference::new);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void motion(Reference reference) {
    String name = reference.toString();
    String xml = reference.model.get("xml").asText();
    Chain chain = ChainModel.parse(xml, name, ChainModel.Options.STRICT.withTip("b")).chain();
    ChainDynamics dynamics = new ChainDynamics(chain);
    ChainIntegrator integrator = new ChainIntegrator(dynamics);
    double relative = name.startsWith("dry friction") ? SOLVED : RELATIVE;
    int cases = 0;
    for (JsonNode c : reference.model.get("cases")) {
      double[] q = References.doubles(c.get("q"));
      double[] qd = References.doubles(c.get("qd"));
      double[] tau = References.doubles(c.get("tau"));
      dynamics.kinematics(q);
      double[] tip = {dynamics.tip(0), dynamics.tip(1), dynamics.tip(2)};
      assertArrayEquals(References.doubles(c.get("b")), tip, 1e-12, "place of b");
      double[] before = qd.clone();
      integrator.rungeKutta4(q, qd, tau, 1e-3);
      double[] expected = References.doubles(c.get("nextQd"));
      for (int i = 0; i < 2; i++) {
        // Of the change: what one step adds is small.
        double scale = 1e-3 * Math.max(1, Math.abs(c.get("qacc").get(i).asDouble()));
        assertEquals(
            expected[i] - before[i], qd[i] - before[i], relative * scale + 1e-15, "q̇" + i);
      }
      assertArrayEquals(References.doubles(c.get("nextQ")), q, 1e-13, "q");
      cases++;
    }
    assertEquals(2, cases);
  }
}
