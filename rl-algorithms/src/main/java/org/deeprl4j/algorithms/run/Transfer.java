package org.deeprl4j.algorithms.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.deeprl4j.algorithms.learning.Temperature;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.mdp.VectorEnv;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.NetworkSpec;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.PolicyFile;
import org.deeprl4j.replay.ReplayBuffer;
import org.deeprl4j.state.FiniteState;
import org.deeprl4j.state.StateFile;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.StateParts;
import org.deeprl4j.state.Stateful;
import org.deeprl4j.stats.RunningStatistics;
import org.jspecify.annotations.Nullable;

/**
 * What a run takes from another one at its start: the networks that both have, the statistics that
 * normalise observations and rewards, SAC's temperature and, if asked for, the replay buffer.
 * Optimisers, schedules and episodes begin anew. The algorithm, the settings and the environment
 * may be others, as long as the policy is a network of the same shape and of the same spaces.
 *
 * <p>Only numbers and names are read, whoever made the files: see {@code docs/security.md}.
 */
public final class Transfer {
  private static final String STATISTICS = "encoder/statistics";
  private static final String REPLAY = "replay";
  private static final String NETWORK = "network";
  private static final String TARGET = "target";
  private static final String OF_CHECKPOINTS = "trainer/";

  private final Path given;
  private final Path policy;
  private final @Nullable Path checkpoint;
  private final @Nullable RunConfig config;
  private final boolean replay;

  private Transfer(
      Path given,
      Path policy,
      @Nullable Path checkpoint,
      @Nullable RunConfig config,
      boolean replay) {
    this.given = given;
    this.policy = policy;
    this.checkpoint = checkpoint;
    this.config = config;
    this.replay = replay;
  }

  /**
   * Looks at what there is to take.
   *
   * @param path a run directory; one of its checkpoints; or a policy file, which holds the policy
   *     and its normalisation alone
   * @throws NoSuchFileException if there is nothing
   * @throws StateFormatException if it is damaged, or neither of them
   */
  public static Transfer from(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    if (Files.isDirectory(path)) {
      return ofRun(path, path, null);
    }
    String kind = StateFile.kind(path);
    if (kind.equals(Checkpoints.KIND)) {
      Path directory = path.toAbsolutePath().getParent();
      if (directory == null) {
        throw new NoSuchFileException(path.toString());
      }
      return ofRun(path, directory, path);
    }
    return new Transfer(path, path, null, null, false);
  }

  private static Transfer ofRun(Path given, Path directory, @Nullable Path chosen)
      throws IOException {
    RunConfig config = RunDirectory.readConfig(directory);
    Path policy = RunDirectory.policyFile(directory, false);
    if (!Files.exists(policy)) {
      throw new NoSuchFileException(policy.toString(), null, "the run has no policy yet");
    }
    Path checkpoint =
        chosen != null ? chosen : new Checkpoints(directory, RunConfig.KEEP).newestWhole();
    return new Transfer(given, policy, checkpoint, config, false);
  }

  /** The same with the replay buffer. Its episodes that had not ended are cut off. */
  public Transfer withReplay() {
    return new Transfer(given, policy, checkpoint, config, true);
  }

  /** What {@code config.json} says of it. */
  public RunConfig.Source source() {
    return new RunConfig.Source(
        given.toAbsolutePath().normalize().toString(),
        config == null ? null : config.algorithm(),
        config == null ? null : config.environment(),
        replay);
  }

  /**
   * The wrappers around the environment that it was trained in, the innermost first; none for a
   * policy file, which does not tell them.
   */
  public List<String> wrappers() {
    return config == null || config.wrappers() == null ? List.of() : config.wrappers();
  }

