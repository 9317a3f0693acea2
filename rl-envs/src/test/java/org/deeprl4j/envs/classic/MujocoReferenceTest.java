package org.deeprl4j.envs.classic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import org.deeprl4j.envs.References;
import org.deeprl4j.mdp.StatefulMdp;
import org.deeprl4j.mdp.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Step for step agreement with MuJoCo, wherever no joint limit acts. */
final class MujocoReferenceTest {

  static Stream<Arguments> environments() {
    // With the tolerance of the reward: the original's is taken of the tip at the last stage of its
    // integrator where it needs a tip.
    return Stream.of(
        Arguments.of("InvertedPendulum", new InvertedPendulum(), 1e-9, 100),
        Arguments.of("InvertedDoublePendulum", new InvertedDoublePendulum(), 2e-5, 20),
        Arguments.of("Reacher", new Reacher(), 3e-6, 80),
        Arguments.of("DmCartpoleSwingup", new CartPoleSwingUp(), 1e-9, 600));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("environments")
  void everyStepWithoutLimits_isReproduced(
      String name, StatefulMdp mdp, double rewardTolerance, int least) {
    Step step = new Step(mdp.observationSpace().size());
    int compared = 0;
    for (JsonNode episode : References.episodes(name)) {
      double[] state = References.doubles(episode.get("initial_state"));
      int sinceLimit = 2;
      int t = 0;
      for (JsonNode record : episode.get("steps")) {
        String where = name + " step " + t++;
        double[] a = References.doubles(record.get("a"));
        float[] action = new float[a.length];
        for (int i = 0; i < a.length; i++) {
          action[i] = (float) a[i];
        }
        double[] expected = References.doubles(record.get("s"));
        sinceLimit = record.get("limit_active").asInt() == 1 ? 0 : sinceLimit + 1;
        // A limit of Reacher's acts for some steps after the last one that is marked.
        int skipped = name.equals("Reacher") ? 4 : 1;
        if (sinceLimit > skipped) {
          mdp.setState(state);
          step.clear();
          mdp.step(action, step);
          assertArrayEquals(expected, mdp.state(), References.TOLERANCE, where);
          assertEquals(record.get("r_v5").asDouble(), step.reward(), rewardTolerance, where);
          assertEquals(record.get("terminated").asBoolean(), step.terminated(), where);
          compared++;
        }
        state = expected;
      }
    }
    assertTrue(compared >= least, "compared only " + compared);
  }

  @Test
  void stops_holdTheCart() {
    InvertedPendulum mdp = new InvertedPendulum();
    Step step = new Step(4);
    mdp.setState(new double[] {0.9, 0, 2, 0});
    double most = 0;
    for (int t = 0; t < 100; t++) {
      mdp.setState(new double[] {mdp.state()[0], 0, mdp.state()[2], 0});
      step.clear();
      mdp.step(new float[] {3}, step);
      most = Math.max(most, mdp.state()[0]);
    }
    assertTrue(most > 1 && most < 1.1, "the cart came to " + most);
  }

  @Test
  void doublePendulum_observesTheForceOfItsStop_last() {
    InvertedDoublePendulum mdp = new InvertedDoublePendulum();
    Step step = new Step(9);
    mdp.setState(new double[6]);
    mdp.step(new float[] {0}, step);
    assertEquals(0, step.observation()[8]);
    mdp.setState(new double[] {1.05, 0, 0, 0, 0, 0});
    mdp.step(new float[] {1}, step);
    assertEquals(-10, step.observation()[8], "clipped, away from the stop");
  }

  @Test
  void reachersReward_byHand() {
    Reacher mdp = new Reacher();
    Step step = new Step(10);
    // Stretched along x, the tip at 0.21; at rest and without torques it stays.
    mdp.setState(new double[] {0, 0, 0.21, 0.1, 0, 0, 0, 0});
    mdp.step(new float[] {0, 0}, step);
    assertEquals(-0.1, step.reward(), 1e-12);
    assertArrayEquals(
        new float[] {1, 1, 0, 0, 0.21f, 0.1f, 0, 0, 0, -0.1f}, step.observation(), 1e-7f);
    mdp.setState(new double[] {0, 0, 0.21, 0.1, 0, 0, 0, 0});
    mdp.step(new float[] {2, -2}, step);
    assertTrue(step.reward() < -8.05 && step.reward() > -8.15, "unclipped: " + step.reward());
  }
}
