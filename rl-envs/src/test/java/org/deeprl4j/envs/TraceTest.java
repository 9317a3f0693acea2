package org.deeprl4j.envs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TraceTest {

  private static float[][] actions(JsonNode episode) {
    JsonNode recorded = episode.get("actions");
    float[][] actions = new float[recorded.size()][1];
    for (int t = 0; t < actions.length; t++) {
      actions[t][0] = (float) recorded.get(t).asDouble();
    }
    return actions;
  }

  private static double[][] states(JsonNode episode) {
    JsonNode recorded = episode.get("states");
    double[][] states = new double[recorded.size()][];
    for (int t = 0; t < states.length; t++) {
      states[t] = References.doubles(recorded.get(t));
    }
    return states;
  }

  @ParameterizedTest
  @ValueSource(strings = {"CartPole-v1", "Pendulum-v1", "Acrobot-v1", "MountainCarContinuous-v0"})
  void teacherForced_reproducesEveryRecordedField(String id) {
    for (JsonNode episode : References.episodes(id)) {
      double[][] states = states(episode);
      List<Trace.Row> rows = Trace.run(Environments.make(id), states, actions(episode), new Rng(0));
      assertEquals(states.length - 1, rows.size());
      for (int t = 0; t < rows.size(); t++) {
        Trace.Row row = rows.get(t);
        String where = id + " step " + t;
        assertArrayEquals(states[t], row.state(), where);
        assertArrayEquals(states[t + 1], row.nextState(), References.TOLERANCE, where);
        assertEquals(
            episode.get("rewards").get(t).asDouble(), row.reward(), References.TOLERANCE, where);
        assertEquals(episode.get("terminated").get(t).asBoolean(), row.terminated(), where);
        assertEquals(episode.get("truncated").get(t).asBoolean(), row.truncated(), where);
      }
    }
  }

  @Test
  void oneState_isFollowed_andTheTimeLimitCounts() {
    float[][] actions = new float[250][1];
    List<Trace.Row> rows =
        Trace.run(Environments.make("Pendulum-v1"), new double[][] {{1, 0}}, actions, new Rng(0));
    assertEquals(200, rows.size(), "the episode's end ends the trace");
    for (int t = 1; t < rows.size(); t++) {
      assertArrayEquals(rows.get(t - 1).nextState(), rows.get(t).state());
      assertEquals(t == 199, rows.get(t).truncated());
    }
    // By hand: θ̇ = 15 sin 1 · 0.05, θ = 1 + 0.05 θ̇; cost 1² of the old state.
    assertEquals(0.6311032386, rows.get(0).nextState()[1], 1e-9);
    assertEquals(1.03155516193, rows.get(0).nextState()[0], 1e-9);
    assertEquals(-1, rows.get(0).reward(), 1e-12);
  }

  @Test
  void recordedEpisodes_followedFromTheirFirstState_endWhereTheyEnded() {
    for (JsonNode episode : References.episodes("CartPole-v1")) {
      double[][] states = states(episode);
      List<Trace.Row> rows =
          Trace.run(
              Environments.make("CartPole-v1"),
              new double[][] {states[0]},
              actions(episode),
              new Rng(0));
      assertEquals(states.length - 1, rows.size());
      Trace.Row last = rows.get(rows.size() - 1);
      assertArrayEquals(states[states.length - 1], last.nextState(), 1e-6);
      int n = rows.size() - 1;
      assertEquals(episode.get("terminated").get(n).asBoolean(), last.terminated());
    }
  }

  @Test
  void teacherForcedRows_afterAnEnd_startAnew() {
    double[] falling = {0, 0, 0.2, 3};
    double[] standing = new double[4];
    List<Trace.Row> rows =
        Trace.run(
            Environments.make("CartPole-v1"),
            new double[][] {falling, standing, falling},
            new float[3][1],
            new Rng(0));
    assertTrue(rows.get(0).terminated());
    assertFalse(rows.get(1).terminated());
    assertTrue(rows.get(2).terminated());
  }

  @Test
  void misfits_areNamed() {
    Mdp mdp = Environments.make("CartPole-v1");
    Rng random = new Rng(0);
    assertMessage(
        "3 states do not fit 5 actions",
        () -> Trace.run(mdp, new double[3][4], new float[5][1], random));
    assertMessage(
        "row 1: CartPole: action[0] = 2.0",
        () -> Trace.run(mdp, new double[2][4], new float[][] {{0}, {2}}, random));
    assertMessage(
        "row 0: CartPole: the state must have length 4, not 3",
        () -> Trace.run(mdp, new double[2][3], new float[2][1], random));
    assertMessage(
        "Blind cannot be set",
        () -> Trace.run(new Blind(), new double[1][4], new float[2][1], random));
  }

  private static void assertMessage(String part, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(part), message);
  }

  /** An environment whose state cannot be set. */
  private static final class Blind implements Mdp {
    @Override
    public Space observationSpace() {
      return Box.of(0, 1, 1);
    }

    @Override
    public Space actionSpace() {
      return Box.of(0, 1, 1);
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {}

    @Override
    public void step(float[] action, Step next) {}
  }
}
