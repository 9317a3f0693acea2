package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.deeprl4j.algorithms.a2c.A2c;
import org.deeprl4j.algorithms.a2c.A2cConfig;
import org.deeprl4j.algorithms.a3c.A3c;
import org.deeprl4j.algorithms.a3c.A3cConfig;
import org.deeprl4j.algorithms.reinforce.Reinforce;
import org.deeprl4j.algorithms.reinforce.ReinforceConfig;
import org.deeprl4j.algorithms.sac.SacDiscrete;
import org.deeprl4j.algorithms.sac.SacDiscreteConfig;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.schedule.Schedule;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** A learning rate that falls to 0 is whole in the first update and not yet 0 in the last. */
final class ProgressTest {
  private static final Schedule FALLING = Schedule.linear(1, 0);
  private static final Compute COMPUTE = Compute.create(Compute.Kernels.AUTO, 1);

  @AfterAll
  static void close() {
    COMPUTE.close();
  }

  private static TrainingSetup setup(long steps) {
    return new TrainingSetup(
        () -> new RecordedEnvironment(RecordedEnvironment.End.TERMINATED, 256), steps, 1, COMPUTE);
  }

  private static double rate(Trainer trainer) {
    return trainer.iterate().values().get("learning_rate");
  }

  @Test
  void onPolicy() {
    A2cConfig config =
        A2cConfig.defaults().with(c -> c.environments(1).rolloutSteps(256).learningRate(FALLING));
    try (Trainer trainer = A2c.start(setup(512), config)) {
      assertEquals(1, rate(trainer));
      assertEquals(0.5, rate(trainer));
    }
  }

  @Test
  void episodic() {
    ReinforceConfig config =
        ReinforceConfig.defaults().with(c -> c.episodesPerUpdate(1).learningRate(FALLING));
    try (Trainer trainer = Reinforce.start(setup(512), config)) {
      assertEquals(1, rate(trainer));
      assertEquals(0.5, rate(trainer));
    }
  }

  @Test
  void offPolicy() {
    SacDiscreteConfig config =
        SacDiscreteConfig.defaults()
            .with(
                c ->
                    c.learningStarts(0)
                        .batchSize(1)
                        .bufferSize(8)
                        .hidden(List.of(4))
                        .learningRate(FALLING));
    try (Trainer trainer = SacDiscrete.start(setup(2), config)) {
      assertEquals((1 + 0.5) / 2, rate(trainer)); // of two updates
    }
  }

  @Test
  void asynchronous() {
    A3cConfig config =
        A3cConfig.defaults().with(c -> c.actorLearners(1).rolloutSteps(256).learningRate(FALLING));
    try (Trainer trainer = A3c.start(setup(512), config)) {
      assertEquals((1 + 0.5) / 2, rate(trainer));
    }
  }
}
