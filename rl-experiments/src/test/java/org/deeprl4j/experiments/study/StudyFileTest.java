package org.deeprl4j.experiments.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.state.JsonFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StudyFileTest {
  private static final String WHOLE =
      """
      algorithm: ppo
      environment: CartPole-v1
      seeds: 1-3
      steps: 1000
      """;

  @TempDir Path folder;

  private Study study(String yaml) throws Exception {
    Path file = folder.resolve("study.yaml");
    Files.writeString(file, yaml);
    return StudyFile.read(file, List.of("sweep"));
  }

  private static List<String> labels(Study study) {
    return study.variants().stream().map(Variant::label).toList();
  }

  @Test
  void grid_hasEveryCombination_theLastSettingFastest() throws Exception {
    Study study =
        study(
            WHOLE
                + """
                set: {hidden: [8, 8]}
                grid: {clipRange: [0.1, 0.3], gamma: [0.9, 0.99]}
                """);
    assertEquals(
        List.of(
            "ppo hidden=8,8 clipRange=0.1 gamma=0.9",
            "ppo hidden=8,8 clipRange=0.1 gamma=0.99",
            "ppo hidden=8,8 clipRange=0.3 gamma=0.9",
            "ppo hidden=8,8 clipRange=0.3 gamma=0.99"),
        labels(study));
    Variant third = study.variants().get(2);
    assertEquals(0.3, third.set().get("clipRange").doubleValue());
    assertEquals(0.9, third.set().get("gamma").doubleValue());
    assertEquals("[8,8]", third.set().get("hidden").toString());
    assertEquals(List.of(1L, 2L, 3L), third.seeds());
    assertEquals(1000, third.steps());
    assertEquals("CartPole-v1", third.preset(), "the tuned one is the default");
  }

  @Test
  void lists_giveAVariantEach() throws Exception {
    Study study =
        study(
            """
            algorithm: [ppo, a2c]
            environment: [CartPole-v1, Acrobot-v1]
            seeds: [1, 5-6]
            steps: 1e3
            kernels: java
            """);
    assertEquals(
        List.of("CartPole-v1 ppo", "CartPole-v1 a2c", "Acrobot-v1 ppo", "Acrobot-v1 a2c"),
        study.variants().stream().map(v -> v.environment() + " " + v.label()).toList());
    assertEquals(List.of(1L, 5L, 6L), study.variants().get(0).seeds());
    assertEquals(Compute.Kernels.JAVA, study.kernels());
  }

  @Test
  void variants_haveTheirOwnKeys_andTheFilesForTheRest() throws Exception {
    Study study =
        study(
            """
            seeds: 1-10
            episodes: 50
            variants:
              - {algorithm: ppo, environment: CartPole-v1, steps: 100, target: 500}
              - {algorithm: dqn, environment: CartPole-v1, steps: 200, seeds: 1-5, label: other, preset: null}
            """);
    assertEquals(List.of("ppo", "other"), labels(study));
    Variant second = study.variants().get(1);
    assertEquals(5, second.seeds().size());
    assertEquals(200, second.steps());
    assertEquals(50, second.episodes());
    assertNull(second.preset());
    assertNull(second.target());
    assertEquals(500, study.variants().get(0).target());
  }

  /** What study.json says is enough to repeat the study. */
  @Test
  void studyJson_isAStudyFile() throws Exception {
    Study study =
        study(
            WHOLE + "grid: {clipRange: [0.1, 0.3]}\nrandomReturn: 22\ntarget: 500\nthreshold: 475");
    Path json = folder.resolve("study.json");
    JsonFiles.write(json, new ObjectMapper().valueToTree(study));
    Study again = StudyFile.read(json, List.of("sweep"));
    assertEquals(study, again);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      quoteCharacter = '"',
      value = {
        "sed: 1 > no key 'sed'; did you mean seeds",
        "seeds: ten > seeds must be numbers and ranges such as 1-10 or 1-5,11, not 'ten'",
        "seeds: 5-1 > seeds: a range must ascend, and hold at most 10000, not be '5-1'",
        "seeds: 0-9223372036854775807 > seeds: a range must ascend",
        "seeds: '1,1' > seeds must be different, and at least one, not [1, 1]",
        "steps: many > steps must be a whole number, not",
        "steps: 0 > steps must be at least 1, not 0",
        "episodes: 0 > episodes must be in [1, 1000000], not 0",
        "algorithm: po > no algorithm 'po'; did you mean",
        "environment: [] > environment is missing",
        "kernels: fast > kernels must be one of [AUTO",
        "kernels: fast > ], not",
        "format: 2 > format must be 1, not 2",
        "set: {clip: 1} > no setting 'clip'",
        "set: [1] > set must be values by name, not [1]",
        "grid: {clipRange: 0.1} > grid: clipRange must be a list of values, not 0.1",
        "grid: {clipRange: [wide]} > clipRange must be",
        "grid: {clipRange: [0.1, 0.1]} > two variants in CartPole-v1 are called 'ppo"
            + " clipRange=0.1'",
        "target: high > target must be a number, not",
        "variants: [] > a study needs at least one variant",
        "variants: ppo > variants must be a list, not",
        "seeds: 1-6000,1-6000 > seeds: with '1-6000' they are more than 10000",
        "grid: {epochs: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], batchSize: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],"
            + " clipRange: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1], gamma: [0.1, 0.2, 0.3, 0.4,"
            + " 0.5, 0.6]} > a study has at most 5000 variants, not 6000",
        "variants: [7] > a variant must be values by name, not 7",
        "label: 7 > label must be a text, not 7"
      })
  void badInput_isNamed(String key, String message) {
    String name = key.substring(0, key.indexOf(':'));
    String yaml = WHOLE.replaceAll("(?m)^" + name + ":.*\n", "") + key.strip() + "\n";
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> study(yaml), yaml);
    assertTrue(e.getMessage().startsWith(folder.resolve("study.yaml") + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(message.strip()), e.getMessage());
  }

  @Test
  void settingInSetAndGrid_isRefused() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> study(WHOLE + "set: {gamma: 0.9}\ngrid: {gamma: [0.8, 0.9]}"));
    assertTrue(e.getMessage().endsWith("gamma is in set and in grid"), e.getMessage());
  }
}
