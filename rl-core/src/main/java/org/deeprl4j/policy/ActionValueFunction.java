package org.deeprl4j.policy;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.space.Space;

/** An action-value function Q(s, a) of raw observations and legal actions. Not thread-safe. */
@FunctionalInterface
public interface ActionValueFunction {

  /**
   * Q of each row.
   *
   * @param observations raw observations, [rows, observation]; not modified
   * @param actions as the environment takes them, [rows, action]; not modified
   * @param values receives [rows]. Modified.
   */
  void values(float[] observations, float[] actions, int rows, float[] values);

  /**
   * min_i Q_i(s, a), live, of networks of encoded observations and actions scaled to [−1, 1], [s |
   * a].
   *
   * @param compute runs the networks
   * @param actionSpace a Box with finite bounds
   * @throws IllegalArgumentException for other actions
   */
  static ActionValueFunction least(
      Compute compute, ObservationEncoder encoder, Space actionSpace, List<Network> networks) {
    LegalActions legal = LegalActions.scaled(LegalActions.boundedBox(actionSpace));
    int size = encoder.size();
    int n = actionSpace.size();
    return (observations, actions, rows, values) -> {
      float[] s = new float[rows * size];
      float[] a = new float[rows * n];
      encoder.encode(observations, rows, s);
      legal.toUnits(actions, rows, a);
      Tensor x = compute.tensor(rows, size + n);
      float[] joined = x.floatsForWriting();
      for (int b = 0; b < rows; b++) {
        System.arraycopy(s, b * size, joined, b * (size + n), size);
        System.arraycopy(a, b * n, joined, b * (size + n) + size, n);
      }
      Arrays.fill(values, 0, rows, Float.POSITIVE_INFINITY);
      for (Network network : networks) {
        float[] q = network.predict(x).floats();
        for (int b = 0; b < rows; b++) {
          values[b] = Math.min(values[b], q[b]);
        }
      }
    };
  }

  /** Q of one observation and action. */
  default float value(float[] observation, float[] action) {
    float[] value = new float[1];
    values(observation, action, 1, value);
    return value[0];
  }
}
