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
    System.out.println(name + " " + worst + " " + model.forceLimits() + " " + model.home());
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
  @ValueSource(
      strings = {
        "asset", "axisangle", "base", "childclass", "contact", "density", "euler", "fixedbase",
        "floor", "frcrange", "friction", "fullin", "geom", "geomdef", "include", "jclass",
        "keyframe", "light", "mainclass", "meshdir", "refj", "sitegroup", "size", "statistic",
        "unnorm", "visual"
      })
  void smallModels(String name) throws IOException {
    Path path = file("mjcf/" + name + ".xml");
    if (name.equals("density") || name.equals("include")) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> ChainModel.read(path, ChainModel.Options.STRICT))
              .getMessage();
      assertTrue(message.startsWith(path + ", line 2: "), message);
      System.out.println(message);
      return;
    }
    Chain chain = ChainModel.read(path, ChainModel.Options.STRICT).chain();
    double[] q = {0.05, 0.1};
    double[] qd = {0.5, 0.3};
    new ChainIntegrator(new ChainDynamics(chain)).rungeKutta4(q, qd, new double[2], 1e-3);
    double[] expected =
        switch (name) {
          default -> new double[] {0.5003003, 0.2977743};
        };
    System.out.println(name + " " + java.util.Arrays.toString(qd));
  }
}
