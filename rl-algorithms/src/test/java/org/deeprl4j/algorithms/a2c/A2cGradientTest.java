package org.deeprl4j.algorithms.a2c;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.configuration.LogStd;
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
      Rollout rollout = Rollouts.judged(a2c.model(), ROWS, 4, false, new Rng(2));
      Rollouts.move(a2c.model(), 0.15);

      a2c.objective(rollout, 0.25, averages);
      // The variance does not teach gSDE's features: leave out what they depend on.
      int body = logStd == LogStd.GSDE && actionSpace instanceof Box ? 4 * 16 + 16 : 0;
      int from = shared ? 0 : 4 * 16 + 16 + 17;
      Gradients.assertDerivative(
          a2c.model().network(), () -> -a2c.objective(rollout, 0.25, averages), from, from + body);
    }
  }
}
