package org.deeprl4j.algorithms.run;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.deeprl4j.algorithms.configuration.Require;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides a run, and what it ran on: the content of {@code config.json}.
 *
 * @param format of the run directory, {@link #FORMAT}
 * @param algorithm its id
 * @param environment its id, or the name of a class
 * @param classpath where that class was found beyond the program's own class path, null if nowhere
 *     else
 * @param python the interpreter of a Gymnasium environment, null for the default
 * @param maxEpisodeSteps where episodes are truncated, null to leave that to the environment
 * @param totalSteps environment steps of the whole run
 * @param seed decides every random number of the run
 * @param preset the name of the preset that was applied, null if none was
 * @param configuration every hyper-parameter
 * @param checkpointEvery steps from checkpoint to checkpoint, 0 for only one at the end
 * @param evaluateEvery steps from evaluation to evaluation, 0 for only one at the end
 * @param evaluationEpisodes episodes of each evaluation, 0 for no evaluation at all
 * @param threads that work may use
 * @param kernels that were asked for
 * @param compute the line that says which kernels ran
 * @param versions of this library, Java and ND4J, and this library's commit, where known
 * @param commandLine the arguments that started the run
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record RunConfig(
    int format,
    String algorithm,
    String environment,
    @Nullable String classpath,
    @Nullable String python,
    @Nullable Integer maxEpisodeSteps,
    long totalSteps,
    long seed,
    @Nullable String preset,
    ObjectNode configuration,
    long checkpointEvery,
    long evaluateEvery,
    int evaluationEpisodes,
    int threads,
    String kernels,
    String compute,
    Map<String, String> versions,
    List<String> commandLine) {

  /** Counts the changes that make older directories unreadable: other names, other state. */
  public static final int FORMAT = 2;

  /** Checks every range. */
  public RunConfig {
    Require.atLeast("totalSteps", totalSteps, 1);
    Require.atLeast("checkpointEvery", checkpointEvery, 0);
    Require.atLeast("evaluateEvery", evaluateEvery, 0);
    Require.atLeast("evaluationEpisodes", evaluationEpisodes, 0);
    Require.atLeast("threads", threads, 1);
  }

  /**
   * The seed of the run's evaluations: another one than training's, and the same for all of them.
   */
  public long evaluationSeed() {
    return ~seed;
  }
}