  /**
   * Takes it over.
   *
   * @param trainer in its initial state. Modified; not to be used if this fails.
   * @return what was taken and what begins anew, in a sentence
   * @throws IllegalArgumentException if spaces, networks or normalisation differ, or there is no
   *     replay buffer where one is asked for
   * @throws StateFormatException if a file is damaged, or holds something of another size
   */
  public String into(Trainer trainer) throws IOException {
    if (!(trainer.policy() instanceof NetworkPolicy own)) {
      throw new IllegalArgumentException(
          "only a NetworkPolicy can be taken over, not a " + trainer.policy().getClass().getName());
    }
    requireFit(own);
    Map<String, Stateful> parts = StateParts.of(trainer, Transfer::isPart);
    Set<String> found = new LinkedHashSet<>();
    takePolicy(own, parts, found);
    takeRest(parts, found);
    boolean remembered = replay && takeReplay(parts);
    List<String> anew =
        parts.keySet().stream()
            .filter(path -> parts.get(path) instanceof Network && !found.contains(path))
            .filter(path -> !followsFound(path, parts, found))
            .toList();
    return "%s gives %s%s%s"
        .formatted(
            given,
            String.join(", ", found),
            remembered && parts.get(REPLAY) instanceof ReplayBuffer filled
                ? ", " + filled.size() + " transitions"
                : "",
            anew.isEmpty() ? "" : "; drawn anew: " + String.join(", ", anew));
  }

  private static boolean isPart(Stateful part) {
    return part instanceof Network
        || part instanceof RunningStatistics
        || part instanceof Temperature
        || part instanceof ReplayBuffer
        || part instanceof VectorEnv;
  }

  private void takePolicy(NetworkPolicy own, Map<String, Stateful> parts, Set<String> found)
      throws IOException {
    Map<String, Stateful> wanted = new HashMap<>();
    wanted.put("numbers/network", new FiniteState(own.network()));
    Stateful statistics = parts.get(STATISTICS);
    if (statistics != null) {
      wanted.put("numbers/" + STATISTICS, new FiniteState(statistics));
      found.add(STATISTICS);
    }
    StateParts.read(policy, "policy", wanted);
    parts.forEach(
        (path, part) -> {
          if (part == own.network()) {
            found.add(path);
          }
        });
  }

  /** From the checkpoint what it has under the same path; targets without one start as equals. */
  private void takeRest(Map<String, Stateful> parts, Set<String> found) throws IOException {
    if (checkpoint != null) {
      Map<String, Stateful> wanted = new LinkedHashMap<>();
      parts.forEach(
          (path, part) -> {
            if (!(part instanceof VectorEnv || part instanceof ReplayBuffer)) {
              wanted.put(OF_CHECKPOINTS + path, new FiniteState(part));
            }
          });
      for (String path : StateParts.read(checkpoint, Checkpoints.KIND, wanted)) {
        found.add(path.substring(OF_CHECKPOINTS.length()));
      }
    }
    parts.forEach(
        (path, part) -> {
          if (followsFound(path, parts, found)
              && !found.contains(path)
              && part instanceof Network target
              && parts.get(followed(path)) instanceof Network network) {
            target.parameters().copyFrom(network.parameters());
          }
        });
  }

  /** Whether a path is that of the target of a network that was found. */
  private static boolean followsFound(String path, Map<String, Stateful> parts, Set<String> found) {
    return path.endsWith(TARGET)
        && parts.get(path) instanceof Network
        && found.contains(followed(path));
  }

  private static String followed(String target) {
    return target.substring(0, target.length() - TARGET.length()) + NETWORK;
  }

