package org.deeprl4j.algorithms.learning;

import java.util.Arrays;
import java.util.function.Consumer;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.policy.ActionValueFunction;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * One or several action-value functions Q_i(s, a; θ_i), each with a target network θ̄_i and an
 * optimiser of its own. Several stand side by side: they compute on two cores where there are two,
 * with the same bits as on one.
 */
public final class Critics implements Stateful {
  /** The gradient's norm is a metric, not a part of the update: measured once in so many. */
  private static final int NORM_EVERY = 32;

  /** One Q_i. */
  private static final class Critic implements Stateful {
    final Network network;
    final Network target;
    final Adam adam;
    final Tensor outputGradient;
    float[] values = new float[0];
    double loss;
    double mean;
    double gradientNorm;
    float[] inputGradient = new float[0];

    Critic(Compute compute, NetworkSpec spec, int rows, double adamEpsilon, Rng random) {
      network = compute.network(spec, random);
      target = compute.network(spec, random);
      target.parameters().copyFrom(network.parameters());
      adam = new Adam(0.9, 0.999, adamEpsilon);
      outputGradient = compute.tensor(rows, 1);
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

  private final Compute compute;
  private final Critic[] critics;
  private final int observationSize;
  private final int actionSize;
  private final Tensor input; // [B, s | a]
  private final float[] minimum;
  private final int[] least; // which critic has it
  private final float[] actionGradient;
  private long updates;

  /**
   * Critics at their start, targets equal to them.
   *
   * @param spec of one critic: inputs {@code [s | a]}, one output
   * @param count 1 or more
   * @param rows B, of every batch
   */
  public Critics(
      Compute compute,
      NetworkSpec spec,
      int count,
      int actionSize,
      int rows,
      double adamEpsilon,
      Rng random) {
    this.compute = compute;
    this.actionSize = actionSize;
    observationSize = spec.inputs() - actionSize;
    critics = new Critic[count];
    for (int i = 0; i < count; i++) {
      critics[i] = new Critic(compute, spec, rows, adamEpsilon, random);
    }
    input = compute.tensor(rows, spec.inputs());
    minimum = new float[rows];
    least = new int[rows];
    actionGradient = new float[rows * actionSize];
  }

  /**
   * min_i Q(s, a; θ̄_i).
   *
   * @param observations s, [B, observation]
   * @param actions a, [B, action]
   * @return [B], valid until the next call of a method of these critics
   */
  public float[] targetMinimum(Tensor observations, float[] actions) {
    join(observations, actions);
    each(critic -> critic.values = critic.target.predict(input).floats());
    return minimum();
  }

  /**
   * min_i Q(s, a; θ_i), and its derivative by the actions in {@link #actionGradient}.
   *
   * @return [B], valid until the next call of a method of these critics
   */
  public float[] differentiateMinimum(Tensor observations, float[] actions) {
    join(observations, actions);
    each(this::differentiate);
    float[] q = minimum();
    gatherActionGradient();
    return q;
  }

  /**
   * Q(s, a; θ_1), and its derivative by the actions in {@link #actionGradient}.
   *
   * @return [B], valid until the next call of a method of these critics
   */
  public float[] differentiateFirst(Tensor observations, float[] actions) {
    join(observations, actions);
    differentiate(critics[0]);
    Arrays.fill(least, 0);
    gatherActionGradient();
    return critics[0].values;
  }

  /**
   * min_i Q(s, a; θ_i) as a function of raw observations and legal actions, live.
   *
   * @param encoder from raw observations to s
   * @param scale from a to legal actions
   */
  public ActionValueFunction valueFunction(ObservationEncoder encoder, ActionScale scale) {
    return (observations, actions, rows, values) -> {
      float[] s = new float[rows * observationSize];
      float[] a = new float[rows * actionSize];
      encoder.encode(observations, rows, s);
      scale.unscale(actions, rows, a);
      Tensor x = compute.tensor(rows, observationSize + actionSize);
      join(s, a, x);
      Arrays.fill(values, 0, rows, Float.POSITIVE_INFINITY);
      for (Critic critic : critics) {
        float[] q = critic.network.predict(x).floats();
        for (int b = 0; b < rows; b++) {
          values[b] = Math.min(values[b], q[b]);
        }
      }
    };
  }

  /**
   * The derivative by the actions that was asked for last, [B, action], valid until the next one.
   */
  public float[] actionGradient() {
    return actionGradient;
  }

  private void differentiate(Critic critic) {
    critic.values = critic.network.forward(input).floats();
    critic.outputGradient.fill(1);
    critic.inputGradient = critic.network.inputGradient(critic.outputGradient).floats();
  }

  private void gatherActionGradient() {
    int columns = observationSize + actionSize;
    for (int b = 0; b < least.length; b++) {
      System.arraycopy(
          critics[least[b]].inputGradient,
          b * columns + observationSize,
          actionGradient,
          b * actionSize,
          actionSize);
    }
  }

  /**
   * One step of each critic on its loss, L_i = c · Ê[w (Q_i(s, a) − y)²].
   *
   * @param batch its errors receive |Q_i(s, a) − y|, averaged over the critics. Modified.
   * @param y targets, [B]
   * @param coefficient c
   */
  public void update(Minibatch batch, float[] y, double coefficient, double learningRate) {
    update(batch, batch.actions(), y, coefficient, learningRate);
  }

  /**
   * As {@link #update(Minibatch, float[], double, double)}, with other actions than the batch's:
   * none, for values of states.
   */
  public void update(
      Minibatch batch, float[] actions, float[] y, double coefficient, double learningRate) {
    join(batch.observations(), actions);
    boolean measured = updates++ % NORM_EVERY == 0;
    each(critic -> update(critic, batch, y, coefficient, learningRate, measured));
    float[] errors = batch.errors();
    for (int b = 0; b < errors.length; b++) {
      double sum = 0;
      for (Critic critic : critics) {
        sum += Math.abs(critic.values[b] - y[b]);
      }
      errors[b] = (float) (sum / critics.length);
    }
  }

  private void update(
      Critic critic,
      Minibatch batch,
      float[] y,
      double coefficient,
      double learningRate,
      boolean measured) {
    int rows = batch.rows();
    float[] weights = batch.weights();
    float[] q = critic.network.forward(input).floats();
    critic.values = q;
    float[] gradient = critic.outputGradient.floatsForWriting();
    double loss = 0;
    double sum = 0;
    for (int b = 0; b < rows; b++) {
      double error = (double) q[b] - y[b];
      loss += weights[b] * error * error;
      sum += q[b];
      gradient[b] = (float) (2 * coefficient * weights[b] * error / rows);
    }
    critic.loss = coefficient * loss / rows;
    critic.mean = sum / rows;
    critic.network.gradient().fill(0);
    critic.network.backward(critic.outputGradient);
    if (measured) {
      critic.gradientNorm = critic.network.gradient().norm2();
    }
    critic.adam.step(critic.network.parameters(), critic.network.gradient(), learningRate);
  }

  /** θ̄_i ← τ θ_i + (1 − τ) θ̄_i. */
  public void trackTargets(double tau) {
    for (Critic critic : critics) {
      critic.target.moveTowards(critic.network, tau);
    }
  }

  /** The last update's losses, values and gradient norms, averaged over the critics. */
  public void report(Averages averages) {
    report(averages, "critic_loss", "q_mean", "critic_gradient_norm");
  }

  /** As {@link #report(Averages)}, under other names. */
  public void report(Averages averages, String loss, String mean, String gradientNorm) {
    for (Critic critic : critics) {
      averages.add(loss, critic.loss);
      averages.add(mean, critic.mean);
      averages.add(gradientNorm, critic.gradientNorm);
    }
  }

  private void join(Tensor observations, float[] actions) {
    join(observations.floats(), actions, input);
  }

  /** x ← [s | a]. */
  private void join(float[] s, float[] a, Tensor x) {
    float[] joined = x.floatsForWriting();
    for (int b = 0, p = 0; b < x.rows(); b++) {
      System.arraycopy(s, b * observationSize, joined, p, observationSize);
      p += observationSize;
      System.arraycopy(a, b * actionSize, joined, p, actionSize);
      p += actionSize;
    }
  }

  /** The least of the values that each critic computed last, and whose they are. */
  private float[] minimum() {
    for (int b = 0; b < minimum.length; b++) {
      int best = 0;
      for (int i = 1; i < critics.length; i++) {
        if (critics[i].values[b] < critics[best].values[b]) {
          best = i;
        }
      }
      least[b] = best;
      minimum[b] = critics[best].values[b];
    }
    return minimum;
  }

  private void each(Consumer<Critic> work) {
    Runnable[] tasks = new Runnable[critics.length];
    for (int i = 0; i < tasks.length; i++) {
      Critic critic = critics[i];
      tasks[i] = () -> work.accept(critic);
    }
    compute.run(tasks);
  }

  @Override
  public void save(StateWriter out) {
    for (int i = 0; i < critics.length; i++) {
      out.put("critic" + i, critics[i]);
    }
    out.put("updates", updates);
  }

  @Override
  public void load(StateReader in) {
    for (int i = 0; i < critics.length; i++) {
      in.get("critic" + i, critics[i]);
    }
    updates = in.getLong("updates");
  }
}
