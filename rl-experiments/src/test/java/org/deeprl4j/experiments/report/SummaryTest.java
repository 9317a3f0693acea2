package org.deeprl4j.experiments.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.experiments.statistics.Estimate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Summaries of runs whose returns are given. */
final class SummaryTest {
  @TempDir Path folder;

  private static RunResult run(String environment, long seed, double mean, double gamma) {
    ObjectNode settings = JsonNodeFactory.instance.objectNode();
    settings.put("gamma", gamma).put("epochs", 4);
    RunConfig config = RunConfig.of("ppo", environment, 100, seed, settings);
    // The return rises from 0 at step 10 to the final one at step 100.
    Curve curve = new Curve(new double[] {10, 100}, new double[] {0, mean});
    return new RunResult(Path.of("run-" + seed), config, 100, 1, evaluation(mean), curve);
  }

  private static EvaluationResult evaluation(double mean) {
    return new EvaluationResult(List.of(new EvaluationResult.Episode(mean, 1, null)));
  }

  private static Group group(String label, String environment, double gamma, double... means) {
    List<RunResult> runs = new ArrayList<>();
    for (int i = 0; i < means.length; i++) {
      runs.add(run(environment, i + 1, means[i], gamma));
    }
    return new Group(label, environment, means.length + 1, runs, 10.0, 4.0, 0.0);
  }

  @Test
  void figures_areThoseOfTheRuns() {
    Summary summary =
        Summary.of(
            List.of(group("a", "Pole", 0.9, 2, 4, 6, 12), group("b", "Pole", 0.99, 1, 3, 5, 5)));
    Summary.OfEnvironment pole = summary.environments().get(0);
    Summary.OfGroup a = pole.groups().get(0);
    assertEquals(4, a.runs());
    assertEquals(5, a.planned());
    assertEquals(List.of(2.0, 4.0, 6.0, 12.0), a.returns());
    assertEquals(6, a.mean().value());
    assertEquals(5, a.median().value());
    assertEquals(5, a.interquartileMean().value());
    assertEquals((8 + 6 + 4) / 4.0, a.optimalityGap().value());
    assertNull(a.successRate());
    // At 4 from the first recorded point on: never, 100, 100, 100.
    assertEquals(3, a.stepsToThreshold().reached());
    assertEquals(100.0, a.stepsToThreshold().value());
    assertNull(a.stepsToThreshold().high(), "two of four may never get there");
    // The means of the middle two curves at step 55, halfway up, and at the end.
    assertEquals(100, a.curve().steps().size());
    assertEquals(2.5, a.curve().returns().get(54).value(), 1e-12);
    assertEquals(5, a.curve().returns().get(99).value(), 1e-12);
    // Of 16 pairs a wins 2>1, 4>1, 4>3, and all four with 6 and with 12.
    assertEquals(11 / 16.0, pole.improvements().get(0).probability().value());
    // From the worst, 1, to the best, 12: above 12 is none, above 1 all but b's worst.
    Summary.Profile profile = pole.profile();
    assertEquals(101, profile.thresholds().size());
    assertEquals(1, profile.thresholds().get(0));
    assertEquals(12, profile.thresholds().get(100));
    assertEquals(new Estimate(1, 1, 1), profile.groups().get(0).parts().get(0));
    assertEquals(0.75, profile.groups().get(1).parts().get(0).value());
    assertEquals(0, profile.groups().get(0).parts().get(100).value());
    assertEquals(List.of(), summary.overall());
  }

  @Test
  void overEnvironments_returnsAreNormalized() {
    Summary summary =
        Summary.of(
            List.of(
                group("a", "Pole", 0.9, 2, 4),
                group("b", "Pole", 0.9, 2, 4),
                group("a", "Cart", 0.9, 10, 8)));
    assertEquals(1, summary.overall().size(), "b is in one environment alone");
    Summary.Overall a = summary.overall().get(0);
    assertEquals("a", a.label());
    assertEquals((0.3 + 0.9) / 2, a.mean().value(), 1e-15);
    assertEquals((0.3 + 0.9) / 2, a.median().value(), 1e-15);
    assertEquals((0.4 + 0.8) / 2, a.interquartileMean().value(), 1e-15);
    assertEquals((0.7 + 0.1) / 2, a.optimalityGap().value(), 1e-15);
  }

  @Test
  void report_holdsEverything_andLoadsNothing() throws Exception {
    List<Group> groups =
        List.of(
            group("a <b>", "Pole", 0.9, 2, 4, 6, 12),
            group("none", "Pole", 0.9),
            group("b", "Pole", 0.99, 1, 3, 5, 5));
    Summary summary = Summary.of(groups);
    assertNull(summary.environments().get(0).groups().get(1).mean());
    Report.write(folder, "Study", summary, groups);
    String page = Files.readString(folder.resolve("report.html"));
    assertTrue(page.contains("a &lt;b&gt;") && !page.contains("a <b>"));
    assertTrue(page.contains("data:image/png;base64,"));
    assertFalse(page.contains("://"), "nothing from elsewhere");
    assertTrue(Files.size(folder.resolve("curves-Pole.png")) > 1000);
    assertTrue(Files.size(folder.resolve("profile-Pole.png")) > 1000);
    String text = Files.readString(folder.resolve("summary.md"));
    assertTrue(text.contains("| gamma | 0.9 | 0.99 |"), text);
    assertFalse(text.contains("epochs"), text);
    assertTrue(text.contains("| none |  | 0 of 1 |"), text);
    assertNotNull(summary.environments().get(0).profile());
  }
}
