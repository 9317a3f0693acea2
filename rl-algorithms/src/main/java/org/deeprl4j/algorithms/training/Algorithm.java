package org.deeprl4j.algorithms.training;

import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.configuration.Presets;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.DeployedPolicy;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.DivergenceException;

/**
 * An algorithm as the registry, configuration files and the command line present it, and the
 * shortest way to train with it:
 *
 * <pre>{@code
 * Supplier<Mdp> poles = () -> Environments.make("CartPole-v1");
 * DeployedPolicy policy = Algorithms.PPO.train(poles, 50_000);
 * }</pre>
 *
 * @param id in lower case: {@code ppo}
 * @param title one line for lists
 * @param defaults the default configuration
 * @param actions checks whether the algorithm can learn with an action space; throws {@link
 *     IllegalArgumentException} if not, saying what it needs
 * @param starter starts a run
 * @param <C> the type of its configuration, a record of its hyper-parameters
 */
public record Algorithm<C extends Record>(
    String id,
    String title,
    C defaults,
    Consumer<Space> actions,
    BiFunction<TrainingSetup, C, Trainer> starter) {

  /**
   * Checks that the algorithm can learn with an action space.
   *
   * @throws IllegalArgumentException if not, saying what it needs and which algorithms can
   */
  public void checkActions(Space space) {
    if (space == null) {
      throw new IllegalArgumentException("actionSpace() returns null: an environment needs one");
    }
    actions.accept(space);
  }

  /**
   * The defaults with the values of a preset, for {@link #train(Supplier, long, long, Record)}.
   *
   * @param name a preset of this algorithm; one that is an environment's id is tuned for it
   * @throws IllegalArgumentException if there is none; the message suggests similar names
   */
  public C preset(String name) {
    return Configurations.bind(defaults, List.of(Presets.find(id, name).layer()));
  }

  /** Starts a run. */
  public Trainer start(TrainingSetup setup, C configuration) {
    return starter.apply(setup, configuration);
  }

  /** As {@link #train(Supplier, long, long, Record)}, with seed 1 and the defaults. */
  public DeployedPolicy train(Supplier<? extends Mdp> environment, long steps) {
    return train(environment, steps, 1, defaults);
  }

  /**
   * Trains to the end on all cores and keeps nothing but the policy. {@link #start} is for a run
   * that is watched, saved or stopped on its way.
   *
   * @param environment creates a new environment, with its time limit, at each call
   * @param steps environment steps, at least 1
   * @param seed seeds every random number: the same policy for the same seed, on one machine
   * @param configuration the hyper-parameters: {@link #defaults}, a {@link #preset} or others
   * @return the final policy
   * @throws IllegalArgumentException if the algorithm cannot learn in the environment, or the steps
   *     end before it learns
   * @throws DivergenceException if a loss, a gradient, a parameter or an action became NaN or
   *     infinite
   */
  public DeployedPolicy train(
      Supplier<? extends Mdp> environment, long steps, long seed, C configuration) {
    Require.atLeast("steps", steps, 1);
    try (Mdp one = environment.get()) {
      checkActions(one.actionSpace());
    }
    try (Compute compute = Compute.auto();
        Trainer trainer =
            start(new TrainingSetup(environment, steps, seed, compute), configuration)) {
      trainer.train();
      return DeployedPolicy.of(trainer.policy());
    }
  }
}
