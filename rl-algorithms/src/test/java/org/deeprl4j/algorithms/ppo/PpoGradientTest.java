package org.deeprl4j.algorithms.ppo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Gradients;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
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
      Rollout rollout = rollout(ppo.model(), actionSpace, masked, new Rng(2));
      Tensor theta = ppo.model().network().parameters();
      // away from θ_old, so that ratios fall on both sides of the clip
      Tensor move = compute.tensor(1, theta.columns());
      new Rng(3).fillGaussian(move.floatsForWriting(), 0, move.size());
      theta.axpy(0.15, move);

      ppo.batch.arrange(rollout);
      ppo.batch.take(rollout, 0, ROWS);
      Averages averages = new Averages(ppo.metrics());
      ppo.objective(0.25, averages);
      Tensor gradient = ppo.model().network().gradient();
      for (int trial = 0; trial < 4; trial++) {
        Tensor direction = compute.tensor(1, theta.columns());
        new Rng(10 + trial).fillGaussian(direction.floatsForWriting(), 0, direction.size());
        if (logStd == LogStd.GSDE && actionSpace instanceof Box) {
          // The variance does not teach the features: leave out what they depend on.
          int body = 4 * 16 + 16;
          int from = shared ? 0 : body + 17;
          Arrays.fill(direction.floatsForWriting(), from, from + body, 0);
        }
        direction.scale(1 / direction.norm2());
        double h = 2e-3;
        double analytic = gradient.dot(direction);
        theta.axpy(h, direction);
        double plus = ppo.objective(0.25, averages);
        theta.axpy(-2 * h, direction);
        double minus = ppo.objective(0.25, averages);
        theta.axpy(h, direction);
        ppo.objective(0.25, averages);
        // the objective is maximised, its negative's gradient descended
        assertEquals((plus - minus) / (2 * h), -analytic, 5e-3 * Math.max(1, gradient.norm2()));
      }
    }
  }

  private static Rollout rollout(ActorCritic model, Space actionSpace, boolean masked, Rng random) {
    int parameters = model.distribution().parameterSize();
    Rollout rollout = new Rollout(ROWS, 1, 4, actionSpace.size(), parameters);
    random.fillGaussian(rollout.observations(), 0, ROWS * 4);
    Tensor x = Tensor.host(ROWS, 4);
    System.arraycopy(rollout.observations(), 0, x.floatsForWriting(), 0, ROWS * 4);
    model.predict(x);
    float[] z = model.distributionParameters();
    for (int b = 0; b < ROWS && masked; b++) {
      z[b * parameters + b % 3] = Float.NEGATIVE_INFINITY;
      z[b * parameters + 3 + b % 2] = Float.NEGATIVE_INFINITY;
    }
    System.arraycopy(z, 0, rollout.distribution(), 0, ROWS * parameters);
    model.distribution().sample(z, ROWS, random, rollout.actions());
    model.distribution().logProb(z, rollout.actions(), ROWS, rollout.logProbs());
    System.arraycopy(model.values(), 0, rollout.values(), 0, ROWS);
    random.fillGaussian(rollout.advantages(), 0, ROWS);
    for (int i = 0; i < ROWS; i++) {
      rollout.returns()[i] = rollout.values()[i] + rollout.advantages()[i];
    }
    return rollout;
  }
}
