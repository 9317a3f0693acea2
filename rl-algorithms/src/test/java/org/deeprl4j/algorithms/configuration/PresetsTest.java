package org.deeprl4j.algorithms.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.dqn.DqnConfig;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.schedule.Schedule;
import org.junit.jupiter.api.Test;

class PresetsTest {

  @Test
  void everyPreset_isLegalAndNamed() {
    for (Algorithm<?> algorithm : Algorithms.all()) {
      for (Presets.Preset preset : Presets.of(algorithm.id())) {
        Configurations.bind(algorithm.defaults(), List.of(preset.layer()));
        assertFalse(preset.source().isBlank(), preset.name());
        assertTrue(
            Environments.ids().contains(preset.name())
                || preset.name().startsWith("gym:")
                || preset.name().equals("CartPole-memory")
                || preset.name().equals("sb3-default"),
            preset.name());
      }
    }
  }

  @Test
  void sb3Default_statesEverySettingOfPpo() {
    Presets.Preset preset = Presets.find("ppo", "sb3-default");
    assertEquals(PpoConfig.class.getRecordComponents().length, preset.settings().size());
    assertEquals(
        PpoConfig.defaults(), Configurations.bind(PpoConfig.defaults(), List.of(preset.layer())));
  }

  @Test
  void tuned_isFoundByEnvironment() {
    PpoConfig config =
        Configurations.bind(
            PpoConfig.defaults(),
            List.of(Presets.tuned("ppo", "CartPole-v1").orElseThrow().layer()));
    assertEquals(8, config.environments());
    assertEquals(Schedule.linear(0.2, 0), config.clipRange());
    assertTrue(Presets.tuned("ppo", "NoSuchPlace").isEmpty());
    assertTrue(Presets.of("no-such-algorithm").isEmpty());
  }

  /** A memory of pictures is to fit into the heap that {@code ./rl} has on a machine of 4 GB. */
  @Test
  void memoryOfPictures_isAHundredThousand() {
    DqnConfig config =
        Configurations.bind(
            DqnConfig.defaults(),
            List.of(Presets.tuned("dqn", "CatchPictures").orElseThrow().layer()));
    assertEquals(100_000, config.bufferSize());
    assertTrue(config.normalizeObservations());
  }

  @Test
  void unknownPreset_suggestsTheNearest() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Presets.find("ppo", "sb3")).getMessage();
    assertTrue(message.startsWith("no ppo preset 'sb3'; did you mean sb3-default"), message);
  }
}
