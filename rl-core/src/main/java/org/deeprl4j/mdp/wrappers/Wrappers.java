package org.deeprl4j.mdp.wrappers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.text.Suggestions;

/** Wrappers by name, each with a whole number or several, as {@code history=4}. */
public final class Wrappers {
  /** Makes a wrapper; {@code example} shows its numbers, one or more. */
  private record Kind(String example, BiFunction<Mdp, int[], Mdp> around) {
    static Kind ofOne(BiFunction<Mdp, Integer, Mdp> around) {
      return new Kind("4", (mdp, numbers) -> around.apply(mdp, numbers[0]));
    }

    boolean takesSeveral() {
      return example.contains(",");
    }
  }

  private static final Map<String, Kind> KNOWN = new LinkedHashMap<>();

  static {
    KNOWN.put("history", Kind.ofOne(History::new));
    KNOWN.put("frame-stack", Kind.ofOne(FrameStack::new));
    KNOWN.put("time-limit", Kind.ofOne(Wrappers::limited));
    KNOWN.put("discretize", Kind.ofOne(DiscretizeAction::new));
    KNOWN.put("hide", new Kind("1,3", Hide::new));
  }

  private Wrappers() {}

  /** The names, in the order in which lists show them. */
  public static List<String> names() {
    return List.copyOf(KNOWN.keySet());
  }

  /**
   * A function that puts wrappers around an environment, the first one innermost. It throws {@link
   * IllegalArgumentException}, and closes the environment, if one does not fit.
   *
   * @param described wrappers as NAME=N, or NAME=N,N for one that takes several numbers
   * @throws IllegalArgumentException if a name is unknown, or N is no whole number
   */
  public static UnaryOperator<Mdp> of(List<String> described) {
    List<UnaryOperator<Mdp>> wrappers = new ArrayList<>();
    for (String one : described) {
      String[] parts = one.split("=", 2);
      Kind known = KNOWN.get(parts[0]);
      if (known == null) {
        throw Suggestions.unknown("wrapper", parts[0], KNOWN.keySet());
      }
      int[] numbers = numbers(one, parts, known);
      wrappers.add(mdp -> around(mdp, one, known, numbers));
    }
    return mdp -> {
      Mdp wrapped = mdp;
      for (UnaryOperator<Mdp> wrapper : wrappers) {
        wrapped = wrapper.apply(wrapped);
      }
      return wrapped;
    };
  }

  private static int[] numbers(String one, String[] parts, Kind kind) {
    String value = parts.length == 1 ? "" : parts[1];
    String[] given = kind.takesSeveral() ? value.split(",", -1) : new String[] {value};
    try {
      return Arrays.stream(given).map(String::strip).mapToInt(Integer::parseInt).toArray();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the wrapper %s takes %s, as in %s=%s, not '%s'"
              .formatted(
                  parts[0],
                  kind.takesSeveral() ? "whole numbers" : "a whole number",
                  parts[0],
                  kind.example(),
                  one),
          e);
    }
  }

  private static Mdp around(Mdp mdp, String described, Kind wrapper, int[] numbers) {
    try {
      return wrapper.around().apply(mdp, numbers);
    } catch (IllegalArgumentException | ArithmeticException e) {
      String name = mdp.name();
      mdp.close();
      throw new IllegalArgumentException(
          "the wrapper %s does not fit %s: %s".formatted(described, name, e.getMessage()), e);
    }
  }

  private static Mdp limited(Mdp mdp, int limit) {
    Optional<TimeLimit> within = MdpWrapper.find(mdp, TimeLimit.class);
    if (within.isPresent() && within.get().maxSteps() <= limit) {
      throw new IllegalArgumentException(
          "it has no effect, since episodes are truncated after %d steps already"
              .formatted(within.get().maxSteps()));
    }
    return new TimeLimit(mdp, limit);
  }
}
