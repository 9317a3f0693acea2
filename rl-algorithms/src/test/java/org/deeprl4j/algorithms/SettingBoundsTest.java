package org.deeprl4j.algorithms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.training.Algorithm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Both ends of every setting's range. */
final class SettingBoundsTest {
  /**
   * A setting, or that of one configuration only, with its range: the largest value that is refused
   * below it, its least and its largest value, and the least value that is refused above it; a dash
   * where there is none to try alone.
   */
  private static final Map<String, String[]> RANGES = new TreeMap<>();

  static {
    """
    actorLearners 0 1 256 257
    actorLearningRate -1e-9 0 1e9 1.1e9
    adamEpsilon 9e-31 1e-30 1e9 1.1e9
    adaptiveKlTarget 0 1e-300 1e9 1.1e9
    batchSize 0 1 1048576 1048577
    Ppo.batchSize 0 1 2048 2049
    bufferSize 255 256 - -
    Dqn.bufferSize 31 32 - -
    clipRange 0 1e-300 1e9 1.1e9
    conjugateGradientSteps 0 1 10000 10001
    conjugateGradientTolerance -1e-9 0 0.999 1
    criticLearningRate -1e-9 0 1e9 1.1e9
    critics 0 1 64 65
    damping -1e-9 0 1e9 1.1e9
    delta 0 1e-300 1e9 1.1e9
    entropyCoefficient -1e-9 0 1e9 1.1e9
    environments 0 1 65536 65537
    epochs 0 1 10000 10001
    episodesPerUpdate 0 1 100000 100001
    explorationFraction 0 1e-300 1 1.001
    explorationRate -1e-9 0 1 1.001
    finalEpsilons -1e-9 0 1 0.5,1.001
    fisherSubsampling 0 1 2048 2049
    fixedTemperature -1e-9 0 1e9 1.1e9
    gamma -1e-9 0 1 1.001
    hidden 0 1 65536 65537
    hindsightGoals -1 0 1000 1001
    initialEpsilon -1e-9 0 1 1.001
    initialLogStd -20.1 -20 5 5.1
    Sac.initialLogStd -20.1 -20 2 2.1
    SacV.initialLogStd -20.1 -20 2 2.1
    initialTemperature 0 1e-300 1e9 1.1e9
    klPenalty 0 1e-300 1e9 1.1e9
    lambda -1e-9 0 1 1.001
    learningRate -1e-9 0 1e9 1.1e9
    learningStarts -1 0 - -
    lineSearchShrink 0 1e-300 0.999 1
    lineSearchSteps 0 1 1000 1001
    lstmUnits -1 0 4096 4097
    maxGradientNorm 0 1e-300 1e9 1.1e9
    noiseHold - - - -
    noiseSigma -1e-9 0 1e9 1.1e9
    policyDelay 0 1 - -
    priorityAlpha -1e-9 0 1 1.001
    priorityBeta -1e-9 0 1 1.001
    returnSteps 0 1 1000 1001
    rmsPropDecay -1e-9 0 0.999999 1
    rmsPropEpsilon 9e-31 1e-30 1e9 1.1e9
    rolloutSteps 0 1 1048576 1048577
    A3c.rolloutSteps 0 1 10000 10001
    AsyncQ.rolloutSteps 0 1 10000 10001
    stepsPerRound 0 1 - -
    targetEntropy -1.1e9 -1e9 1e9 1.1e9
    targetEntropyRatio -1e-9 0 1 1.001
    targetEverySteps 0 1 - -
    targetEveryUpdates 0 1 - -
    targetKl 0 1e-300 1e9 1.1e9
    targetNoise -1e-9 0 1e9 1.1e9
    targetNoiseClip -1e-9 0 1e9 1.1e9
    tau 1e-10 1e-9 1 1.001
    temperatureLearningRate -1e-9 0 1e9 1.1e9
    updatesPerRound 0 1 100000 100001
    valueBatchSize 0 1 1048576 1048577
    valueClipRange 0 1e-300 1e9 1.1e9
    valueCoefficient -1e-9 0 1e9 1.1e9
    valueEpochs -1 0 10000 10001
    valueHidden 0 1 65536 65537
    """
        .lines()
        .map(line -> line.split(" "))
        .forEach(row -> RANGES.put(row[0], Arrays.copyOfRange(row, 1, 5)));
  }

  /** Settings that others bound, with values for these that leave the range above. */
  private static final Map<String, List<String>> BESIDE =
      Map.of(
          "environments", List.of("bufferSize=65536", "rolloutSteps=1", "batchSize=1"),
          "batchSize", List.of("bufferSize=1048576", "environments=1", "rolloutSteps=2048"),
          "bufferSize", List.of("environments=1"),
          "rolloutSteps", List.of("environments=1", "batchSize=1", "fisherSubsampling=1"),
          "fixedTemperature", List.of("targetEntropy=none"));

  static Stream<String> algorithms() {
    return Algorithms.all().stream().map(Algorithm::id);
  }

