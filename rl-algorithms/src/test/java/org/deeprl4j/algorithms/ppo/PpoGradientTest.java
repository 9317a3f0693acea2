package org.deeprl4j.algorithms.ppo;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Gradients;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.algorithms.learning.Rollouts;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.MultiDiscrete;
import org.deeprl4j.space.Space;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The gradient that a minibatch descends, against finite differences of −L^{CLIP+VF+S}. */
class PpoGradientTest {
  private static final int ROWS = 24;

  static Stream<Arguments> cases() {
    Space box = Box.of(-1, 1, 2);
    Space discrete = new Discrete(3);
    return Stream.of(box, discrete)
        .flatMap(
            space ->
                Stream.of(true, false)
                    .flatMap(
                        shared ->
                            (space == box ? Arrays.stream(LogStd.values()) : Stream.of(LogStd.FREE))
                                .flatMap(
                                    logStd ->
                                        Arrays.stream(Objective.values())
                                            .map(o -> Arguments.of(space, shared, logStd, o)))));
  }

  @ParameterizedTest
  @EnumSource
  void withMasks_minibatch_descendsTheObjective(Objective objective) {
    descends(new Discrete(5), true, true, LogStd.FREE, objective);
    descends(MultiDiscrete.of(3, 4), true, false, LogStd.FREE, objective);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void minibatch_descendsTheObjective(
      Space actionSpace, boolean shared, LogStd logStd, Objective objective) {
    descends(actionSpace, false, shared, logStd, objective);
  }

  /** Sequences of which some end within, in the order in which they are arranged. */
  @ParameterizedTest
  @EnumSource
  void withMemory_minibatch_descendsTheObjective(Objective objective) {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      int environments = 3;
      Space actions = new Discrete(3);
      PpoConfig config =
          PpoConfig.defaults()
              .with(
                  c ->
                      c.environments(environments)
                          .rolloutSteps(ROWS / environments)
                          .batchSize(ROWS)
                          .entropyCoefficient(Schedule.constant(0.3))
                          .objective(objective)
                          .klPenalty(0.7)
                          .normalizeAdvantage(false)
                          .lstmUnits(6)
                          .hidden(List.of(16)));
      Ppo ppo = new Ppo(config, config.architecture(), Batches.context(compute, 4, actions, 1));
      ActorCritic model = ppo.model();
      int inputs = model.network().inputSize();
      Rollout rollout = new Rollout(ROWS / environments, environments, inputs, 1, 3);
      Rng random = new Rng(2);
      random.fillGaussian(rollout.observations(), 0, ROWS * inputs);
      random.fillGaussian(rollout.distribution(), 0, ROWS * 3);
      random.fillGaussian(rollout.advantages(), 0, ROWS);
      random.fillGaussian(rollout.returns(), 0, ROWS);
      for (int b = 0; b < ROWS; b++) {
        rollout.actions()[b] = random.nextInt(3);
        rollout.ended()[b] = random.nextInt(5) == 0;
      }
      model
          .distribution()
          .logProb(rollout.distribution(), rollout.actions(), ROWS, rollout.logProbs());
      ppo.batch.shuffle(rollout, random);
      ppo.batch.take(rollout, 0, ROWS);
      Averages averages = new Averages(ppo.metrics());
      ppo.objective(0.2, averages);
      Gradients.assertDerivative(model.network(), () -> -ppo.objective(0.2, averages));
    }
  }

  private static void descends(
      Space actionSpace, boolean masked, boolean shared, LogStd logStd, Objective objective) {
    PpoConfig config =
        PpoConfig.defaults()
            .with(
                c ->
                    c.rolloutSteps(ROWS)
                        .batchSize(ROWS)
                        .entropyCoefficient(Schedule.linear(0.4, 0))
                        .objective(objective)
                        .klPenalty(0.7)
                        .clipRange(Schedule.linear(0.25, 0.05))
                        .valueClipRange(Schedule.linear(0.5, 0.1))
                        .normalizeAdvantage(false)
                        .logStd(logStd)
                        .hidden(List.of(16))
                        .maxGradientNorm(null));
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      Ppo ppo =
          new Ppo(
              config,
              new MlpArchitecture(
                  config.hidden(), null, config.activation(), false, shared, logStd, -0.5),
              masked
                  ? Batches.maskedContext(compute, 4, actionSpace, 1)
                  : Batches.context(compute, 4, actionSpace, 1));
      Rollout rollout = Rollouts.judged(ppo.model(), ROWS, 4, masked, new Rng(2));
      Rollouts.move(ppo.model(), 0.15);

      ppo.batch.arrange(rollout);
      ppo.batch.take(rollout, 0, ROWS);
      Averages averages = new Averages(ppo.metrics());
      ppo.objective(0.25, averages);
      // The variance does not teach gSDE's features: leave out what they depend on.
      int body = logStd == LogStd.GSDE && actionSpace instanceof Box ? 4 * 16 + 16 : 0;
      int from = shared ? 0 : 4 * 16 + 16 + 17;
      Gradients.assertDerivative(
          ppo.model().network(), () -> -ppo.objective(0.25, averages), from, from + body);
    }
  }
}
