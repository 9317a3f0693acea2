package org.deeprl4j.algorithms.learning;

import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.optim.GradientClipping;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.rollout.RolloutBatch;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;
import org.jspecify.annotations.Nullable;

/** Fits a separate value network to a rollout's returns, by Adam on Ê[(V(s_t) − R_t)²]. */
public final class ValueRegression implements Stateful {
  private final Network network;
  private final Adam adam;
  private final int batchSize;
  private final @Nullable Double maxGradientNorm;
  private final RolloutBatch batch;
  private final Tensor gradient;

  /**
   * Creates a regression in its initial state.
   *
   * @param model its value network is separate from its policy network
   * @param batchSize rows of a minibatch; the last of an epoch may have fewer
   * @param maxGradientNorm bound on the gradient's norm, null for none
   */
  public ValueRegression(
      Compute compute,
      ActorCritic model,
      int batchSize,
      double adamEpsilon,
      @Nullable Double maxGradientNorm) {
    network = model.valueNetwork();
    this.batchSize = batchSize;
    this.maxGradientNorm = maxGradientNorm;
    adam = new Adam(0.9, 0.999, adamEpsilon);
    batch = model.batch(batchSize);
    gradient = compute.tensor(batchSize, 1);
  }

  /**
   * Fits the network in passes over the rollout's rows in random order.
   *
   * @param rollout with computed returns
   * @return the mean loss over all minibatches, each measured before its step
   */
  public double fit(Rollout rollout, int epochs, double learningRate, Rng random) {
    double loss = 0;
    int count = 0;
    for (int epoch = 0; epoch < epochs; epoch++) {
      batch.shuffle(rollout, random);
      for (int at = 0; batch.take(rollout, at, batchSize); at += batch.rows()) {
        loss += step(learningRate);
        count++;
      }
    }
    return count == 0 ? Double.NaN : loss / count;
  }

  private double step(double learningRate) {
    int m = batch.rows();
    float[] values = network.forward(batch.observations()).floats();
    gradient.setRows(m);
    float[] d = gradient.floatsForWriting();
    double loss = 0;
    for (int b = 0; b < m; b++) {
      double error = (double) values[b] - batch.returns()[b];
      loss += error * error / m;
      d[b] = (float) (2 * error / m);
    }
    network.gradient().fill(0);
    network.backward(gradient);
    if (maxGradientNorm != null) {
      GradientClipping.globalNorm(maxGradientNorm, network.gradient());
    }
    adam.step(network.parameters(), network.gradient(), learningRate);
    return loss;
  }

  /** Saves the optimiser; the owner of the network saves its parameters. */
  @Override
  public void save(StateWriter out) {
    out.put("adam", adam);
  }

  @Override
  public void load(StateReader in) {
    in.get("adam", adam);
  }
}
