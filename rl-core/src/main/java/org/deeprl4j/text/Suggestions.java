package org.deeprl4j.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.apache.commons.text.similarity.JaroWinklerSimilarity;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Error messages for unknown names, which name the known ones that come close. */
public final class Suggestions {
  private static final int MOST = 2;

  /** Names less alike than this have a few letters in common by chance: foo and rolloutSteps. */
  private static final double LEAST = 0.7;

  /** Tells short names that are alike: po and ppo. */
  private static final LevenshteinDistance ONE_EDIT = new LevenshteinDistance(1);

  private Suggestions() {}

  /**
   * The known names most like a given one, letter case aside, best first: at most two, and none if
   * none is like it.
   *
   * @param name the name that is not known
   */
  static List<String> nearest(String name, Collection<String> known) {
    // Jaro-Winkler favours a common beginning: ent_coef finds entropyCoefficient, which by the
    // number of edits is farther than any short name.
    JaroWinklerSimilarity similarity = new JaroWinklerSimilarity();
    String lower = name.toLowerCase(Locale.ROOT);
    ToDoubleFunction<String> likeness = k -> similarity.apply(lower, k.toLowerCase(Locale.ROOT));
    return known.stream()
        .filter(
            k ->
                likeness.applyAsDouble(k) >= LEAST
                    || ONE_EDIT.apply(lower, k.toLowerCase(Locale.ROOT)) >= 0)
        .sorted(
            Comparator.comparingDouble(likeness)
                .reversed()
                .thenComparing(Comparator.naturalOrder()))
        .limit(MOST)
        .toList();
  }

  /**
   * The error for a name that is not known.
   *
   * @param what the kind of thing, {@code "algorithm"} say
   * @param name the name that is not known
   * @param known the names that are, in the order in which to list them
   */
  public static IllegalArgumentException unknown(
      String what, String name, Collection<String> known) {
    if (known.isEmpty()) {
      return new IllegalArgumentException("no %s '%s': there is none".formatted(what, name));
    }
    List<String> near = nearest(name, known);
    String question =
        near.isEmpty() ? "." : "; did you mean %s?".formatted(String.join(" or ", near));
    return new IllegalArgumentException(
        "no %s '%s'%s Known: %s".formatted(what, name, question, String.join(", ", known)));
  }
}
