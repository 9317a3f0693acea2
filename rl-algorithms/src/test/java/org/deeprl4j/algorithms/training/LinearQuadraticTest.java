package org.deeprl4j.algorithms.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.deeprl4j.algorithms.ddpg.Ddpg;
import org.deeprl4j.algorithms.ddpg.DdpgConfig;
import org.deeprl4j.algorithms.learning.ActionNoise;
import org.deeprl4j.algorithms.sac.Sac;
import org.deeprl4j.algorithms.sac.SacConfig;
import org.deeprl4j.algorithms.sac.SacV;
import org.deeprl4j.algorithms.sac.SacVConfig;
import org.deeprl4j.algorithms.td3.Td3;
import org.deeprl4j.algorithms.td3.Td3Config;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.schedule.Schedule;
import org.deeprl4j.space.Box;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A mass in syrup, pushed towards 0 at a quadratic cost: x′ = Ax + Bu, r = −(xᵀQx + Ru²). The best
 * policy is linear, u = −Kx, and its return −xᵀPx, with P the fixed point of the discounted Riccati
 * equation
 *
 * <pre>
 * P = Q + γAᵀPA − γAᵀPB K,   K = (R + γBᵀPB)⁻¹ γBᵀPA.
 * </pre>
 */
@Execution(ExecutionMode.CONCURRENT)
final class LinearQuadraticTest {
  private static final double GAMMA = 0.95;
  private static final double R = 0.3;
  private static final double[] Q = {1, 0.1}; // of position and velocity, diagonal
  private static final double A00 = 0.98; // A = [A00 A01; 0 A11]
  private static final double A01 = 0.2;
  private static final double A11 = 0.8;
  private static final double B1 = 0.4; // B = [0 B1]ᵀ
  private static final double MOST = 2; // more than the best policy asks for from the starts below

  /** The mass; an observation is its position and its velocity. */
  static final class Mass extends Simulation {
    Mass() {
      super(2, Box.of(-10, 10, 2), Box.of((float) -MOST, (float) MOST, 1));
    }

    @Override
    protected void start(RandomGenerator random) {
      state[0] = random.nextDouble(-1, 1);
      state[1] = random.nextDouble(-1, 1);
    }

    @Override
    protected void advance(float[] action, Step next) {
      double u = Math.min(Math.max(action[0], -MOST), MOST);
      next.setReward(-(Q[0] * state[0] * state[0] + Q[1] * state[1] * state[1] + R * u * u));
      state[0] = A00 * state[0] + A01 * state[1];
      state[1] = A11 * state[1] + B1 * u;
    }

    @Override
    protected void observe(float[] observation) {
      observation[0] = (float) state[0];
      observation[1] = (float) state[1];
    }
  }

  /** P by iteration, [P00, P01, P11], then K. */
  private static double[] riccati() {
    double p00 = 0;
    double p01 = 0;
    double p11 = 0;
    double k0 = 0;
    double k1 = 0;
    for (int i = 0; i < 10_000; i++) {
      double h0 = B1 * p01 * A00; // AᵀPB
      double h1 = B1 * (p01 * A01 + p11 * A11);
      double s = R + GAMMA * B1 * B1 * p11;
      k0 = GAMMA * h0 / s;
      k1 = GAMMA * h1 / s;
      double n00 = A00 * A00 * p00; // AᵀPA
      double n01 = A00 * (p00 * A01 + p01 * A11);
      double n11 = A01 * A01 * p00 + 2 * A01 * A11 * p01 + A11 * A11 * p11;
      p00 = Q[0] + GAMMA * (n00 - h0 * k0);
      p01 = GAMMA * (n01 - h0 * k1);
      p11 = Q[1] + GAMMA * (n11 - h1 * k1);
    }
    return new double[] {p00, p01, p11, k0, k1};
  }

  private static final double[][] STARTS = {{1, 0}, {-1, 0.5}, {0.5, -1}, {-0.3, -0.8}, {0.8, 0.9}};

  private interface Control {
    double act(double x, double v);
  }

