package org.deeprl4j.algorithms;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.deeprl4j.algorithms.a2c.A2c;
import org.deeprl4j.algorithms.a2c.A2cConfig;
import org.deeprl4j.algorithms.a3c.A3c;
import org.deeprl4j.algorithms.a3c.A3cConfig;
import org.deeprl4j.algorithms.asyncq.AsyncQ;
import org.deeprl4j.algorithms.asyncq.AsyncQConfig;
import org.deeprl4j.algorithms.configuration.Require;
import org.deeprl4j.algorithms.ddpg.Ddpg;
import org.deeprl4j.algorithms.ddpg.DdpgConfig;
import org.deeprl4j.algorithms.dqn.Dqn;
import org.deeprl4j.algorithms.dqn.DqnConfig;
import org.deeprl4j.algorithms.ppo.Ppo;
import org.deeprl4j.algorithms.ppo.PpoConfig;
import org.deeprl4j.algorithms.reinforce.Reinforce;
import org.deeprl4j.algorithms.reinforce.ReinforceConfig;
import org.deeprl4j.algorithms.sac.Sac;
import org.deeprl4j.algorithms.sac.SacConfig;
import org.deeprl4j.algorithms.sac.SacDiscrete;
import org.deeprl4j.algorithms.sac.SacDiscreteConfig;
import org.deeprl4j.algorithms.sac.SacV;
import org.deeprl4j.algorithms.sac.SacVConfig;
import org.deeprl4j.algorithms.td3.Td3;
import org.deeprl4j.algorithms.td3.Td3Config;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.algorithms.trpo.Npg;
import org.deeprl4j.algorithms.trpo.NpgConfig;
import org.deeprl4j.algorithms.trpo.Trpo;
import org.deeprl4j.algorithms.trpo.TrpoConfig;
import org.deeprl4j.distributions.Distributions;
import org.deeprl4j.policy.LegalActions;
import org.deeprl4j.space.Space;
import org.deeprl4j.text.Suggestions;

/** All algorithms, by the ids that the command line and configuration files use. */
public final class Algorithms {
  /** {@link Ppo}. */
  public static final Algorithm<PpoConfig> PPO =
      new Algorithm<>(
          "ppo",
          "Proximal policy optimisation (Schulman et al. 2017)",
          PpoConfig.defaults(),
          new Needs(Distributions::forActionSpace),
          Ppo::start);

  /** {@link Trpo}. */
  public static final Algorithm<TrpoConfig> TRPO =
      new Algorithm<>(
          "trpo",
          "Trust region policy optimisation (Schulman et al. 2015)",
          TrpoConfig.defaults(),
          new Needs(Distributions::forActionSpace),
          Trpo::start);

  /** {@link Npg}. */
  public static final Algorithm<NpgConfig> NPG =
      new Algorithm<>(
          "npg",
          "Natural policy gradient (Kakade 2001)",
          NpgConfig.defaults(),
          new Needs(Distributions::forActionSpace),
          Npg::start);

  /** {@link Reinforce}. */
  public static final Algorithm<ReinforceConfig> REINFORCE =
      new Algorithm<>(
          "reinforce",
          "REINFORCE, with or without a baseline (Williams 1992)",
          ReinforceConfig.defaults(),
          new Needs(Distributions::forActionSpace),
          Reinforce::start);

  /** {@link A2c}. */
  public static final Algorithm<A2cConfig> A2C =
      new Algorithm<>(
          "a2c",
          "Advantage actor-critic, the synchronous form of A3C (Mnih et al. 2016)",
          A2cConfig.defaults(),
          new Needs(Distributions::forActionSpace),
          A2c::start);

  /** {@link A3c}. */
  public static final Algorithm<A3cConfig> A3C =
      new Algorithm<>(
          "a3c",
          "Asynchronous advantage actor-critic (Mnih et al. 2016)",
          A3cConfig.defaults(),
          new Needs(Distributions::forActionSpace),
          A3c::start);

  /** One-step Q-learning by asynchronous actor-learners. */
  public static final Algorithm<AsyncQConfig> ASYNC_Q =
      asyncQ(
          "async-q",
          "Asynchronous one-step Q-learning (Mnih et al. 2016)",
          AsyncQ.Method.ONE_STEP_Q);

  /** One-step Sarsa by asynchronous actor-learners. */
  public static final Algorithm<AsyncQConfig> ASYNC_SARSA =
      asyncQ(
          "async-sarsa",
          "Asynchronous one-step Sarsa (Mnih et al. 2016)",
          AsyncQ.Method.ONE_STEP_SARSA);

