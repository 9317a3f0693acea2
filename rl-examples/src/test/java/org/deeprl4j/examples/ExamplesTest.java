package org.deeprl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deeprl4j.mdp.EnvironmentChecker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The examples run, and learn something. */
@Execution(ExecutionMode.CONCURRENT)
final class ExamplesTest {
  private static final String LONG =
      "it trains for many seconds, in .ci/run; LinearQuadraticTest shows that its algorithm learns";

  private static void assertSwingsUp(double meanReturn) {
    assertTrue(meanReturn > -300, "an untrained policy has about -1200, this one " + meanReturn);
  }

  /** What a reader copies passes the checker. */
  @Test
  void customEnvironment_keepsTheContract() {
    assertEquals(List.of(), EnvironmentChecker.check(CustomEnvironment::boat, 1));
  }

  @Test
  void ppoPendulum() {
    double meanReturn = PpoPendulum.run(60_000).meanReturn();
    assertTrue(meanReturn > -600, "an untrained policy has about -1200, this one " + meanReturn);
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "RL_SLOW", matches = "1", disabledReason = LONG)
  void sacPendulum() {
    assertSwingsUp(SacPendulum.run(7_000).meanReturn());
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "RL_SLOW", matches = "1", disabledReason = LONG)
  void sacVPendulum() {
    assertSwingsUp(SacVPendulum.run(8_000).meanReturn());
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "RL_SLOW", matches = "1", disabledReason = LONG)
  void td3Pendulum() {
    assertSwingsUp(Td3Pendulum.run(40_000).meanReturn());
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "RL_SLOW", matches = "1", disabledReason = LONG)
  void ddpgPendulum() {
    assertSwingsUp(DdpgPendulum.run(12_000).meanReturn());
  }

  @Test
  void dqnCartPole() {
    double meanReturn = DqnCartPole.run(30_000).meanReturn();
    assertTrue(meanReturn > 200, "a random policy has about 20, this one " + meanReturn);
  }

  @Test
  void sacDiscreteCartPole() {
    double meanReturn = SacDiscreteCartPole.run(40_000).meanReturn();
    assertTrue(meanReturn > 200, "a random policy has about 20, this one " + meanReturn);
  }

  @Test
  void trpoCartPole() {
    double meanReturn = TrpoCartPole.run(40_000).meanReturn();
    assertTrue(meanReturn > 200, "a random policy has about 20, this one " + meanReturn);
  }

  @Test
  void a2cCartPole() {
    double meanReturn = A2cCartPole.run(200_000).meanReturn();
    assertTrue(meanReturn > 150, "a random policy has about 20, this one " + meanReturn);
  }

  @Test
  void a3cCartPole() {
    double meanReturn = A3cCartPole.run(300_000).meanReturn();
    assertTrue(meanReturn > 100, "a random policy has about 20, this one " + meanReturn);
  }

  @Test
  void reinforceCartPole() {
    double meanReturn = ReinforceCartPole.run(60_000).meanReturn();
    assertTrue(meanReturn > 150, "a random policy has about 20, this one " + meanReturn);
  }

  @Test
  void discretisation() {
    var outcomes =
        Discretisation.contenders().stream().map(c -> Discretisation.run(c, 2100, 1, 20)).toList();
    for (Discretisation.Outcome outcome : outcomes) {
      double meanReturn = outcome.meanReturn();
      assertTrue(meanReturn > -150 && meanReturn < 0, outcome.toString());
    }
  }

  @Test
  void monotonicImprovement() {
    double part = MonotonicImprovement.run(0.1);
    assertTrue(part > 0.5 && part <= 1, "part of the way: " + part);
  }

  @Test
  void hindsightPoint() {
    double meanReturn = HindsightPoint.run(8_000).meanReturn();
    assertTrue(meanReturn > -12, "at worst -50, not " + meanReturn);
  }

  @Test
  void customEnvironment() {
    double meanReturn = CustomEnvironment.run(20_000).meanReturn();
    assertTrue(meanReturn > 150, "of at most 200, not " + meanReturn);
  }

  @Test
  void customNetwork() {
    double meanReturn = CustomNetwork.run(4_000).meanReturn();
    assertTrue(meanReturn > 80, "per cent, not " + meanReturn);
  }
}
