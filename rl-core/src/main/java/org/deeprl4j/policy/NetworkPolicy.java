package org.deeprl4j.policy;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.deeprl4j.distributions.ActionDistribution;
import org.deeprl4j.distributions.Categorical;
import org.deeprl4j.distributions.Distributions;
import org.deeprl4j.distributions.StateDependentGaussian;
import org.deeprl4j.distributions.TanhGaussian;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.DenseStack;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.DivergenceException;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.jspecify.annotations.Nullable;

/**
 * A policy in a network's output columns, including the encoding of observations and the conversion
 * to legal actions. It throws a {@link DivergenceException} rather than act on an output that is
 * not finite. Not thread-safe.
 */
public final class NetworkPolicy implements StochasticPolicy, Stateful {

  /** The meanings of the policy's columns. */
  public enum Head {
    /**
     * Parameters of the action space's own distribution; continuous actions are clipped to bounds.
     */
    DISTRIBUTION,
    /**
     * [μ | φ | log σ] of gSDE, {@link StateDependentGaussian}, to the last column; actions are
     * clipped to bounds.
     */
    STATE_DEPENDENT_GAUSSIAN,
    /** [μ | log σ] of a Gaussian squashed into [−1, 1] and scaled to a Box. */
    SQUASHED_GAUSSIAN,
    /** [μ | φ | log σ] of gSDE, to the last column; actions are squashed and scaled to a Box. */
    SQUASHED_STATE_DEPENDENT_GAUSSIAN,
    /** An action in [−1, 1], to be scaled to a Box. */
    DETERMINISTIC,
    /**
     * Q of every action of a Discrete space; the policy takes the first one with the largest value.
     */
    ACTION_VALUES
  }

  private static final float[] NO_STATES = {};

  private final ObservationEncoder encoder;
  private final Space actionSpace;
  private final Network network;
  private final int firstColumn;
  private final Head head;
  private final @Nullable ActionDistribution distribution; // null if the columns are the action
  private final LegalActions legal;
  private final int[] choices; // of the actions, where they are indices
  private final int columns;
  private final int stateSize;
  private final NetworkInput input;
  private float[] z = new float[0];
  private float[] drawn = new float[0];

  /**
   * Creates a policy that shares its encoder and network with the learner that trains them.
   *
   * @param firstColumn the policy's first output column; the columns before it have other uses
   */
  public NetworkPolicy(
      Compute compute,
      ObservationEncoder encoder,
      Space actionSpace,
      Network network,
      int firstColumn,
      Head head) {
    this.encoder = encoder;
    this.actionSpace = actionSpace;
    this.network = network;
    this.firstColumn = firstColumn;
    this.head = head;
    choices = actionSpace.choices();
    stateSize = network.spec().stateSize();
    int outputs = network.outputSize() - stateSize;
    distribution =
        switch (head) {
          case DISTRIBUTION -> Distributions.forActionSpace(actionSpace);
          case STATE_DEPENDENT_GAUSSIAN, SQUASHED_STATE_DEPENDENT_GAUSSIAN ->
              stateDependent(actionSpace.size(), outputs - firstColumn);
          case SQUASHED_GAUSSIAN -> new TanhGaussian(actionSpace.size());
          case ACTION_VALUES -> greedy(actionSpace); // the largest value is the mode
          case DETERMINISTIC -> null;
        };
    legal =
        switch (head) {
          case SQUASHED_GAUSSIAN, SQUASHED_STATE_DEPENDENT_GAUSSIAN, DETERMINISTIC ->
              LegalActions.scaled(LegalActions.boundedBox(actionSpace));
          case DISTRIBUTION, STATE_DEPENDENT_GAUSSIAN, ACTION_VALUES ->
              LegalActions.clipped(actionSpace);
        };
    columns = distribution == null ? actionSpace.size() : distribution.parameterSize();
    if (NetworkInput.sizeOf(encoder, stateSize) != network.inputSize()
        || firstColumn < 0
        || (long) firstColumn + columns > outputs) {
      throw new IllegalArgumentException(
          "a network "
              + network.inputSize()
              + " → "
              + network.outputSize()
              + (stateSize == 0 ? "" : " with " + stateSize + " of state")
              + " does not fit observations of "
              + encoder.size()
              + " and "
              + columns
              + " policy columns from column "
              + firstColumn);
    }
    if (encoder.maskSize() > 0 && encoder.maskSize() != Arrays.stream(choices).sum()) {
      throw new IllegalArgumentException(
          "action masks of %d flags do not fit %s".formatted(encoder.maskSize(), actionSpace));
    }
    input = new NetworkInput(compute, encoder, stateSize);
  }

  /**
   * Copies the dense layers from the encoded observation to what {@link #act} makes its action of:
   * the means of a Gaussian before squashing and scaling, the logits, the values or the action.
   *
   * @throws IllegalArgumentException if the network is not of dense layers
   */
  public DenseStack layers() {
    return DenseStack.of(network, firstColumn, deterministicColumns());
  }

