package org.deeprl4j.algorithms.learning;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.memory.Heap;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.ActionValueFunction;
import org.deeprl4j.policy.ObservationEncoder;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * The values Q(s, ·; θ) of n discrete actions, with a target network θ⁻ and an optimiser. Dueling
 * values have two streams, Q = V + A − mean(A) (Wang et al. 2016, equation 9); the network's
 * columns are then {@code [V | A]}. The algorithm decides what they learn, through a {@link Loss}.
 */
public final class ActionValues implements Stateful {

  /** A loss as a function of a batch's values. */
  @FunctionalInterface
  public interface Loss {
    /**
     * Returns the loss and writes its derivative.
     *
     * @param q Q(s, ·), [B, n]; not modified
     * @param gradient holds zeros, receives dL/dq, [B, n]. Modified.
     */
    double of(float[] q, float[] gradient);
  }

  private final Compute compute;
  private final int n;
  private final boolean dueling;
  private final TrainableNetwork trained;
  private final float[] values;
  private final float[] targetValues;
  private final float[] gradient;
  private double loss;

  /**
   * Creates the values, with an equal target network.
   *
   * @param n actions
   * @param dueling whether Q has two streams, each with a last hidden layer of its own
   */
  public ActionValues(
      LearnerContext context, int n, TrainableNetwork.Settings settings, boolean dueling) {
    Heap.require(
        "batchSize = %d rows of the values of %d actions".formatted(settings.batchSize(), n),
        (double) settings.batchSize() * n,
        6.0 * Float.BYTES * settings.batchSize() * n,
        "lower batchSize");
    compute = context.compute();
    this.n = n;
    this.dueling = dueling;
    int inputs = context.features().size();
    NetworkSpec head =
        dueling ? dueling(inputs, n, settings) : TrainableNetwork.valueMlp(inputs, n, settings);
    NetworkSpec spec = context.features().under(head);
    trained = TrainableNetwork.withTarget(context, spec, settings);
    values = new float[settings.batchSize() * n];
    targetValues = new float[values.length];
    gradient = new float[values.length];
  }

  private static NetworkSpec dueling(int inputs, int n, TrainableNetwork.Settings settings) {
    List<Integer> hidden = settings.hidden();
    int own = Math.max(0, hidden.size() - 1); // where the streams separate
    List<Integer> stream = hidden.subList(own, hidden.size());
    int features = own == 0 ? inputs : hidden.get(own - 1);
    NetworkSpec streams =
        new NetworkSpec.SideBySide(
            List.of(
                TrainableNetwork.mlp(features, 1, stream, settings),
                TrainableNetwork.mlp(features, n, stream, settings)));
    if (own == 0) {
      return streams;
    }
    Mlp body =
        TrainableNetwork.mlp(inputs, features, hidden.subList(0, own - 1), settings)
            .withOutputActivation(settings.activation());
    return new NetworkSpec.Stacked(body, streams, false);
  }

  /** The network. */
  public Network network() {
    return trained.network();
  }

  /** The first of n columns of the network that are ordered like the actions' values. */
  public int firstColumn() {
    return dueling ? 1 : 0;
  }

  /**
   * Computes Q(s, ·; θ). *
   *
   * @param observations s, [rows, observation]
   * @param out receives [rows, n]. Modified.
   */
  public void predict(Tensor observations, float[] out) {
    combine(trained.network().predict(observations), out);
  }

  /**
   * Q(s, ·; θ) of a batch.
   *
   * @return [B, n], valid until the next call of a method of these values
   */
  public float[] values(Tensor observations) {
    predict(observations, values);
    return values;
  }

  /**
   * Q(s, ·; θ⁻) of a batch.
   *
   * @return [B, n], valid until the next call
   */
  public float[] targetValues(Tensor observations) {
    combine(trained.target().predict(observations), targetValues);
    return targetValues;
  }

  /** The first action with the largest of n values. */
  public static int largest(float[] values, int at, int n) {
    int best = 0;
    for (int k = 1; k < n; k++) {
      if (values[at + k] > values[at + best]) {
        best = k;
      }
    }
    return best;
  }

  /** Computes Q from the network's columns. */
  private void combine(Tensor output, float[] q) {
    float[] y = output.floats();
    if (!dueling) {
      System.arraycopy(y, 0, q, 0, output.rows() * n);
      return;
    }
    for (int b = 0; b < output.rows(); b++) {
      int at = b * (n + 1);
      double sum = 0;
      for (int k = 1; k <= n; k++) {
        sum += y[at + k];
      }
      double shift = y[at] - sum / n;
      for (int k = 0; k < n; k++) {
        q[b * n + k] = (float) (shift + y[at + 1 + k]);
      }
    }
  }

  /** Takes one step down a loss of Q(s, ·; θ). */
  public void descend(Tensor observations, Loss function, double learningRate) {
    combine(trained.network().forward(observations), values);
    Arrays.fill(gradient, 0);
    loss = function.of(values, gradient);
    separate(gradient, trained.outputGradient());
    trained.descend(learningRate);
  }

  /** Computes dL/d(network's columns) from dL/dq. */
  private void separate(float[] dq, Tensor columns) {
    float[] out = columns.floatsForWriting();
    if (!dueling) {
      System.arraycopy(dq, 0, out, 0, dq.length);
      return;
    }
    for (int b = 0; b < columns.rows(); b++) {
      int at = b * (n + 1);
      float sum = 0;
      for (int k = 0; k < n; k++) {
        sum += dq[b * n + k];
      }
      out[at] = sum;
      for (int k = 0; k < n; k++) {
        out[at + 1 + k] = dq[b * n + k] - sum / n;
      }
    }
  }

  /** Moves the target network: θ⁻ ← τ θ + (1 − τ) θ⁻. */
  public void trackTarget(double tau) {
    trained.trackTarget(tau);
  }

  /** Adds the loss and gradient norm of the last step under the given metric names. */
  public void report(String lossName, String gradientNorm, Averages averages) {
    averages.add(lossName, loss);
    trained.reportGradientNorm(gradientNorm, averages);
  }

  /**
   * min_i Q_i(s, a; θ_i) as a function of raw observations and actions, live.
   *
   * @param encoder from raw observations to s
   */
  public static ActionValueFunction valueFunction(
      ObservationEncoder encoder, ActionValues... several) {
    return (observations, actions, rows, out) -> {
      ActionValues first = several[0];
      Tensor x = first.compute.tensor(rows, encoder.size());
      encoder.encode(observations, rows, x.floatsForWriting());
      float[] q = new float[rows * first.n];
      Arrays.fill(out, 0, rows, Float.POSITIVE_INFINITY);
      for (ActionValues values : several) {
        values.predict(x, q);
        for (int b = 0; b < rows; b++) {
          out[b] = Math.min(out[b], q[b * first.n + (int) actions[b]]);
        }
      }
    };
  }

  @Override
  public void save(StateWriter out) {
    trained.save(out);
  }

  @Override
  public void load(StateReader in) {
    trained.load(in);
  }
}
