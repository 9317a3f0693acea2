package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.RecordComponent;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.Algorithms;
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

  @Test
  void sac_hasDefaultsRangesMeaningsAndPresets() {
    String out = Cli.run("describe", "sac").out();
    assertTrue(out.contains("sac: Soft actor-critic"), out);
    assertTrue(out.matches("(?s).*gamma +0.99 +γ, the discount +in \\[0.0, 1.0].*"), out);
    assertTrue(out.matches("(?s).*prioritizedReplay +false +draw.*"), out);
    assertTrue(out.contains("FREE, STATE_DEPENDENT, GSDE"), out);
    assertTrue(out.contains("preset sb3-default:"), out);
  }

  @Test
  void unknownAlgorithm_isNamed() {
    Cli described = Cli.run("describe", "sacc");
    assertEquals(2, described.exitCode());
    assertTrue(described.err().contains("sac"), described.err());
  }
}
