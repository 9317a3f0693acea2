package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deeprl4j.envs.toy.LegalMoves;
import org.junit.jupiter.api.Test;

/** What {@code rl check} says beside its findings. */
final class CheckTest {
  @Test
  void soundEnvironment_isPlayedAtRandom() {
    Cli check = Cli.run("check", "--env", "Pendulum-v1");
    assertEquals(0, check.exitCode(), check.err());
    String line = check.out().lines().skip(1).findFirst().orElseThrow();
    assertTrue(
        line.matches("10 episodes of random actions: mean return -1\\d{3}\\.\\d\\d ± .*200\\.0"),
        line);
    assertEquals(check.out(), Cli.run("check", "--env", "Pendulum-v1").out());
  }

  /** An illegal action would end it. */
  @Test
  void masks_areHeeded() {
    Cli check = Cli.run("check", "--env", LegalMoves.class.getName(), "--max-episode-steps", 20);
    assertEquals(0, check.exitCode(), check.err() + check.out());
    assertTrue(check.out().contains("random actions: mean return"), check.out());
  }

  /** It might never come to an end. */
  @Test
  void withoutAnEnd_nothingIsPlayed() {
    Cli check = Cli.run("check", "--env", LegalMoves.class.getName());
    assertEquals(0, check.exitCode(), check.err() + check.out());
    assertTrue(check.out().contains("no episode ended"), check.out());
    assertFalse(check.out().contains("random actions: mean"), check.out());
  }
}
