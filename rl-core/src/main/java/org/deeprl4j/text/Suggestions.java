package org.deeprl4j.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.commons.text.similarity.JaroWinklerSimilarity;

/** Error messages for unknown names, which name the known ones that come close. */
public final class Suggestions {
  private static final int MOST = 2;

  private Suggestions() {}

  /**
   * The known names most like a given one, letter case aside, best first: at most two.
   *
   * @param name the name that is not known
   */
  static List<String> nearest(String name, Collection<String> known) {
    // Jaro-Winkler favours a common beginning: ent_coef finds entropyCoefficient, which by the
    // number of edits is farther than any short name.
    JaroWinklerSimilarity similarity = new JaroWinklerSimilarity();
    String lower = name.toLowerCase(Locale.ROOT);
    return known.stream()
        .sorted(
            Comparator.comparingDouble(
                    (String k) -> -similarity.apply(lower, k.toLowerCase(Locale.ROOT)))
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
    return new IllegalArgumentException(
        known.isEmpty()
            ? "no %s '%s': there is none".formatted(what, name)
            : "no %s '%s'; did you mean %s? Known: %s"
                .formatted(
                    what,
                    name,
                    String.join(" or ", nearest(name, known)),
                    String.join(", ", known)));
  }
}
