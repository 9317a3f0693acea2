package org.deeprl4j.envs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.deeprl4j.mdp.StatefulMdp;
import org.deeprl4j.mdp.Step;

/** Trajectories recorded from Gymnasium, and their comparison with an environment of ours. */
public final class References {
  public static final double TOLERANCE = 1e-9;

  private References() {}

  /** The recorded episodes of an environment. */
  public static JsonNode episodes(String id) {
    try (InputStream in = References.class.getResourceAsStream("/refs/" + id + ".json")) {
      return new ObjectMapper().readTree(in).get("episodes");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static double[] doubles(JsonNode array) {
    double[] values = new double[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asDouble();
    }
    return values;
  }

  /** Sets every recorded state, applies the recorded action, compares all that comes out. */
  public static void assertTeacherForced(String id, StatefulMdp mdp) {
    int compared = 0;
    for (JsonNode episode : episodes(id)) {
      for (int t = 0; t < episode.get("actions").size(); t++) {
        String where = id + ", " + episode.get("label").asText() + ", step " + t;
        mdp.setState(doubles(episode.get("states").get(t)));
        compareStep(episode, t, mdp, where);
        compared++;
      }
    }
    assertTrue(compared > 200, "compared only " + compared + " steps");
  }

  /** Steps the environment with recorded action t and compares; the time limit is not its own. */
  public static void compareStep(JsonNode episode, int t, StatefulMdp mdp, String where) {
    Step step = new Step(mdp.observationSpace().size());
    mdp.step(new float[] {(float) episode.get("actions").get(t).asDouble()}, step);
    assertArrayEquals(
        doubles(episode.get("states").get(t + 1)), mdp.state(), TOLERANCE, where + ": state");
    double[] observation = new double[step.observation().length];
    for (int i = 0; i < observation.length; i++) {
      observation[i] = step.observation()[i];
    }
    // The recorded ones are single precision too: at most the last bit may differ.
    assertArrayEquals(
        doubles(episode.get("observations").get(t)), observation, 5e-7, where + ": observation");
    assertEquals(
        episode.get("rewards").get(t).asDouble(), step.reward(), TOLERANCE, where + ": reward");
    assertEquals(
        episode.get("terminated").get(t).asBoolean(), step.terminated(), where + ": terminated");
  }
}
