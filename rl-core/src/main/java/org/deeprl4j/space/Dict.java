package org.deeprl4j.space;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Named spaces side by side. An element is the parts' elements, one after the other in the map's
 * order, so the order belongs to the value: two spaces with the same parts in another order differ.
 * Parts may be dictionaries themselves.
 *
 * @param spaces name to space, in order; at least one
 */
public record Dict(Map<String, Space> spaces) implements Space {

  /** The key of what the policy sees besides goals, in goal-conditioned tasks. */
  public static final String OBSERVATION = "observation";

  /** The key of the goal that the current state achieves, in goal-conditioned tasks. */
  public static final String ACHIEVED_GOAL = "achieved_goal";

  /** The key of the goal to achieve, in goal-conditioned tasks. */
  public static final String DESIRED_GOAL = "desired_goal";

  /** The key of the legal actions, in tasks where not all of them always are. */
  public static final String ACTION_MASK = "action_mask";

  /**
   * Copies and checks; the copy cannot be changed.
   *
   * @throws IllegalArgumentException if there is no space, or all together need more than 2³¹ − 1
   *     floats
   */
  public Dict {
    if (spaces.isEmpty()) {
      throw new IllegalArgumentException("a dictionary space must have at least one entry");
    }
    spaces = Collections.unmodifiableMap(new LinkedHashMap<>(spaces));
    long floats = spaces.values().stream().mapToLong(Space::size).sum();
    if (floats > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a dictionary space must fit into 2^31 - 1 floats, not " + floats);
    }
  }

  /**
   * The space of a goal-conditioned task: what is observed, the goal achieved, the goal desired.
   */
  public static Dict goal(Space observation, Space goal) {
    Map<String, Space> parts = new LinkedHashMap<>();
    parts.put(OBSERVATION, observation);
    parts.put(ACHIEVED_GOAL, goal);
    parts.put(DESIRED_GOAL, goal);
    return new Dict(parts);
  }

  /**
   * The space under a key.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Space space(String key) {
    Space space = spaces.get(key);
    if (space == null) {
      throw new IllegalArgumentException("no entry '" + key + "', only " + spaces.keySet());
    }
    return space;
  }

  /**
   * Where the slice of a key starts in an element; it is {@code space(key).size()} long.
   *
   * @throws IllegalArgumentException if there is no such key
   */
  public int offset(String key) {
    int offset = 0;
    for (Map.Entry<String, Space> entry : spaces.entrySet()) {
      if (entry.getKey().equals(key)) {
        return offset;
      }
      offset += entry.getValue().size();
    }
    throw new IllegalArgumentException("no entry '" + key + "', only " + spaces.keySet());
  }

  @Override
  public int size() {
    int size = 0;
    for (Space space : spaces.values()) {
      size += space.size();
    }
    return size;
  }

  @Override
  public boolean contains(float[] values, int offset) {
    int at = offset;
    for (Space space : spaces.values()) {
      if (!space.contains(values, at)) {
        return false;
      }
      at += space.size();
    }
    return true;
  }

  @Override
  public void sample(RandomGenerator random, float[] values, int offset) {
    int at = offset;
    for (Space space : spaces.values()) {
      space.sample(random, values, at);
      at += space.size();
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    // As lists, because equality of maps ignores the order.
    return other instanceof Dict that
        && new ArrayList<>(spaces.entrySet()).equals(new ArrayList<>(that.spaces.entrySet()));
  }

  @Override
  public int hashCode() {
    return new ArrayList<>(spaces.entrySet()).hashCode();
  }

  @Override
  public String toString() {
    return "Dict(" + spaces + ")";
  }
}
