package org.deeprl4j.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The examples run, and learn something. */
final class ExamplesTest {
  @Test
  void ppoPendulum() {
    double meanReturn = PpoPendulum.run(60_000).meanReturn();
    assertTrue(meanReturn > -600, "an untrained policy has about -1200, this one " + meanReturn);
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
