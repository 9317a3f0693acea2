package org.deeprl4j.algorithms.sac;

import java.util.List;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Critics;
import org.deeprl4j.algorithms.learning.LearnerContext;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.learning.TrainableNetwork;
import org.deeprl4j.nn.CudaSacUpdate;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.random.Rng;
import org.jspecify.annotations.Nullable;

/**
 * The update of {@link Sac} for networks on a GPU: the same equations with the same noise, except
 * for the temperature's, in one graph of kernels. With the losses in Java, an update would spend
 * most of its time waiting for the values they read.
 */
final class SacOnDevice {
  private final SacConfig config;
  private final int observation;
  private final int n;
  private final Tensor temperature;
  private final float[] noise;
  private final float[] steps = new float[6];
  private final float[] metrics;
  private @Nullable CudaSacUpdate update;

  /** Creates the update for what {@link #fits} accepts. */
  SacOnDevice(SacConfig config, LearnerContext context) {
    this.config = config;
    observation = context.encoder().size();
    n = context.actionSpace().size();
    temperature = context.compute().tensor(1, 4);
    noise = new float[2 * config.batchSize() * n];
    metrics = new float[2 * config.critics() + 4];
  }

  static boolean fits(SacConfig config, SquashedActor actor, Critics critics) {
    Network[] q =
        critics.networks().stream().map(TrainableNetwork::network).toArray(Network[]::new);
    return config.returnSteps() == 1
        && config.maxGradientNorm() == null
        && actor.isPlain()
        && CudaSacUpdate.fits(actor.network().network(), q);
  }

  /** Runs one update of the networks and sets the batch's errors. */
  void update(
      SquashedActor actor,
      Critics critics,
      Minibatch batch,
      double alpha,
      double learningRate,
      double criticLearningRate,
      Rng random,
      Averages averages) {
    List<CudaSacUpdate.Trained> q =
        critics.networks().stream().map(critic -> begin(critic, criticLearningRate, 0)).toList();
    CudaSacUpdate.Trained pi = begin(actor.network(), learningRate, 2);
    int half = noise.length / 2;
    random.fillGaussian(noise, 0, half);
    random.fillGaussian(noise, half, half);
    temperature.floatsForWriting()[0] = (float) Math.log(alpha);
    CudaSacUpdate made = prepared(pi, q, critics);
    made.update(
        batch.observations().floats(),
        batch.actions(),
        batch.rewards(),
        batch.discounts(),
        batch.nextObservations().floats(),
        batch.weights(),
        noise,
        steps);
    made.metrics(metrics);
    made.errors(batch.errors());
    critics.stepped(metrics);
    actor.stepped(metrics[2 * q.size() + 1]);
    averages.add("policy_loss", metrics[2 * q.size()]);
  }

  private CudaSacUpdate.Trained begin(TrainableNetwork trained, double learningRate, int at) {
    Adam.Step step = trained.beginStep(learningRate);
    steps[at] = (float) step.rate();
    steps[at + 1] = (float) step.epsilon();
    return new CudaSacUpdate.Trained(trained.network(), step.first(), step.second());
  }

  /** Returns the graph, or a new one if loading a checkpoint has moved the moments. */
  private CudaSacUpdate prepared(
      CudaSacUpdate.Trained pi, List<CudaSacUpdate.Trained> q, Critics critics) {
    CudaSacUpdate held = update;
    if (held != null && held.isOf(pi, q)) {
      return held;
    }
    if (held != null) {
      held.close();
    }
    CudaSacUpdate made =
        new CudaSacUpdate(
            new CudaSacUpdate.Settings(
                config.batchSize(), observation, n, 0.9, 0.999, config.tau(), 0, false),
            pi,
            q,
            critics.networks().stream().map(TrainableNetwork::target).toList(),
            temperature);
    update = made;
    return made;
  }
}