  /** The discounted return of a policy, summed over the starts. */
  private static double discountedReturn(Control control) {
    double sum = 0;
    for (double[] start : STARTS) {
      Mass mass = new Mass();
      mass.setState(start);
      Step next = new Step(2);
      double discount = 1;
      for (int t = 0; t < 300; t++) {
        float u = (float) control.act(mass.state()[0], mass.state()[1]);
        mass.step(new float[] {u}, next);
        sum += discount * next.reward();
        discount *= GAMMA;
      }
    }
    return sum;
  }

  private static double optimalReturn() {
    double[] p = riccati();
    double sum = 0;
    for (double[] s : STARTS) {
      sum -= p[0] * s[0] * s[0] + 2 * p[1] * s[0] * s[1] + p[2] * s[1] * s[1];
    }
    return sum;
  }

  @Test
  void riccatiSolution_isWhatItsGainEarns() {
    double[] solution = riccati();
    double earned = discountedReturn((x, v) -> -solution[3] * x - solution[4] * v);
    assertEquals(optimalReturn(), earned, 1e-4 * Math.abs(earned));
  }

  static Stream<OffPolicyTrainerTest.Case> algorithms() {
    List<Integer> networks = List.of(64, 64);
    Schedule rate = Schedule.linear(1e-3, 0);
    return Stream.of(
        new OffPolicyTrainerTest.Case(
            "ddpg",
            "",
            setup ->
                Ddpg.start(
                    setup,
                    DdpgConfig.defaults()
                        .with(
                            c ->
                                c.gamma(GAMMA)
                                    .tau(0.01)
                                    .hidden(networks)
                                    .batchSize(128)
                                    .learningStarts(1000)
                                    .actorLearningRate(rate)
                                    .criticLearningRate(rate)
                                    .noise(ActionNoise.Kind.GAUSSIAN)
                                    .noiseSigma(Schedule.constant(0.3))))),
        new OffPolicyTrainerTest.Case(
            "td3",
            "",
            setup ->
                Td3.start(
                    setup,
                    Td3Config.defaults()
                        .with(
                            c ->
                                c.gamma(GAMMA)
                                    .tau(0.01)
                                    .hidden(networks)
                                    .batchSize(128)
                                    .learningStarts(300)
                                    .bufferSize(10_000)
                                    .actorLearningRate(rate)
                                    .criticLearningRate(rate)
                                    .noiseSigma(Schedule.constant(0.3))
                                    .targetNoise(0.02)
                                    .tau(0.02)))),
        new OffPolicyTrainerTest.Case(
            "sac",
            "",
            setup ->
                Sac.start(
                    setup,
                    SacConfig.defaults()
                        .with(
                            c ->
                                c.gamma(GAMMA)
                                    .tau(0.01)
                                    .hidden(networks)
                                    .batchSize(128)
                                    .learningStarts(300)
                                    .bufferSize(10_000)
                                    .learningRate(rate)
                                    .targetEntropy(-2.0)))),
        new OffPolicyTrainerTest.Case(
            "sac-v",
            "",
            setup ->
                SacV.start(
                    setup,
                    SacVConfig.defaults()
                        .with(
                            c ->
                                c.gamma(GAMMA)
                                    .tau(0.01)
                                    .hidden(networks)
                                    .batchSize(128)
                                    .learningStarts(300)
                                    .bufferSize(10_000)
                                    .learningRate(rate)
                                    .fixedTemperature(0.05)
                                    .tau(0.02)))));
  }

  @Tag("training")
  @ParameterizedTest
  @MethodSource("algorithms")
  void learnedPolicy_isWithinFivePercentOfTheOptimum(OffPolicyTrainerTest.Case algorithm) {
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 2);
        Trainer trainer =
            algorithm
                .starter()
                .start(new TrainingSetup(LinearQuadraticTest::episodes, 30_000, 1, compute))) {
      while (!trainer.done()) {
        trainer.iterate();
      }
      Policy policy = trainer.policy();
      double earned = discountedReturn((x, v) -> policy.act(new float[] {(float) x, (float) v})[0]);
      double optimal = optimalReturn();
      assertTrue(earned >= 1.05 * optimal, earned + " against " + optimal);
      double[] k = riccati();
      double u = policy.act(new float[] {0.5f, 0.2f})[0];
      assertEquals(-k[3] * 0.5 - k[4] * 0.2, u, 0.25, "the gain");
    }
  }

  private static Mdp episodes() {
    return new TimeLimit(new Mass(), 25);
  }
}