  private static <C extends Record> C bind(Algorithm<C> algorithm, String... assignments) {
    return Configurations.bind(
        algorithm.defaults(), List.of(Configurations.assignments("--set", List.of(assignments))));
  }

  /** With the values beside it that the algorithm has. */
  private static void set(Algorithm<?> algorithm, String name, String value) {
    List<String> known =
        Arrays.stream(algorithm.defaults().getClass().getRecordComponents())
            .map(RecordComponent::getName)
            .toList();
    Stream<String> beside =
        BESIDE.getOrDefault(name, List.of()).stream()
            .filter(other -> known.contains(other.substring(0, other.indexOf('='))));
    bind(algorithm, Stream.concat(beside, Stream.of(name + "=" + value)).toArray(String[]::new));
  }

  private static void assertRefused(Algorithm<?> algorithm, String name, String value) {
    if (!value.equals("-")) {
      String what = algorithm.id() + " " + name + "=" + value;
      String message =
          assertThrows(IllegalArgumentException.class, () -> set(algorithm, name, value), what)
              .getMessage();
      assertTrue(String.valueOf(message).startsWith(name + " must be "), message);
    }
  }

  @ParameterizedTest
  @MethodSource("algorithms")
  void everySetting_isRefusedBeyondItsRange_andTakenAtItsEnds(String id) {
    Algorithm<?> algorithm = Algorithms.find(id);
    String record = algorithm.defaults().getClass().getSimpleName().replace("Config", "");
    for (RecordComponent setting : algorithm.defaults().getClass().getRecordComponents()) {
      Class<?> type = setting.getType();
      if (type == boolean.class || type.isEnum()) {
        continue;
      }
      String name = setting.getName();
      String[] range = RANGES.getOrDefault(record + "." + name, RANGES.get(name));
      assertTrue(range != null, "no range for " + id + " " + name);
      assertRefused(algorithm, name, range[0]);
      for (String end : new String[] {range[1], range[2]}) {
        if (!end.equals("-")) {
          set(algorithm, name, end);
        }
      }
      assertRefused(algorithm, name, range[3]);
    }
  }

  /** What two settings say together. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ppo   | environments=65536 rolloutSteps=2049 | environments times rolloutSteps must be in [1, 134217728], not 134283264",
        "a2c   | environments=65536 rolloutSteps=2049 | environments times rolloutSteps must be in [1, 134217728], not 134283264",
        "trpo  | environments=65536 rolloutSteps=2049 | environments times rolloutSteps must be in [1, 134217728], not 134283264",
        "npg   | environments=65536 rolloutSteps=2049 | environments times rolloutSteps must be in [1, 134217728], not 134283264",
        "dqn   | explorationRate=piecewise(0:1,1:1.5) | explorationRate must be in [0.0, 1.0], not 1.5",
        "sac   | priorityBeta=linear(0.4,2)           | priorityBeta must be in [0.0, 1.0], not 2.0",
        "sac   | environments=300 bufferSize=299      | bufferSize must be at least 300, not 299",
        "sac   | targetEntropy=1 fixedTemperature=2   | targetEntropy = 1.0 has no effect with fixedTemperature = 2.0: set one of them to none",
        "sac   | logStd=GSDE hidden=                  | logStd GSDE explores with the policy's last hidden layer, but hidden is empty",
        "sac-v | logStd=GSDE hidden=                  | logStd GSDE explores with the policy's last hidden layer, but hidden is empty",
        "sac   | logStd=GSDE noiseHold=0              | noiseHold must be at least 1, not 0",
        "sac-v | logStd=GSDE noiseHold=0              | noiseHold must be at least 1, not 0",
        "ppo   | logStd=GSDE noiseHold=0              | noiseHold must be at least 1, not 0",
        "a2c   | logStd=GSDE noiseHold=0              | noiseHold must be at least 1, not 0",
        "sac   | noiseHold=4                          | noiseHold = 4 has no effect with logStd STATE_DEPENDENT: set logStd to GSDE, or noiseHold to none",
        "ppo   | clipRange=linear(0.2,-1)             | clipRange must be in [0.0, 1.0E9], not -1.0",
        "ppo   | learningRate=linear(0.2,-1)          | learningRate must be in [0.0, 1.0E9], not -1.0",
        "async-q | finalEpsilons=                     | the number of finalEpsilons must be at least 1, not 0",
      })
  void settings_thatDoNotGoTogether_areRefused(String id, String assignments, String message) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> bind(Algorithms.find(id), assignments.split(" ")));
    assertEquals(message, e.getMessage());
  }

  @Test
  void ranges_areOfSettingsThatExist() {
    for (String key : RANGES.keySet()) {
      String name = key.substring(key.indexOf('.') + 1);
      assertTrue(
          Algorithms.all().stream()
              .flatMap(a -> Arrays.stream(a.defaults().getClass().getRecordComponents()))
              .anyMatch(component -> component.getName().equals(name)),
          key);
    }
  }
}
