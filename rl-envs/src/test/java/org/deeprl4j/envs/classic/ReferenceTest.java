package org.deeprl4j.envs.classic;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import org.deeprl4j.envs.References;
import org.deeprl4j.mdp.StatefulMdp;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Step for step agreement with Gymnasium. */
final class ReferenceTest {

  static Stream<Arguments> environments() {
    return Stream.of(
        Arguments.of("CartPole-v1", new CartPole()),
        Arguments.of("Pendulum-v1", new Pendulum()),
        Arguments.of("Acrobot-v1", new Acrobot()),
        Arguments.of("MountainCarContinuous-v0", new MountainCarContinuous()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("environments")
  void everyRecordedStep_isReproduced(String id, StatefulMdp mdp) {
    References.assertTeacherForced(id, mdp);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("environments")
  void episodes_followedFromTheirFirstState_staySame(String id, StatefulMdp mdp) {
    for (JsonNode episode : References.episodes(id)) {
      mdp.setState(References.doubles(episode.get("states").get(0)));
      for (int t = 0; t < Math.min(50, episode.get("actions").size()); t++) {
        // No further: an upright pendulum doubles the last bit's difference every 0.2 s.
        References.compareStep(episode, t, mdp, id + " followed, step " + t);
      }
    }
  }
}
