package org.deeprl4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;
import org.deeprl4j.algorithms.run.Evaluation;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.envs.rendering.Renderer;
import org.deeprl4j.mdp.ActionMasks;
import org.deeprl4j.mdp.EnvironmentException;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.policy.Policy;
import org.deeprl4j.policy.PolicyFile;
import org.deeprl4j.random.Rng;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * A run, the choice of one of its policies, and the options that evaluate, record and view share.
 */
final class Playback {
  /** The policies of a run. */
  enum Which {
    last,
    best
  }

  /** Receives episodes as they are played. */
  interface Audience {
    /** Called after each reset and step. {@code step} is the step taken, or null after a reset. */
    void see(Renderer renderer, @Nullable Step step) throws IOException;
  }

  @Parameters(paramLabel = "RUN", description = "Names the run directory.")
  private Path run;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seeds the episodes. Default: 10000 + the run's seed, as in training.")
  private @Nullable Long seed;

  @Option(
      names = "--policy",
      paramLabel = "WHICH",
      description = "Plays the last or the best policy of the run. Default: last.")
  private Which which = Which.last;

  @Mixin private final EnvironmentOption environment = new EnvironmentOption();

  @Option(
      names = "--kernels",
      paramLabel = "KIND",
      description = "Selects the kernels: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Compute.Kernels kernels = Compute.Kernels.AUTO;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Uses at most N threads. Default: ${DEFAULT-VALUE}.")
  private int threads = 1;

  static void requireEpisodes(int episodes) {
    if (episodes < 1) {
      throw new UserError("--episodes must be at least 1, not " + episodes);
    }
  }

  /** The configuration of the run, without programs that the user did not ask for. */
  RunConfig config() throws IOException {
    try {
      return Trust.confirmed(run, RunDirectory.readConfig(run), environment);
    } catch (NoSuchFileException e) {
      throw new UserError("there is no run in " + run);
    }
  }

  long seed(RunConfig config) {
    return seed == null ? config.evaluationSeed() : seed;
  }

  /** The name of the environment that is played: that of the run unless another one is given. */
  String environmentName(RunConfig config) {
    return environment.over(config).recorded();
  }

  Compute compute() {
    if (threads < 1) {
      throw new UserError("--threads must be at least 1, not " + threads);
    }
    return Compute.create(kernels, threads);
  }

  Policy policy(Compute compute) throws IOException {
    return PolicyFile.read(policyFile(run, which == Which.best), compute);
  }

  /** The file of a run's last or best policy. */
  static Path policyFile(Path run, boolean best) {
    Path file = RunDirectory.policyFile(run, best);
    if (!Files.exists(file)) {
      throw new UserError(
          best
              ? run + " has no best policy: it was trained without --evaluate-every"
              : run + " has no policy yet");
    }
    return file;
  }

  Supplier<Mdp> environments(RunConfig config, boolean rendered) {
    return environment.over(config).supplier(rendered);
  }

  /** What plays episodes of a run as it is recorded. */
  static Playback of(Path run) {
    Playback playback = new Playback();
    playback.run = run;
    return playback;
  }

  /**
   * Plays episodes with the policy's deterministic actions: the same ones that evaluate plays
   * first.
   */
  void play(int episodes, Audience audience) throws IOException {
    play(episodes, Integer.MAX_VALUE, audience);
  }

  /** As above, and leaves an episode after some steps. */
  void play(int episodes, int mostSteps, Audience audience) throws IOException {
    requireEpisodes(episodes);
    RunConfig config = config();
    try (Compute compute = compute()) {
      Policy policy = policy(compute);
      try (Mdp mdp = ActionMasks.of(environments(config, true).get())) {
        Evaluation.requireFit(policy, mdp);
        Renderer renderer = Renderer.of(mdp);
        Rng random = new Rng(seed(config));
        Step step = new Step(mdp.observationSpace().size());
        float[] action = new float[mdp.actionSpace().size()];
        float[] state = new float[policy.stateSize()];
        for (int e = 0; e < episodes; e++) {
          Arrays.fill(state, 0);
          step.clear();
          reset(mdp, random.split(), step, e);
          audience.see(renderer, null);
          for (int s = 0; s < mostSteps && !step.ended(); s++) {
            policy.act(step.observation(), 1, state, action);
            step.clear();
            step(mdp, action, step, e);
            audience.see(renderer, step);
          }
        }
      }
    }
  }

  private static void reset(Mdp mdp, Rng random, Step into, int episode) {
    try {
      mdp.reset(random, into.observation());
    } catch (RuntimeException | LinkageError | AssertionError e) {
      throw EnvironmentException.of(episode, "episode %d, reset".formatted(episode), e);
    }
  }

  private static void step(Mdp mdp, float[] action, Step into, int episode) {
    try {
      mdp.step(action, into);
    } catch (RuntimeException | LinkageError | AssertionError e) {
      throw EnvironmentException.of(episode, "episode %d, a step".formatted(episode), e);
    }
  }
}
