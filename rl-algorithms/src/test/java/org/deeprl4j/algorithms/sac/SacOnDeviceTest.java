package org.deeprl4j.algorithms.sac;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.training.OffPolicyLearner;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.cuda.CudaDevice;
import org.deeprl4j.random.Rng;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.state.StateFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * SAC with its networks on a GPU against SAC on the host. Its kernels are tested without a GPU by
 * rl-core's {@code CudaSacUpdateTest}; how the learner uses them, only with one.
 */
class SacOnDeviceTest {
  private static final int OBSERVATIONS = 5;
  private static final int ACTIONS = 2;
  private static final int UPDATES = 6;

  @BeforeAll
  static void onlyWithADevice() {
    assumeTrue(CudaDevice.isPresent(), "no GPU here");
  }

  private static SacConfig config(boolean fixed, int critics) {
    return SacConfigBuilder.builder(SacConfig.defaults())
        .hidden(List.of(32, 24))
        .batchSize(40)
        .critics(critics)
        .fixedTemperature(fixed ? 0.2 : null)
        .criticLearningRate(fixed ? Schedule.constant(1e-3) : null)
        .build();
  }

  private static Averages train(Compute compute, OffPolicyLearner learner, SacConfig config) {
    Rng random = new Rng(3);
    Averages averages = new Averages(learner.metrics());
    for (int i = 0; i < UPDATES; i++) {
      Minibatch batch =
          Batches.random(compute, config.batchSize(), OBSERVATIONS, ACTIONS, i, config.gamma());
      learner.update(batch, 0, random, averages);
    }
    return averages;
  }

  @ParameterizedTest
  @CsvSource({"false, 2", "true, 1"})
  void updates_areTheHosts_andTheStateMoves(boolean fixed, int critics) {
    SacConfig config = config(fixed, critics);
    try (Compute host = Compute.create(Compute.Kernels.VECTOR, 1);
        Compute device = Compute.create(Compute.Kernels.CUDA, 1)) {
      OffPolicyLearner[] learners = {
        SacUpdates.learner(host, config, OBSERVATIONS, ACTIONS),
        SacUpdates.learner(device, config, OBSERVATIONS, ACTIONS)
      };
      assertMetrics(
          train(host, learners[0], config), train(device, learners[1], config), learners[0]);
      // the device's state goes on where it is, and on the host; and the same on the device again
      byte[] state = StateFile.toBytes("learner", learners[1]);
      Averages onHost = moved(host, config, state);
      Averages onDevice = moved(device, config, state);
      assertMetrics(onHost, onDevice, learners[0]);
      Averages again = moved(device, config, state);
      assertArrayEquals(values(onDevice, learners[0]), values(again, learners[0]));
    }
  }

  private static Averages moved(Compute compute, SacConfig config, byte[] state) {
    OffPolicyLearner learner = SacUpdates.learner(compute, config, OBSERVATIONS, ACTIONS);
    StateFile.fromBytes(state, "learner", learner);
    return train(compute, learner, config);
  }

  private static void assertMetrics(Averages expected, Averages actual, OffPolicyLearner learner) {
    double[] x = values(expected, learner);
    double[] y = values(actual, learner);
    for (int i = 0; i < x.length; i++) {
      String name = learner.metrics().get(i);
      assertEquals(Double.isNaN(x[i]), Double.isNaN(y[i]), name); // not measured
      if (!Double.isNaN(x[i])) {
        assertEquals(x[i], y[i], 1e-3 * Math.max(1, Math.abs(x[i])), name);
      }
    }
  }

  private static double[] values(Averages averages, OffPolicyLearner learner) {
    return learner.metrics().stream().mapToDouble(name -> averages.of(name)).toArray();
  }
}
