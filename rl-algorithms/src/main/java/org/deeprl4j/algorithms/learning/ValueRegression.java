package org.deeprl4j.algorithms.learning;

import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/** Fits a value network of its own to a rollout's returns, by Adam on Ê[(V(s_t) − R_t)²]. */
public final class ValueRegression implements Stateful {
  private final Network network;
  private final Adam adam;
  private final int batchSize;
  private final Tensor observations;
  private final Tensor gradient;
  private int[] order = new int[0];

  /**
   * A regression at its start.
   *
   * @param network V, one output
   * @param batchSize rows of a minibatch; the last of an epoch may have fewer
   */
  public ValueRegression(Compute compute, Network network, int batchSize, double adamEpsilon) {
    this.network = network;
    this.batchSize = batchSize;
    adam = new Adam(0.9, 0.999, adamEpsilon);
    observations = compute.tensor(batchSize, network.inputSize());
    gradient = compute.tensor(batchSize, 1);
  }

  /**
   * Passes over the rollout's rows in random order.
   *
   * @param rollout its returns are computed
   * @return the mean loss over all minibatches, each before its step
   */
  public double fit(Rollout rollout, int epochs, double learningRate, Rng random) {
    int rows = rollout.rows();
    if (order.length < rows) {
      order = new int[rows];
    }
    double loss = 0;
    int count = 0;
    for (int epoch = 0; epoch < epochs; epoch++) {
      for (int i = 0; i < rows; i++) {
        order[i] = i;
      }
      random.shuffle(order, rows);
      for (int start = 0; start < rows; start += batchSize) {
        loss += step(rollout, start, Math.min(batchSize, rows - start), learningRate);
        count++;
      }
    }
    return count == 0 ? Double.NaN : loss / count;
  }

  private double step(Rollout rollout, int start, int m, double learningRate) {
    observations.setRows(m);
    float[] x = observations.floatsForWriting();
    int inputs = rollout.observationSize();
    for (int b = 0; b < m; b++) {
      System.arraycopy(rollout.observations(), order[start + b] * inputs, x, b * inputs, inputs);
    }
    float[] values = network.forward(observations).floats();
    gradient.setRows(m);
    float[] d = gradient.floatsForWriting();
    double loss = 0;
    for (int b = 0; b < m; b++) {
      double error = (double) values[b] - rollout.returns()[order[start + b]];
      loss += error * error / m;
      d[b] = (float) (2 * error / m);
    }
    network.gradient().fill(0);
    network.backward(gradient);
    adam.step(network.parameters(), network.gradient(), learningRate);
    return loss;
  }

  /** Saves the optimiser; the network's parameters are their owner's. */
  @Override
  public void save(StateWriter out) {
    out.put("adam", adam);
  }

  @Override
  public void load(StateReader in) {
    in.get("adam", adam);
  }
}
