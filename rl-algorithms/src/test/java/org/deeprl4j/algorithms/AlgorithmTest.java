package org.deeprl4j.algorithms;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.DeployedPolicy;
import org.deeprl4j.policy.PolicyFile;
import org.deeprl4j.schedule.Schedule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shortest way to train. */
final class AlgorithmTest {
  private static final Supplier<Mdp> POLES = () -> Environments.make("CartPole-v1");
  private static final PpoConfig SHORT =
      PpoConfig.defaults().withRolloutSteps(256).withEpochs(3).withNormalizeObservations(true);

  /** Near the upright, as far as the pole goes, and beyond. */
  private static final float[] OBSERVATIONS = {
    0, 0, 0.05f, 0, 0.1f, 0.4f, -0.02f, -0.6f, -1.5f, 1, 0.2f, 2, 3, -3, -0.3f, 0.1f
  };

  @TempDir Path folder;

  private static float[] actions(DeployedPolicy policy) {
    float[] actions = new float[OBSERVATIONS.length / 4];
    policy.act(OBSERVATIONS, actions.length, actions);
    return actions;
  }

  private static Trainer start(Compute compute, long seed) {
    return Algorithms.PPO.start(new TrainingSetup(POLES, 1024, seed, compute), SHORT);
  }

  @Test
  void train_givesThePolicyOfATrainerWithTheSameSeed() throws Exception {
    Path one = folder.resolve("one");
    Path other = folder.resolve("other");
    PolicyFile.write(one, Algorithms.PPO.train(POLES, 1024, 5, SHORT));
    try (Compute compute = Compute.auto();
        Trainer trainer = start(compute, 5)) {
      trainer.train();
      PolicyFile.write(other, trainer.policy());
    }
    assertArrayEquals(Files.readAllBytes(other), Files.readAllBytes(one));
    PolicyFile.write(other, Algorithms.PPO.train(POLES, 1024, 6, SHORT));
    assertFalse(Arrays.equals(Files.readAllBytes(other), Files.readAllBytes(one)));
  }

  @Test
  void savedAndLoaded_actsTheSame() throws Exception {
    DeployedPolicy policy = Algorithms.PPO.train(POLES, 1024, 5, SHORT);
    Path file = folder.resolve("pole.bin");
    PolicyFile.write(file, policy);
    DeployedPolicy loaded = PolicyFile.read(file);
    assertArrayEquals(actions(policy), actions(loaded));
    assertEquals(
        Evaluation.run(POLES, policy, 5, 7).returns(),
        Evaluation.run(POLES, loaded, 5, 7).returns());
  }

  /** Parameters and the statistics of observations are those of the moment, on any kernels. */
  @Test
  void aDeployedPolicy_staysAsItWas() throws Exception {
    Path before = folder.resolve("before");
    Path after = folder.resolve("after");
    for (Compute.Kernels kernels :
        new Compute.Kernels[] {Compute.Kernels.JAVA, Compute.Kernels.ND4J}) {
      DeployedPolicy policy;
      try (Compute compute = Compute.create(kernels, 1);
          Trainer trainer = start(compute, 5)) {
        trainer.iterate();
        policy = DeployedPolicy.of(trainer.policy());
        PolicyFile.write(before, trainer.policy());
        trainer.train();
        PolicyFile.write(after, trainer.policy());
      }
      byte[] kept = Files.readAllBytes(before);
      assertFalse(Arrays.equals(kept, Files.readAllBytes(after)), "training has changed nothing");
      PolicyFile.write(after, policy);
      assertArrayEquals(kept, Files.readAllBytes(after), kernels.name());
    }
  }

  @Test
  void preset_isTheDefaultsWithItsValues() {
    PpoConfig tuned = Algorithms.PPO.preset("CartPole-v1");
    assertEquals(8, tuned.environments());
    assertEquals(Schedule.linear(1e-3, 0), tuned.learningRate());
    assertEquals(PpoConfig.defaults().hidden(), tuned.hidden());
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Algorithms.PPO.preset("CartPole-v0"));
    assertTrue(String.valueOf(e.getMessage()).contains("CartPole-v1"), e.getMessage());
  }

  @Test
  void whatCannotLearn_isRefusedAtOnce() {
    IllegalArgumentException none =
        assertThrows(IllegalArgumentException.class, () -> Algorithms.PPO.train(POLES, 0));
    assertEquals("steps must be at least 1, not 0", none.getMessage());
    IllegalArgumentException actions =
        assertThrows(IllegalArgumentException.class, () -> Algorithms.SAC.train(POLES, 100_000));
    assertTrue(String.valueOf(actions.getMessage()).contains("Discrete"), actions.getMessage());
  }
}
