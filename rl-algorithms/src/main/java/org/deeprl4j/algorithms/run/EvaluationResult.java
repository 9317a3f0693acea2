package org.deeprl4j.algorithms.run;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.distribution.TDistribution;
import org.jspecify.annotations.Nullable;

/**
 * The result of an evaluation, in raw undiscounted rewards.
 *
 * @param episodes in the order of their generators; at least one
 */
public record EvaluationResult(List<Episode> episodes) {
  /**
   * One episode.
   *
   * @param sum the sum of its rewards
   * @param length its steps
   * @param success whether its last step reported success, null if the environment has no such
   *     notion
   */
  public record Episode(double sum, int length, @Nullable Boolean success) {}

  /** Copies the list. */
  public EvaluationResult {
    episodes = List.copyOf(episodes);
    if (episodes.isEmpty()) {
      throw new IllegalArgumentException("an evaluation has at least one episode");
    }
  }

  /** The return of each episode. */
  public List<Double> returns() {
    return episodes.stream().map(Episode::sum).toList();
  }

  /** Mean of the returns. */
  public double meanReturn() {
    return mean(Episode::sum);
  }

  /**
   * Standard deviation of the returns of exactly these episodes (divided by n, not n − 1), a
   * measure of how much episodes differ.
   */
  public double stdReturn() {
    double mean = meanReturn();
    return Math.sqrt(mean(episode -> (episode.sum() - mean) * (episode.sum() - mean)));
  }

  /**
   * Half of the 95 % interval of the mean return, a measure of how well the mean is known: the mean
   * of all episodes lies in meanReturn ± margin with a probability of 95 %, by Student's t
   * distribution of n − 1 degrees of freedom, t · s / √n. Empty for a single episode.
   */
  public OptionalDouble margin() {
    int n = episodes.size();
    if (n == 1) {
      return OptionalDouble.empty();
    }
    double t = new TDistribution(null, n - 1).inverseCumulativeProbability(0.975);
    return OptionalDouble.of(t * stdReturn() / Math.sqrt(n - 1.0)); // s² n−1 = std² n
  }

  /** Mean number of steps. */
  public double meanLength() {
    return mean(Episode::length);
  }

  /**
   * Share of the episodes whose last step reported success, in [0, 1]; empty if the environment has
   * no such notion.
   */
  public OptionalDouble successRate() {
    return episodes.stream()
        .map(Episode::success)
        .filter(Objects::nonNull)
        .mapToInt(success -> success ? 1 : 0)
        .average();
  }

  private double mean(ToDoubleFunction<Episode> value) {
    return episodes.stream().mapToDouble(value).average().orElseThrow();
  }

  /**
   * Summaries by name, and lists with a number for each episode: {@code returns}, {@code lengths}
   * and, if success is defined, {@code successes}, which are 1, 0 or, where the episode did not
   * say, −1.
   */
  public ObjectNode toJson() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("meanReturn", meanReturn());
    node.put("stdReturn", stdReturn());
    margin().ifPresent(margin -> node.put("margin95", margin));
    ArrayNode returns = node.putArray("returns");
    episodes.forEach(episode -> returns.add(episode.sum()));
    node.put("meanLength", meanLength());
    ArrayNode lengths = node.putArray("lengths");
    episodes.forEach(episode -> lengths.add(episode.length()));
    successRate()
        .ifPresent(
            rate -> {
              node.put("successRate", rate);
              ArrayNode successes = node.putArray("successes");
              episodes.forEach(episode -> successes.add(number(episode.success())));
            });
    return node;
  }

  private static int number(@Nullable Boolean success) {
    return success == null ? -1 : success ? 1 : 0;
  }

  /** What {@link #toJson} writes of each episode, and the steps at which it was measured. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Stored(long steps, double[] returns, int[] lengths, int @Nullable [] successes) {
    /** Checks that the lists belong together. */
    Stored {
      if (returns.length == 0
          || lengths.length != returns.length
          || (successes != null && successes.length != returns.length)) {
        throw new IllegalArgumentException(
            "an evaluation needs as many lengths and successes as returns, at least one");
      }
    }

    EvaluationResult result() {
      List<Episode> episodes = new ArrayList<>();
      for (int i = 0; i < returns.length; i++) {
        int success = successes == null ? -1 : successes[i];
        episodes.add(new Episode(returns[i], lengths[i], success < 0 ? null : success == 1));
      }
      return new EvaluationResult(episodes);
    }
  }
}