  private boolean takeReplay(Map<String, Stateful> parts) throws IOException {
    if (!(parts.get(REPLAY) instanceof ReplayBuffer own)) {
      throw new IllegalArgumentException("a replay buffer is asked for, but there is none to fill");
    }
    if (checkpoint == null) {
      throw new IllegalArgumentException(given + " has no checkpoint, and so no replay buffer");
    }
    Set<String> read;
    try {
      read = StateParts.read(checkpoint, Checkpoints.KIND, Map.of(OF_CHECKPOINTS + REPLAY, own));
    } catch (StateFormatException e) {
      throw new StateFormatException(
          "a replay buffer goes into one of the same bufferSize, environments, prioritizedReplay and hindsightGoals only: "
              + e.getMessage(),
          e);
    }
    if (read.isEmpty()) {
      throw new IllegalArgumentException(given + " holds no replay buffer");
    }
    int environments =
        parts.values().stream()
            .mapToInt(part -> part instanceof VectorEnv vector ? vector.count() : 0)
            .sum();
    for (int e = 0; e < environments; e++) {
      own.endEpisode(e); // the new environments are at the start of another one
    }
    return true;
  }

  /** Says in one line what does not fit. */
  private void requireFit(NetworkPolicy own) throws IOException {
    NetworkPolicy other = PolicyFile.read(policy, Compute.light());
    if (!other.actionSpace().equals(own.actionSpace())
        || !Arrays.equals(other.encoder().categories(), own.encoder().categories())
        || other.encoder().maskSize() != own.encoder().maskSize()) {
      throw new IllegalArgumentException(
          "%s maps %s to %s, but the environment's observations are %s and its actions %s%s"
              .formatted(
                  given,
                  other.observationSpace(),
                  other.actionSpace(),
                  own.observationSpace(),
                  own.actionSpace(),
                  wrappers().isEmpty()
                      ? ""
                      : "; it was trained with the wrappers " + String.join(", ", wrappers())));
    }
    if (other.head() != own.head() || other.firstColumn() != own.firstColumn()) {
      throw new IllegalArgumentException(
          "%s holds a policy of the kind %s, but this algorithm trains one of the kind %s"
              .formatted(given, other.head(), own.head()));
    }
    String shape = shape(other.network().spec());
    if (!shape.equals(shape(own.network().spec()))) {
      throw new IllegalArgumentException(
          "%s holds a network %s, but the settings describe %s; give both the same hidden layers and activation"
              .formatted(given, shape, shape(own.network().spec())));
    }
    if (other.encoder().normalizes() != own.encoder().normalizes()) {
      throw new IllegalArgumentException(
          "normalizeObservations must be %s, as in %s, whose network has learned so"
              .formatted(other.encoder().normalizes(), given));
    }
  }

  /** A network's function but its parameters: equal for networks that can exchange them. */
  private static String shape(NetworkSpec spec) {
    if (spec instanceof Mlp mlp) {
      return "%d%s → %d %s%s"
          .formatted(
              mlp.inputs(),
              mlp.hidden().stream()
                  .map(width -> " → %d %s".formatted(width, mlp.activation()))
                  .collect(Collectors.joining()),
              mlp.outputs(),
              mlp.outputActivation(),
              mlp.layerNorm() ? " with layer normalisation" : "");
    }
    if (spec instanceof NetworkSpec.Constant constant) {
      return constant.outputs() + " constant";
    }
    if (spec instanceof NetworkSpec.SideBySide several) {
      return several.parts().stream().map(Transfer::shape).collect(Collectors.joining(" | "));
    }
    if (spec instanceof NetworkSpec.Stacked stacked) {
      return "(%s) under (%s)%s"
          .formatted(
              shape(stacked.body()),
              shape(stacked.head()),
              stacked.features() ? " and its features" : "");
    }
    if (spec instanceof NetworkSpec.Parallel parallel) {
      return parallel.parts().stream()
          .map(part -> "(" + shape(part) + ")")
          .collect(Collectors.joining(" beside "));
    }
    if (spec instanceof NetworkSpec.Convolution layer) {
      return "%s %d × %d × %d → %d filters of %d at every %d, %s, of %s"
          .formatted(
              layer.channelsFirst() ? "channels first" : "picture",
              layer.height(),
              layer.width(),
              layer.channels(),
              layer.filters(),
              layer.kernel(),
              layer.stride(),
              layer.activation(),
              layer.scale());
    }
    return spec.toString();
  }
}
