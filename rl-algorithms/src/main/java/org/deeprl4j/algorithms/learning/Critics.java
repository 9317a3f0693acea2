package org.deeprl4j.algorithms.learning;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.policy.ActionValueFunction;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * One or several action-value functions Q_i(s, a; θ_i), each with a target network θ̄_i and an
 * optimiser of its own. Several critics compute side by side, on two cores if available, with the
 * same bits as on one. The algorithm decides what they learn, through a {@link Loss}.
 */
public final class Critics implements Stateful {

  /**
   * A loss as a function of one critic's values of a batch. Several threads may call it at once.
   */
  @FunctionalInterface
  public interface Loss {
    /**
     * Returns the loss and writes its derivative.
     *
     * @param q Q_i(s, a), [B]; not modified
     * @param gradient receives dL/dq, [B]. Modified.
     */
    double of(float[] q, float[] gradient);
  }

  /** One Q_i with its latest results. */
  private static final class Critic {
    final TrainableNetwork trained;
    float[] values = {};
    float[] inputGradient = {};
    double loss;
    double mean;

    Critic(TrainableNetwork trained) {
      this.trained = trained;
    }
  }

  private final LearnerContext context;
  private final Critic[] critics;
  private final int observationSize;
  private final int actionSize;
  private final Tensor input; // [B, s | a]
  private final float[] minimum;
  private final int[] least; // which critic has it
  private final float[] actionGradient;

  /**
   * Creates the critics, with equal target networks.
   *
   * @param count 1 or more
   * @param actionSize columns of a; 0 for critics of states alone
   */
  public Critics(
      LearnerContext context, TrainableNetwork.Settings settings, int count, int actionSize) {
    this.context = context;
    this.actionSize = actionSize;
    observationSize = context.encoder().size();
    int rows = settings.batchSize();
    Mlp head = TrainableNetwork.valueMlp(context.features().size() + actionSize, 1, settings);
    NetworkSpec q = context.features().under(head, actionSize);
    critics = new Critic[count];
    for (int i = 0; i < count; i++) {
      critics[i] = new Critic(TrainableNetwork.withTarget(context, q, settings));
    }
    input = context.compute().tensor(rows, q.inputs());
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
    join(observations.floats(), actions, input);
    each(critic -> critic.values = critic.trained.target().predict(input).floats());
    return minimum();
  }

  /**
   * min_i Q(s, a; θ_i), and its derivative by the actions in {@link #actionGradient}.
   *
   * @return [B], valid until the next call of a method of these critics
   */
  public float[] differentiateMinimum(Tensor observations, float[] actions) {
    join(observations.floats(), actions, input);
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
    join(observations.floats(), actions, input);
    differentiate(critics[0]);
    Arrays.fill(least, 0);
    gatherActionGradient();
    return critics[0].values;
  }

  /** The last derivative by the actions, [B, action], valid until the next one. */
  public float[] actionGradient() {
    return actionGradient;
  }

  /**
   * Takes one step of each critic down its loss.
   *
   * @param loss of one critic, as a function of Q_i(s, a)
   */
  public void descend(Tensor observations, float[] actions, Loss loss, double learningRate) {
    join(observations.floats(), actions, input);
    each(
        critic -> {
          float[] q = critic.trained.network().forward(input).floats();
          critic.values = q;
          critic.loss = loss.of(q, critic.trained.outputGradient().floatsForWriting());
          double sum = 0;
          for (int b = 0; b < minimum.length; b++) {
            sum += q[b];
          }
          critic.mean = sum / minimum.length;
          critic.trained.descend(learningRate);
        });
  }

  /**
   * Computes the absolute errors of the values in the last {@link #descend}, averaged over the
   * critics.
   *
   * @param y targets, [B]
   * @param errors receives |Q_i(s, a) − y|, [B]. Modified.
   */
  public void errors(float[] y, float[] errors) {
    for (int b = 0; b < errors.length; b++) {
      double sum = 0;
      for (Critic critic : critics) {
        sum += Math.abs(critic.values[b] - y[b]);
      }
      errors[b] = (float) (sum / critics.length);
    }
  }

  /** The Q_i, for steps that another class takes. */
  public List<TrainableNetwork> networks() {
    return Arrays.stream(critics).map(critic -> critic.trained).toList();
  }

  /**
   * Takes over the results of a step that another class took.
   *
   * @param metrics starts with the losses of all critics, followed by their mean values
   */
  public void stepped(float[] metrics) {
    for (int i = 0; i < critics.length; i++) {
      critics[i].loss = metrics[i];
      critics[i].mean = metrics[critics.length + i];
      critics[i].trained.endStep();
    }
  }

  /** Moves the target networks: θ̄_i ← τ θ_i + (1 − τ) θ̄_i. */
  public void trackTargets(double tau) {
    for (Critic critic : critics) {
      critic.trained.trackTarget(tau);
    }
  }

  /** Adds the losses, values and gradient norms of the last step under the given metric names. */
  public void report(String loss, String mean, String gradientNorm, Averages averages) {
    for (Critic critic : critics) {
      averages.add(loss, critic.loss);
      averages.add(mean, critic.mean);
      critic.trained.reportGradientNorm(gradientNorm, averages);
    }
  }

  /**
   * min_i Q(s, a; θ_i) as a function of raw observations and legal actions, live.
   *
   * @throws IllegalArgumentException unless a is a Box's action, scaled to [−1, 1]
   */
  public ActionValueFunction valueFunction() {
    List<Network> networks = networks().stream().map(TrainableNetwork::network).toList();
    return ActionValueFunction.least(
        context.compute(), context.encoder(), context.actionSpace(), networks);
  }

  private void differentiate(Critic critic) {
    critic.values = critic.trained.network().forward(input).floats();
    Tensor ones = critic.trained.outputGradient();
    ones.fill(1);
    critic.inputGradient = critic.trained.network().inputGradient(ones).floats();
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

  /** Finds, for each row, the least of the latest values and the critic that has it. */
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
    context.compute().run(tasks);
  }

  @Override
  public void save(StateWriter out) {
    for (int i = 0; i < critics.length; i++) {
      out.put("critic" + i, critics[i].trained);
    }
  }

  @Override
  public void load(StateReader in) {
    for (int i = 0; i < critics.length; i++) {
      in.get("critic" + i, critics[i].trained);
    }
  }
}
