package org.deeprl4j.examples;

import java.util.random.RandomGenerator;
import org.deeprl4j.algorithms.ppo.Ppo;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.mdp.ActionCheck;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;

/** A custom environment, and PPO learning in it. */
public final class CustomEnvironment {
  private CustomEnvironment() {}

  /** A drifting boat, pushed left or right, has to stay within ten metres of its buoy. */
  public static final class Boat implements Mdp {
    private final Space observations = Box.unbounded(2);
    private final Space actions = new Discrete(2);
    private final ActionCheck check = new ActionCheck("Boat", actions);
    private RandomGenerator wind = RandomGenerator.getDefault();
    private double position;
    private double speed;
    private boolean running;

    @Override
    public Space observationSpace() {
      return observations;
    }

    @Override
    public Space actionSpace() {
      return actions;
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      wind = random;
      position = random.nextDouble(-1, 1);
      speed = 0;
      running = true;
      observe(observation);
    }

    @Override
    public void step(float[] action, Step next) {
      check.require(action);
      if (!running) {
        throw new IllegalStateException("Boat: reset before the next step");
      }
      speed += 0.1 * (action[0] == 1 ? 1 : -1) + 0.05 * wind.nextGaussian();
      position += 0.1 * speed;
      observe(next.observation());
      next.setReward(1 - Math.abs(position) / 10);
      next.setTerminated(Math.abs(position) > 10);
      running = !next.ended();
    }

    private void observe(float[] observation) {
      observation[0] = (float) position;
      observation[1] = (float) speed;
    }
  }

  /** Runs the example. */
  public static void main(String[] arguments) {
    System.out.printf("mean return %.1f of at most 200%n", run(50_000).meanReturn());
  }

  /** Trains for a number of steps, and evaluates over 20 episodes of 200 steps. */
  static EvaluationResult run(long steps) {
    PpoConfig config = PpoConfig.defaults().withEnvironments(8).withRolloutSteps(128);
    try (Compute compute = Compute.auto();
        Trainer trainer =
            Ppo.start(new TrainingSetup(CustomEnvironment::boat, steps, 1, compute), config)) {
      trainer.train();
      return Evaluation.run(CustomEnvironment::boat, trainer.policy(), 20, 10_001);
    }
  }

  static Mdp boat() {
    return new TimeLimit(new Boat(), 200);
  }
}
