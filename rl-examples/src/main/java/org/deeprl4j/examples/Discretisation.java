package org.deeprl4j.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.deeprl4j.algorithms.dqn.Dqn;
import org.deeprl4j.algorithms.dqn.DqnConfig;
import org.deeprl4j.algorithms.ppo.Ppo;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.EvaluationResult;
import org.deeprl4j.algorithms.sac.Sac;
import org.deeprl4j.algorithms.sac.SacConfig;
import org.deeprl4j.algorithms.sac.SacDiscrete;
import org.deeprl4j.algorithms.sac.SacDiscreteConfig;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.schedule.Schedule;

/**
 * Compares continuous with discretised control of the arm. With each torque restricted to −k, 0 or
 * k there are 3⁷ = 2187 joint actions, and nothing tells the learner which of them are similar. All
 * algorithms get the same task, number of steps, networks, discount and updates.
 */
public final class Discretisation {
  private static final double GAMMA = 0.95;
  private static final int TARGETS = 200; // of an evaluation
  private static final int BATCH = 64; // a row of 2187 values is expensive
  private static final Schedule LEARNING_RATE = Schedule.linear(1e-3, 0);
  private static final List<Integer> NETWORKS = List.of(256, 256);

  private Discretisation() {}

  /** An algorithm in the comparison. */
  record Contender(String name, String environment, Function<TrainingSetup, Trainer> start) {}

  /** The results of one contender, averaged over seeds. */
  record Outcome(
      String name, String environment, double meanReturn, double successRate, double seconds) {}

  /**
   * Runs the comparison.
   *
   * @param arguments the number of environment steps, 50000 by default, and of seeds, 1 by default
   */
  public static void main(String[] arguments) {
    long steps = arguments.length > 0 ? Long.parseLong(arguments[0]) : 50_000;
    int seeds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1;
    System.out.printf("%d steps, mean of %d seeds, %d targets each%n", steps, seeds, TARGETS);
    System.out.printf(
        "%-13s %-17s %11s %9s %9s%n", "algorithm", "actions", "mean return", "success", "seconds");
    for (Contender contender : contenders()) {
      Outcome o = run(contender, steps, seeds, TARGETS);
      System.out.printf(
          "%-13s %-17s %11.2f %7.1f %% %9.0f%n",
          o.name(), o.environment(), o.meanReturn(), 100 * o.successRate(), o.seconds());
    }
  }

  /** Off-policy: one update of 64 transitions every 4 steps. On-policy: 10 passes over 2048. */
  static List<Contender> contenders() {
    SacConfig sac =
        SacConfig.defaults()
            .with(
                c ->
                    c.environments(4)
                        .learningStarts(2000)
                        .stepsPerRound(4)
                        .batchSize(BATCH)
                        .gamma(GAMMA)
                        .learningRate(LEARNING_RATE)
                        .hidden(NETWORKS));
    // With the default ratio, 0.98, the 2187 actions stay nearly equally likely.
    SacDiscreteConfig sacDiscrete =
        SacDiscreteConfig.defaults()
            .with(
                c ->
                    c.environments(4)
                        .learningStarts(2000)
                        .stepsPerRound(4)
                        .batchSize(BATCH)
                        .gamma(GAMMA)
                        .learningRate(LEARNING_RATE)
                        .hidden(NETWORKS)
                        .targetEntropyRatio(0.5));
    DqnConfig dqn =
        DqnConfig.defaults()
            .with(
                c ->
                    c.environments(4)
                        .learningStarts(2000)
                        .stepsPerRound(4)
                        .batchSize(BATCH)
                        .gamma(GAMMA)
                        .learningRate(LEARNING_RATE)
                        .hidden(NETWORKS)
                        .doubleQ(true)
                        .targetEveryUpdates(1)
                        .tau(0.005)
                        .explorationRate(
                            Schedule.piecewise(
                                new Schedule.Point(0, 1), new Schedule.Point(0.5, 0.05))));
    PpoConfig ppo =
        PpoConfig.defaults()
            .with(
                c ->
                    c.environments(8)
                        .rolloutSteps(256)
                        .batchSize(BATCH)
                        .gamma(GAMMA)
                        .learningRate(LEARNING_RATE)
                        .hidden(NETWORKS)
                        .normalizeObservations(true));
    String torques = "ArmReach";
    String choices = "ArmReachDiscrete";
    return List.of(
        new Contender("SAC", torques, s -> Sac.start(s, sac)),
        new Contender("PPO", torques, s -> Ppo.start(s, ppo)),
        new Contender("discrete SAC", choices, s -> SacDiscrete.start(s, sacDiscrete)),
        new Contender("DQN", choices, s -> Dqn.start(s, dqn)),
        new Contender("PPO", choices, s -> Ppo.start(s, ppo)));
  }

  /** Trains with the seeds from 1 to a given number, and evaluates on so many targets each. */
  static Outcome run(Contender contender, long steps, int seeds, int targets) {
    List<EvaluationResult> results = new ArrayList<>();
    long started = System.nanoTime();
    for (int seed = 1; seed <= seeds; seed++) {
      try (Compute compute = Compute.auto();
          Trainer trainer =
              contender
                  .start()
                  .apply(
                      new TrainingSetup(
                          () -> Environments.make(contender.environment()),
                          steps,
                          seed,
                          compute))) {
        while (!trainer.done()) {
          trainer.iterate();
        }
        results.add(
            Evaluation.run(
                () -> Environments.make(contender.environment()),
                trainer.policy(),
                targets,
                10_000 + seed));
      }
    }
    double seconds = (System.nanoTime() - started) / 1e9 / seeds;
    return new Outcome(
        contender.name(),
        contender.environment(),
        results.stream().mapToDouble(EvaluationResult::meanReturn).average().orElseThrow(),
        results.stream().mapToDouble(r -> r.successRate().orElseThrow()).average().orElseThrow(),
        seconds);
  }
}
