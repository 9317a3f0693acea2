package org.deeprl4j.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SuggestionsTest {
  private static final List<String> KNOWN =
      List.of("gamma", "entropyCoefficient", "epochs", "Lambda");

  @Test
  void nearest_areTheTwoMostAlike_bestFirst() {
    assertEquals(List.of("gamma", "Lambda"), Suggestions.nearest("gama", KNOWN));
    assertEquals("entropyCoefficient", Suggestions.nearest("ent_coef", KNOWN).get(0));
    assertEquals("Lambda", Suggestions.nearest("LAMDBA", KNOWN).get(0), "letter case is no matter");
    assertEquals(List.of("ppo"), Suggestions.nearest("po", List.of("sac", "ppo", "trpo")));
    assertEquals(List.of(), Suggestions.nearest("foo", List.of("rolloutSteps", "only")));
  }

  @Test
  void nearest_ofEquallyDistantNames_areInAlphabeticalOrder() {
    assertEquals(List.of("a1", "a2"), Suggestions.nearest("a", List.of("a3", "a2", "a1")));
  }

  @Test
  void unknown_namesTheKindTheNameAndWhatThereIs() {
    assertEquals(
        "no setting 'gama'; did you mean gamma or Lambda?"
            + " Known: gamma, entropyCoefficient, epochs, Lambda",
        Suggestions.unknown("setting", "gama", KNOWN).getMessage());
    assertEquals(
        "no setting 'foo'. Known: gamma, entropyCoefficient, epochs, Lambda",
        Suggestions.unknown("setting", "foo", KNOWN).getMessage());
    assertEquals(
        "no preset 'x': there is none", Suggestions.unknown("preset", "x", List.of()).getMessage());
  }
}
