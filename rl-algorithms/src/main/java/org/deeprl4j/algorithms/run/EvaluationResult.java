package org.deeprl4j.algorithms.run;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * The result of an evaluation, in raw undiscounted rewards.
 *
 * @param meanReturn mean of the returns
 * @param stdReturn standard deviation of the returns of exactly these episodes (divided by n, not n
 *     − 1)
 * @param returns the return of each episode, in the order of the episodes' generators
 * @param meanLength mean number of steps
 * @param successRate share of episodes whose last step reported success, in [0, 1]; empty if the
 *     environment has no such notion
 */
public record EvaluationResult(
    double meanReturn,
    double stdReturn,
    List<Double> returns,
    double meanLength,
    OptionalDouble successRate) {

  /** Copies the list. */
  public EvaluationResult {
    returns = List.copyOf(returns);
  }

  /** The components by name, with the success rate only if it is defined. */
  public ObjectNode toJson() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("meanReturn", meanReturn);
    node.put("stdReturn", stdReturn);
    ArrayNode array = node.putArray("returns");
    returns.forEach(array::add);
    node.put("meanLength", meanLength);
    successRate.ifPresent(rate -> node.put("successRate", rate));
    return node;
  }

  /** What {@link #toJson} writes, and the steps at which it was measured. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Stored(
      long steps,
      double meanReturn,
      double stdReturn,
      double[] returns,
      double meanLength,
      @Nullable Double successRate) {

    EvaluationResult result() {
      return new EvaluationResult(
          meanReturn,
          stdReturn,
          Arrays.stream(returns).boxed().toList(),
          meanLength,
          successRate == null ? OptionalDouble.empty() : OptionalDouble.of(successRate));
    }
  }
}
