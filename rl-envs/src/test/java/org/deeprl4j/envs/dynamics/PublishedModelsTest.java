package org.deeprl4j.envs.dynamics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.deeprl4j.envs.References;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of other people's, which stay outside the project: ../shared/cases. */
final class PublishedModelsTest {
  private static final Path CASES = Path.of("../../shared/cases");

  private static Path file(String name) {
    Path file = CASES.resolve(name);
    assumeTrue(Files.exists(file), "skipped: there is no " + file.toAbsolutePath().normalize());
    return file;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"panda_nohand.xml", "ur5e.xml", "gen3.xml", "xarm7_nohand.xml", "iiwa14.xml"})
  void arms(String name) throws IOException {
    Path path = file("arms/" + name);
    JsonNode reference = new ObjectMapper().readTree(file("arms/qacc.json").toFile()).get(name);
    String body = reference.get("cases").get(0).get("body").asText();
    ChainModel model =
        ChainModel.read(
            path, ChainModel.Options.STRICT.withTip(body).withStops(1000, 10).withoutContacts());
    List<Joint> joints = model.chain().joints();
    int n = reference.get("nv").asInt();
    assertEquals(n, joints.size());
    assertNotNull(model.home());
    double worst = 0;
    for (JsonNode c : reference.get("cases")) {
      ChainDynamics dynamics = new ChainDynamics(model.chain());
      double[] q = References.doubles(c.get("q"));
      double[] qd = References.doubles(c.get("qd"));
      double[] tau = References.doubles(c.get("tau"));
      double[] expected = References.doubles(c.get("qacc"));
      double[] found = new double[n];
      for (int i = 0; i < n; i++) {
        tau[i] -= joints.get(i).damping() * qd[i];
      }
      dynamics.forward(q, qd, tau, found);
      double scale = 0;
      for (double value : expected) {
        scale = Math.max(scale, Math.abs(value));
      }
      for (int i = 0; i < n; i++) {
        worst = Math.max(worst, Math.abs(found[i] - expected[i]) / scale);
      }
      double[] tip = {dynamics.tip(0), dynamics.tip(1), dynamics.tip(2)};
      assertArrayEquals(References.doubles(c.get("bodyPosition")), tip, 1e-9);
    }
    assertTrue(worst < 1e-9, name + ": " + worst);
    for (int i = 0; i < n; i++) {
      assertEquals(reference.get("joints").get(i).asText(), joints.get(i).name());
      assertEquals(reference.get("damping").get(i).asDouble(), joints.get(i).damping());
      assertEquals(reference.get("armature").get(i).asDouble(), joints.get(i).armature());
      assertEquals(reference.get("frictionloss").get(i).asDouble(), joints.get(i).frictionLoss());
      JsonNode range = reference.get("range").get(i);
      Joint.Stop stop = joints.get(i).stop();
      assertEquals(range.get(0).asDouble(), stop == null ? 0 : stop.lower());
      assertEquals(range.get(1).asDouble(), stop == null ? 0 : stop.upper());
    }
  }

  @ParameterizedTest
  @CsvSource({
    // Whatever does not move the chain.
    "asset, 0.500300313010689, 0.29777434178249146",
    "base, 0.500300313010689, 0.29777434178249146",
    "contact, 0.500300313010689, 0.29777434178249146",
    "fixedbase, 0.500300313010689, 0.29777434178249146",
    "floor, 0.500300313010689, 0.29777434178249146",
    "frcrange, 0.500300313010689, 0.29777434178249146",
    "fullin, 0.500300313010689, 0.29777434178249146",
    "geom, 0.500300313010689, 0.29777434178249146",
    "geomdef, 0.500300313010689, 0.29777434178249146",
    "keyframe, 0.500300313010689, 0.29777434178249146",
    "light, 0.500300313010689, 0.29777434178249146",
    "meshdir, 0.500300313010689, 0.29777434178249146",
    "sitegroup, 0.500300313010689, 0.29777434178249146",
    "size, 0.500300313010689, 0.29777434178249146",
    "statistic, 0.500300313010689, 0.29777434178249146",
    "visual, 0.500300313010689, 0.29777434178249146",
    // And what does.
    "axisangle, 0.496996415087944, 0.2996203612356032",
    "childclass, 0.5000412524567949, 0.2961127589130031",
    "euler, 0.496996415087944, 0.2996203612356032",
    "friction, 0.5001980582384394, 0.29777208120918386",
    "jclass, 0.5000446643582578, 0.29776869008666834",
    "mainclass, 0.5000412524567949, 0.2961127589130031",
    "refj, 0.5002711922598488, 0.29777315458712594",
    "unnorm, 0.496996415087944, 0.2996203612356032",
  })
  void smallModels(String name, double first, double second) throws IOException {
    Path path = file("mjcf/" + name + ".xml");
    Chain chain = ChainModel.read(path, ChainModel.Options.STRICT).chain();
    double[] q = {0.05, 0.1};
    double[] qd = {0.5, 0.3};
    new ChainIntegrator(new ChainDynamics(chain)).rungeKutta4(q, qd, new double[2], 1e-3);
    assertArrayEquals(new double[] {first, second}, qd, 1e-13); // MuJoCo 4.0
  }

  @ParameterizedTest
  @CsvSource({"density, density=\"1000\" is not supported", "include, file=\"other.xml\"> is not"})
  void smallModels_thatAreRefused(String name, String message) {
    Path path = file("mjcf/" + name + ".xml");
    String found =
        assertThrows(
                IllegalArgumentException.class,
                () -> ChainModel.read(path, ChainModel.Options.STRICT))
            .getMessage();
    assertTrue(found.startsWith(path + ", line 2: ") && found.contains(message), found);
  }
}
