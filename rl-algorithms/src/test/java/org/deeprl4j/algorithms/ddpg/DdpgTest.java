package org.deeprl4j.algorithms.ddpg;

import java.util.List;
import org.deeprl4j.algorithms.learning.ActionNoise;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.training.Updates;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Network;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Box;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One update on a batch whose every third row is terminal. */
final class DdpgTest {
  private static final int ROWS = 24;
  private static final int IN = 3;
  private static final int N = 2;
  private static final DdpgConfig CONFIG =
      DdpgConfig.defaults()
          .with(
              c ->
                  c.batchSize(ROWS)
                      .hidden(List.of(16, 16))
                      .activation(Activation.TANH)
                      .actorLearningRate(Schedule.constant(0))
                      .criticLearningRate(Schedule.constant(0)));
  private static final DdpgConfig FAST =
      CONFIG
          .withActorLearningRate(Schedule.constant(3e-2))
          .withCriticLearningRate(Schedule.constant(3e-2));

  private final Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
  private final Minibatch batch = Batches.random(compute, ROWS, IN, N, 0, 0.97);

  @AfterEach
  void close() {
    compute.close();
  }

  private Ddpg learner(DdpgConfig config) {
    return new Ddpg(config, Batches.context(compute, IN, Box.of(-1, 1, N), 3));
  }

  @Test
  void targets_areTheBellmanEquationsOfTheTargetNetworks() {
    Ddpg learner = learner(FAST.withTau(1e-9));
    Updates.assertTargetsStay(learner, learner.y, batch);
  }

  @Test
  void targets_followTheNetworks() {
    Ddpg learner = learner(FAST.withTau(1));
    Updates.assertTargetsFollow(learner, learner.y, batch);
  }

  @Test
  void actor_descendsItsObjective() {
    Ddpg learner = learner(CONFIG);
    Updates.assertActorDescends(learner, learner.actor.network().network(), learner.critics, batch);
  }

  @Test
  void criticGradient_isThatOfTheMeanSquaredError() {
    Batches.weigh(batch);
    Ddpg learner = learner(CONFIG.withTau(1e-9));
    Network critic = learner.critics.networks().get(0).network();
    Updates.assertDerivative(learner, batch, critic, "critic_loss", 1);
  }

  @Test
  void criticMetrics_areThoseOfTheUpdate() {
    Batches.weigh(batch);
    Ddpg learner = learner(CONFIG);
    float[] q = new float[ROWS];
    learner.actionValueFunction().values(batch.observations().floats(), batch.actions(), ROWS, q);
    Averages averages = Updates.update(learner, batch, 0, 1);
    Batches.assertSquaredErrors(1, batch, q, learner.y, averages);
  }

  @Test
  void learningRates_areThoseOfTheProgress() {
    DdpgConfig falling =
        CONFIG
            .withActorLearningRate(Schedule.linear(0.1, 0))
            .withCriticLearningRate(Schedule.linear(0.2, 0));
    Ddpg learner = learner(falling);
    Updates.assertStep(0.025, learner, batch, learner.actor.network().network());
    learner = learner(falling);
    Updates.assertStep(0.05, learner, batch, learner.critics.networks().get(0).network());
  }

  @Test
  void gradients_areBoundedNetworkByNetwork() {
    Ddpg learner = learner(CONFIG.withMaxGradientNorm(1e-3));
    Updates.assertBounded(1e-3, learner, batch, learner.critics, learner.actor.network().network());
  }

  @Test
  void savedAndLoaded_updatesGoOn() {
    Updates.assertGoesOn(() -> learner(FAST), batch);
  }

  @Test
  void exploration_addsTheNoiseOfTheProgress_whichRestartsWithAnEpisode() {
    for (ActionNoise.Kind kind : ActionNoise.Kind.values()) {
      Ddpg learner =
          learner(
              CONFIG.with(
                  c -> c.environments(ROWS).noise(kind).noiseSigma(Schedule.linear(0.4, 0))));
      Updates.assertExplores(kind, learner, batch);
    }
  }
}