  /**
   * How many columns, from {@link #firstColumn} on, a deterministic action is made of: those of the
   * means, not of the deviations.
   */
  public int deterministicColumns() {
    return actionSpace instanceof Box ? actionSpace.size() : columns;
  }

  /** A policy with equal parameters, on a network of its own; the encoder is shared. */
  NetworkPolicy copy(Compute other) {
    Network own = other.network(network.spec());
    own.parameters().copyFrom(network.parameters());
    return new NetworkPolicy(other, encoder, actionSpace, own, firstColumn, head);
  }

  /** The encoder from raw observations to the network's input. */
  public ObservationEncoder encoder() {
    return encoder;
  }

  /** The network. */
  public Network network() {
    return network;
  }

  /** The policy's first output column. */
  public int firstColumn() {
    return firstColumn;
  }

  /** The meaning of the policy's columns. */
  public Head head() {
    return head;
  }

  @Override
  public Space observationSpace() {
    return encoder.space();
  }

  @Override
  public Space actionSpace() {
    return actionSpace;
  }

  @Override
  public int stateSize() {
    return stateSize;
  }

  @Override
  public void act(float[] observations, int rows, float[] actions) {
    act(observations, rows, noStates(), actions);
  }

  @Override
  public void act(float[] observations, int rows, float[] states, float[] actions) {
    run(observations, rows, states);
    if (distribution == null) {
      System.arraycopy(z, 0, drawn, 0, rows * columns);
    } else {
      distribution.mode(z, rows, drawn);
    }
    legalize(rows, actions);
  }

  /**
   * {@inheritDoc}
   *
   * <p>A deterministic policy's only action.
   */
  @Override
  public void sample(float[] observations, int rows, RandomGenerator random, float[] actions) {
    sample(observations, rows, noStates(), random, actions);
  }

  /**
   * {@inheritDoc}
   *
   * <p>A deterministic policy's only action.
   */
  @Override
  public void sample(
      float[] observations, int rows, float[] states, RandomGenerator random, float[] actions) {
    if (distribution == null || !isStochastic()) {
      act(observations, rows, states, actions);
      return;
    }
    run(observations, rows, states);
    distribution.sample(z, rows, random, drawn);
    legalize(rows, actions);
  }

  /** Whether {@link #sample} draws: a deterministic policy and one of values have one action. */
  public boolean isStochastic() {
    return distribution != null && head != Head.ACTION_VALUES;
  }

  private void legalize(int rows, float[] actions) {
    if (head == Head.SQUASHED_STATE_DEPENDENT_GAUSSIAN) {
      TanhGaussian.squash(drawn, rows * actionSpace.size());
    }
    legal.of(drawn, rows, actions);
  }

  private static Categorical greedy(Space actions) {
    if (actions instanceof Discrete discrete) {
      return new Categorical(discrete.n());
    }
    throw new IllegalArgumentException("action values need discrete actions, not " + actions);
  }

  /** Returns the family whose n + F + n·F parameters fill the given number of columns. */
  private static StateDependentGaussian stateDependent(int n, int columns) {
    int features = (columns - n) / (1 + n);
    if (features < 1 || n + features + n * features != columns) {
      throw new IllegalArgumentException(
          "%d columns cannot be the means, features and log σ of %d actions".formatted(columns, n));
    }
    return new StateDependentGaussian(n, features, false);
  }

  /** The states of a policy without memory; one with a memory has to be given its own. */
  private float[] noStates() {
    if (stateSize > 0) {
      throw new IllegalArgumentException(
          "this policy has a memory: pass the %d numbers that it carries from step to step, 0 at the start of an episode"
              .formatted(stateSize));
    }
    return NO_STATES;
  }

  private void run(float[] observations, int rows, float[] states) {
    if (z.length < rows * columns) {
      z = new float[rows * columns];
      drawn = new float[rows * actionSpace.size()];
    }
    Tensor output = network.predict(input.of(observations, rows, states));
    float[] y = output.floats();
    for (int b = 0; b < rows; b++) {
      System.arraycopy(y, b * output.columns() + firstColumn, z, b * columns, columns);
    }
    DivergenceException.check("the policy's output", z, rows, columns);
    input.carry(output, states);
    if (encoder.maskSize() > 0) {
      encoder.forbid(observations, rows, z);
      requireChoices(rows);
    }
  }

  /** Checks that the masks leave each choice an alternative. */
  private void requireChoices(int rows) {
    for (int b = 0, k = 0; b < rows; b++) {
      for (int n : choices) {
        boolean any = false;
        for (int end = k + n; k < end; k++) {
          any |= z[k] > Float.NEGATIVE_INFINITY;
        }
        if (!any) {
          throw new IllegalArgumentException(
              "the action mask of observation %d leaves no legal action of %s"
                  .formatted(b, actionSpace));
        }
      }
    }
  }

  @Override
  public void save(StateWriter out) {
    out.put("encoder", encoder);
    out.put("network", network);
  }

  @Override
  public void load(StateReader in) {
    in.get("encoder", encoder);
    in.get("network", network);
  }
}
