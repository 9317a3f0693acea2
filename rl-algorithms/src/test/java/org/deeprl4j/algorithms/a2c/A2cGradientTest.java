package org.deeprl4j.algorithms.a2c;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.learning.ActorCritic;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.MlpArchitecture;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.random.Rng;
import org.deeprl4j.rollout.Rollout;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The gradient that an update descends, against finite differences of its objective. */
class A2cGradientTest {
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
                                .map(logStd -> Arguments.of(space, shared, logStd))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void update_descendsTheObjective(Space actionSpace, boolean shared, LogStd logStd) {
    A2cConfig config =
        A2cConfig.defaults()
            .with(
                c ->
                    c.environments(1)
                        .rolloutSteps(ROWS)
                        .entropyCoefficient(Schedule.linear(0.4, 0))
                        .logStd(logStd)
                        .hidden(List.of(16))
                        .maxGradientNorm(null));
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1)) {
      A2c a2c =
          new A2c(
              config,
              new MlpArchitecture(
                  config.hidden(), null, config.activation(), false, shared, logStd, -0.5),
              Batches.context(compute, 4, actionSpace, 1));
      Averages averages = new Averages(a2c.metrics());
      Rollout rollout = rollout(a2c.model(), actionSpace, new Rng(2));
      Tensor theta = a2c.model().network().parameters();
      Tensor move = compute.tensor(1, theta.columns());
      new Rng(3).fillGaussian(move.floatsForWriting(), 0, move.size());
      theta.axpy(0.15, move);

      a2c.objective(rollout, 0.25, averages);
      Tensor gradient = a2c.model().network().gradient();
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
        double plus = a2c.objective(rollout, 0.25, averages);
        theta.axpy(-2 * h, direction);
        double minus = a2c.objective(rollout, 0.25, averages);
        theta.axpy(h, direction);
        a2c.objective(rollout, 0.25, averages);
        // the objective is maximised, its negative's gradient descended
        assertEquals((plus - minus) / (2 * h), -analytic, 5e-3 * Math.max(1, gradient.norm2()));
      }
    }
  }

  private static Rollout rollout(ActorCritic model, Space actionSpace, Rng random) {
    int parameters = model.distribution().parameterSize();
    Rollout rollout = new Rollout(ROWS, 1, 4, actionSpace.size(), parameters);
    random.fillGaussian(rollout.observations(), 0, ROWS * 4);
    Tensor x = Tensor.host(ROWS, 4);
    System.arraycopy(rollout.observations(), 0, x.floatsForWriting(), 0, ROWS * 4);
    model.predict(x);
    float[] z = model.distributionParameters();
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
