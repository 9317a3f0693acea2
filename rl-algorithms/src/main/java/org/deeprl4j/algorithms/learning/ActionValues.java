package org.deeprl4j.algorithms.learning;

import java.util.Arrays;
import java.util.List;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.optim.GradientClipping;
import org.deeprl4j.policy.ActionValueFunction;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * The values Q(s, ·; θ) of n discrete actions, with a target network θ⁻ and an optimiser. Dueling
 * values have two streams, Q = V + A − mean(A) (Wang et al. 2016, equation 9); the network's
 * columns are then {@code [V | A]}.
 */
public final class ActionValues implements Stateful {

  /** What is made of an error δ = Q(s, a) − y. */
  public enum Loss {
    /** ½ δ². */
    SQUARED,
    /** ½ δ² where |δ| ≤ 1, beyond |δ| − ½ (Mnih et al. 2015, "the error clipped to [−1, 1]"). */
    HUBER
  }

  private final Compute compute;
  private final int n;
  private final boolean dueling;
  private final NetworkSpec spec;
  private final Network network;
  private final Network target;
  private final Adam adam;
  private final Tensor outputGradient;
  private final float[] values;
  private final float[] targetValues;
  private final float[] errors;
  private double loss;
  private double mean;
  private double gradientNorm;

  /**
   * Values at their start, the target equal to them.
   *
   * @param inputs columns of an encoded observation
   * @param n actions
   * @param widths of the hidden layers; the last is each stream's own where they are dueling
   * @param rows B, of every batch
   */
  public ActionValues(
      Compute compute,
      int inputs,
      int n,
      List<Integer> widths,
      Activation activation,
      boolean dueling,
      int rows,
      double adamEpsilon,
      Rng random) {
    this.compute = compute;
    this.n = n;
    this.dueling = dueling;
    int[] hidden = widths.stream().mapToInt(Integer::intValue).toArray();
    spec =
        dueling
            ? dueling(inputs, n, hidden, activation)
            : mlp(inputs, n, hidden, activation, Activation.IDENTITY);
    network = compute.network(spec, random);
    target = compute.network(spec, random);
    target.parameters().copyFrom(network.parameters());
    adam = new Adam(0.9, 0.999, adamEpsilon);
    outputGradient = compute.tensor(rows, spec.outputs());
    values = new float[rows * n];
    targetValues = new float[rows * n];
    errors = new float[rows];
  }

  private static NetworkSpec dueling(int inputs, int n, int[] hidden, Activation activation) {
    int own = Math.max(0, hidden.length - 1); // where the streams part
    int[] stream = Arrays.copyOfRange(hidden, own, hidden.length);
    int features = own == 0 ? inputs : hidden[own - 1];
    NetworkSpec streams =
        new NetworkSpec.SideBySide(
            List.of(
                mlp(features, 1, stream, activation, Activation.IDENTITY),
                mlp(features, n, stream, activation, Activation.IDENTITY)));
    if (own == 0) {
      return streams;
    }
    Mlp body = mlp(inputs, features, Arrays.copyOf(hidden, own - 1), activation, activation);
    return new NetworkSpec.Stacked(body, streams, false);
  }

  private static Mlp mlp(
      int inputs, int outputs, int[] hidden, Activation activation, Activation last) {
    return Mlp.of(inputs, outputs, hidden)
        .withActivation(activation)
        .withOutputActivation(last)
        .withInit(new Mlp.Init.FanInUniform());
  }

  /** The network's description. */
  public NetworkSpec spec() {
    return spec;
  }

  /** The network. */
  public Network network() {
    return network;
  }

  /** The network's column where n numbers start that are ordered as the actions' values are. */
  public int firstColumn() {
    return dueling ? 1 : 0;
  }

  /**
   * Q(s, ·; θ).
   *
   * @param observations s, [rows, observation]
   * @param out receives [rows, n]. Modified.
   */
  public void predict(Tensor observations, float[] out) {
    combine(network.predict(observations), out);
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
    combine(target.predict(observations), targetValues);
    return targetValues;
  }

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

  /**
   * One step on L = Ê[w ℓ(Q(s, a) − y)].
   *
   * @param batch its actions are a, its weights w; not modified
   * @param y targets, [B]
   * @param maxGradientNorm bound on the gradient's norm, possibly infinite
   */
  public void update(
      Minibatch batch, float[] y, Loss kind, double learningRate, double maxGradientNorm) {
    int rows = batch.rows();
    combine(network.forward(batch.observations()), values);
    outputGradient.fill(0);
    float[] gradient = outputGradient.floatsForWriting();
    double totalLoss = 0;
    double sum = 0;
    for (int b = 0; b < rows; b++) {
      int action = (int) batch.actions()[b];
      double q = values[b * n + action];
      double error = q - y[b];
      double size = Math.abs(error);
      boolean linear = kind == Loss.HUBER && size > 1;
      totalLoss += batch.weights()[b] * (linear ? size - 0.5 : 0.5 * error * error);
      sum += q;
      errors[b] = (float) size;
      double slope = batch.weights()[b] * (linear ? Math.signum(error) : error) / rows;
      add(gradient, b, action, (float) slope);
    }
    loss = totalLoss / rows;
    mean = sum / rows;
    network.gradient().fill(0);
    network.backward(outputGradient);
    gradientNorm = GradientClipping.globalNorm(maxGradientNorm, network.gradient());
    adam.step(network.parameters(), network.gradient(), learningRate);
  }

  /** Adds slope·∂Q(s_b, action)/∂output. */
  private void add(float[] gradient, int b, int action, float slope) {
    if (!dueling) {
      gradient[b * n + action] += slope;
      return;
    }
    int at = b * (n + 1);
    gradient[at] += slope;
    gradient[at + 1 + action] += slope;
    for (int k = 1; k <= n; k++) {
      gradient[at + k] -= slope / n;
    }
  }

  /** θ⁻ ← τ θ + (1 − τ) θ⁻. */
  public void trackTarget(double tau) {
    target.moveTowards(network, tau);
  }

  /** |Q(s, a) − y| of the last update, [B], until the next one. */
  public float[] errors() {
    return errors;
  }

  /** The last update's loss. */
  public double loss() {
    return loss;
  }

  /** The last update's mean of Q(s, a). */
  public double mean() {
    return mean;
  }

  /** The last update's norm of the gradient, before it was bounded. */
  public double gradientNorm() {
    return gradientNorm;
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
    out.put("network", network);
    out.put("target", target);
    out.put("adam", adam);
  }

  @Override
  public void load(StateReader in) {
    in.get("network", network);
    in.get("target", target);
    in.get("adam", adam);
  }
}
