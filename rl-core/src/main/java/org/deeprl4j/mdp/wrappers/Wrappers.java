package org.deeprl4j.mdp.wrappers;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.text.Suggestions;

/** Wrappers by name, each with one whole number, as {@code history=4}. */
public final class Wrappers {
  private static final Map<String, BiFunction<Mdp, Integer, Mdp>> KNOWN = new LinkedHashMap<>();

  static {
    KNOWN.put("history", History::new);
    KNOWN.put("frame-stack", FrameStack::new);
    KNOWN.put("time-limit", Wrappers::limited);
    KNOWN.put("discretize", DiscretizeAction::new);
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
   * @param described wrappers as NAME=N
   * @throws IllegalArgumentException if a name is unknown, or N is no whole number
   */
  public static UnaryOperator<Mdp> of(List<String> described) {
    List<UnaryOperator<Mdp>> wrappers = new ArrayList<>();
    for (String one : described) {
      String[] parts = one.split("=", 2);
      BiFunction<Mdp, Integer, Mdp> known = KNOWN.get(parts[0]);
      if (known == null) {
        throw Suggestions.unknown("wrapper", parts[0], KNOWN.keySet());
      }
      int number = number(one, parts);
      wrappers.add(mdp -> around(mdp, one, known, number));
    }
    return mdp -> {
      Mdp wrapped = mdp;
      for (UnaryOperator<Mdp> wrapper : wrappers) {
        wrapped = wrapper.apply(wrapped);
      }
      return wrapped;
    };
  }

  private static int number(String one, String[] parts) {
    try {
      return Integer.parseInt(parts.length == 1 ? "" : parts[1].strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the wrapper %s takes a whole number, as in %s=4, not '%s'"
              .formatted(parts[0], parts[0], one),
          e);
    }
  }

  private static Mdp around(
      Mdp mdp, String described, BiFunction<Mdp, Integer, Mdp> wrapper, int number) {
    try {
      return wrapper.apply(mdp, number);
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
