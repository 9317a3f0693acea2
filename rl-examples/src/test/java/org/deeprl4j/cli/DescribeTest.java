package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.configuration.Presets;
import org.deeprl4j.algorithms.training.Algorithm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class DescribeTest {
  static Stream<String> ids() {
    return Algorithms.all().stream().map(Algorithm::id);
  }

  @ParameterizedTest
  @MethodSource("ids")
  void everySetting_isListed(String id) {
    Cli described = Cli.run("describe", id);
    assertEquals(0, described.exitCode(), described.err());
    for (RecordComponent setting :
        Algorithms.find(id).defaults().getClass().getRecordComponents()) {
      assertTrue(
          described.out().lines().anyMatch(line -> line.startsWith(setting.getName() + " ")),
          setting.getName());
    }
  }

  @ParameterizedTest
  @MethodSource("ids")
  void everyLine_fitsIntoEightyColumns(String id) {
    HelpTest.assertFits(Cli.run("describe", id).out());
  }

  @Test
  void sac_hasDefaultsRangesMeaningsAndPresets() {
    String out = Cli.run("describe", "sac").out();
    assertTrue(out.contains("sac: Soft actor-critic"), out);
    assertTrue(out.matches("(?s).*gamma +0.99 +in \\[0.0, 1.0]\n +γ, the discount.*"), out);
    assertTrue(out.matches("(?s).*prioritizedReplay +false +true, false\n +draw.*"), out);
    assertTrue(out.contains("FREE, STATE_DEPENDENT, GSDE"), out);
    assertTrue(out.contains("preset sb3-default:"), out);
  }

  @ParameterizedTest
  @MethodSource("ids")
  void presets_areWrittenAsSetTakesThem(String id) {
    assertPresetsAreSettable(Algorithms.find(id));
  }

  private static <C extends Record> void assertPresetsAreSettable(Algorithm<C> algorithm) {
    // However the lines are broken.
    String out = Cli.run("describe", algorithm.id()).out().replaceAll("\\s+", " ").strip();
    for (Presets.Preset preset : Presets.of(algorithm.id())) {
      String title = "preset %s: %s ".formatted(preset.name(), preset.source());
      int from = out.indexOf(title);
      assertTrue(from >= 0, title);
      String settings = out.substring(from + title.length()).split(" preset ", 2)[0];
      // Before each name, as some values have spaces in them.
      List<String> assignments = List.of(settings.split(" (?=\\w+=)"));
      assertEquals(
          Configurations.bind(algorithm.defaults(), List.of(preset.layer())),
          Configurations.bind(
              algorithm.defaults(), List.of(Configurations.assignments("--set", assignments))),
          preset.name());
    }
  }

  /** However long the meaning is. */
  @Test
  void rangeOfASetting_standsOnItsFirstLine() {
    String out = Cli.run("describe", "ppo").out();
    assertTrue(out.lines().anyMatch(l -> l.matches("batchSize .* in \\[1, \\d+]")), out);
  }

  @Test
  void unknownAlgorithm_isNamed() {
    Cli described = Cli.run("describe", "sacc");
    assertEquals(2, described.exitCode());
    assertTrue(described.err().contains("sac"), described.err());
  }
}