  /** n-step Q-learning by asynchronous actor-learners. */
  public static final Algorithm<AsyncQConfig> ASYNC_N_STEP_Q =
      asyncQ(
          "async-nstep-q",
          "Asynchronous n-step Q-learning (Mnih et al. 2016)",
          AsyncQ.Method.N_STEP_Q);

  /** {@link Sac}. */
  public static final Algorithm<SacConfig> SAC =
      new Algorithm<>(
          "sac",
          "Soft actor-critic with a tuned temperature (Haarnoja et al. 2018)",
          SacConfig.defaults(),
          new Needs(LegalActions::boundedBox),
          Sac::start);

  /** {@link SacV}. */
  public static final Algorithm<SacVConfig> SAC_V =
      new Algorithm<>(
          "sac-v",
          "Soft actor-critic with a state-value network and a fixed temperature (Haarnoja et al. 2018)",
          SacVConfig.defaults(),
          new Needs(LegalActions::boundedBox),
          SacV::start);

  /** {@link SacDiscrete}. */
  public static final Algorithm<SacDiscreteConfig> SAC_DISCRETE =
      new Algorithm<>(
          "sac-discrete",
          "Soft actor-critic for discrete actions (Christodoulou 2019)",
          SacDiscreteConfig.defaults(),
          new Needs(Require::discrete),
          SacDiscrete::start);

  /** {@link Td3}. */
  public static final Algorithm<Td3Config> TD3 =
      new Algorithm<>(
          "td3",
          "Twin delayed deep deterministic policy gradient (Fujimoto et al. 2018)",
          Td3Config.defaults(),
          new Needs(LegalActions::boundedBox),
          Td3::start);

  /** {@link Ddpg}. */
  public static final Algorithm<DdpgConfig> DDPG =
      new Algorithm<>(
          "ddpg",
          "Deep deterministic policy gradient (Lillicrap et al. 2016)",
          DdpgConfig.defaults(),
          new Needs(LegalActions::boundedBox),
          Ddpg::start);

  /** {@link Dqn}. */
  public static final Algorithm<DqnConfig> DQN =
      new Algorithm<>(
          "dqn",
          "Deep Q-learning, optionally double and dueling (Mnih et al. 2015)",
          DqnConfig.defaults(),
          new Needs(Require::discrete),
          Dqn::start);

  private static final List<Algorithm<?>> ALL =
      List.of(
          PPO,
          TRPO,
          NPG,
          REINFORCE,
          A2C,
          A3C,
          ASYNC_Q,
          ASYNC_SARSA,
          ASYNC_N_STEP_Q,
          SAC,
          SAC_V,
          SAC_DISCRETE,
          TD3,
          DDPG,
          DQN);

  /**
   * What an algorithm needs of actions. A refusal names the algorithms that learn with the actions
   * that there are.
   *
   * @param check throws {@link IllegalArgumentException} for spaces that the algorithm does not
   *     take
   */
  private record Needs(Consumer<Space> check) implements Consumer<Space> {
    @Override
    public void accept(Space actions) {
      try {
        check.accept(actions);
      } catch (IllegalArgumentException e) {
        String able =
            ALL.stream()
                .filter(algorithm -> takes(algorithm.actions(), actions))
                .<String>map(Algorithm::id)
                .collect(Collectors.joining(", "));
        throw new IllegalArgumentException(
            able.isEmpty() ? e.getMessage() : e.getMessage() + "; algorithms for these: " + able,
            e);
      }
    }

    private static boolean takes(Consumer<Space> needs, Space actions) {
      try {
        (needs instanceof Needs known ? known.check : needs).accept(actions);
        return true;
      } catch (IllegalArgumentException e) {
        return false;
      }
    }
  }

  private Algorithms() {}

  /** Every algorithm of the library, in display order. */
  public static List<Algorithm<?>> all() {
    return ALL;
  }

  /**
   * The algorithm with an id.
   *
   * @throws IllegalArgumentException if there is none; the message suggests similar names
   */
  public static Algorithm<?> find(String id) {
    return ALL.stream()
        .filter(algorithm -> algorithm.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                Suggestions.unknown(
                    "algorithm", id, ALL.stream().<String>map(Algorithm::id).toList()));
  }

  private static Algorithm<AsyncQConfig> asyncQ(String id, String title, AsyncQ.Method method) {
    return new Algorithm<>(
        id,
        title,
        AsyncQConfig.defaults(),
        new Needs(Require::discrete),
        (setup, config) -> AsyncQ.start(setup, config, method));
  }
}
