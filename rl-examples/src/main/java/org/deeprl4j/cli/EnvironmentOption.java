package org.deeprl4j.cli;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.envs.gym.GymEnvironments;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.mdp.wrappers.Wrappers;
import org.deeprl4j.space.Space;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The environment and how to create it: options that all commands share. A run records the
 * environment in one line, as its name and arguments: {@code ArmReach,model=panda.xml}.
 */
final class EnvironmentOption {
  private static final Pattern ARGUMENT =
      Pattern.compile("([A-Za-z_][\\w.-]*)=(.*)", Pattern.DOTALL);

  @Option(
      names = "--env",
      paramLabel = "ENV",
      description = "Names the environment by gym:ID, an id from 'rl list' or a class name.")
  private @Nullable String environment;

  @Option(
      names = "--env-arg",
      paramLabel = "NAME=VALUE",
      description = "Passes an argument to the environment's constructor; repeatable.")
  private List<String> arguments = List.of();

  @Option(
      names = "--max-episode-steps",
      paramLabel = "N",
      description =
          "Truncates episodes after N steps, not at the environment's own limit, which is the"
              + " default.")
  private @Nullable Integer maxEpisodeSteps;

  @Option(
      names = "--wrap",
      paramLabel = "NAME=N",
      description =
          "Wraps the environment: history=N, frame-stack=N, time-limit=N, discretize=N, hide=N,N;"
              + " repeatable, the first one innermost.")
  private List<String> wrappers = List.of();

  @Option(
      names = "--classpath",
      paramLabel = "PATH",
      description = "Finds the environment's class in these jars or folders.")
  private @Nullable String classpath;

  @Option(
      names = "--python",
      paramLabel = "PATH",
      description = "Runs gym: environments in this Python. Default: $RL_PYTHON, or python3.")
  private @Nullable String python;

  @Option(
      names = "--env-processes",
      paramLabel = "N",
      description = "Uses at most N Python processes for gym: environments. Default: one per core.")
  private @Nullable Integer processes;

  @Option(
      names = "--env-timeout",
      paramLabel = "SECONDS",
      description =
          "Limits the time of a start, reset or step of a gym: environment. Default: 300.")
  private @Nullable Integer timeout;

  /** Whether an environment is named. */
  boolean isNamed() {
    return environment != null;
  }

  /** The class path as runs record it: of absolute paths, which mean the same in any folder. */
  @Nullable String classpath() {
    return classpath == null
        ? null
        : Arrays.stream(classpath.split(File.pathSeparator))
            .map(part -> Path.of(part).toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator));
  }

  /** The interpreter as runs record it: an absolute path, or a name to be found on the path. */
  @Nullable String python() {
    return python == null || Path.of(python).getNameCount() < 2
        ? python
        : Path.of(python).toAbsolutePath().toString();
  }

  @Nullable Integer maxEpisodeSteps() {
    return maxEpisodeSteps;
  }

  /** Its wrappers as runs record them, null for none. */
  @Nullable List<String> wrappers() {
    return wrappers.isEmpty() ? null : List.copyOf(wrappers);
  }

  /** Its name, without arguments. */
  String name() {
    return description().name;
  }

  /** Its name and arguments, as runs record them. */
  String recorded() {
    return description().toString();
  }

  /** The environment of a run; options given here override what the run recorded. */
  EnvironmentOption over(RunConfig run) {
    EnvironmentOption merged = new EnvironmentOption();
    // The recorded arguments are those of the recorded environment.
    merged.environment = environment == null ? run.environment() : environment;
    merged.arguments = arguments;
    merged.maxEpisodeSteps = maxEpisodeSteps == null ? run.maxEpisodeSteps() : maxEpisodeSteps;
    List<String> recorded = run.wrappers();
    merged.wrappers = wrappers.isEmpty() && recorded != null ? recorded : wrappers;
    // What the run recorded for its environment may not concern another one.
    String name = merged.name();
    merged.classpath = classpath == null && isClass(name) ? run.classpath() : classpath;
    merged.python = python == null && isGym(name) ? run.python() : python;
    merged.processes = processes;
    merged.timeout = timeout;
    return merged;
  }

  /**
   * The environment of a run of a study: what is given here for environments of another kind is
   * left out.
   *
   * @param recorded its name and arguments as runs record them
   * @param limit of the steps of an episode
   * @param wrappers as runs record them, null for none
   * @param gymProcesses of Gymnasium's, unless told otherwise
   */
  EnvironmentOption of(
      String recorded, @Nullable Integer limit, @Nullable List<String> wrappers, int gymProcesses) {
    EnvironmentOption one = new EnvironmentOption();
    one.environment = recorded;
    one.maxEpisodeSteps = limit;
    one.wrappers = wrappers == null ? List.of() : wrappers;
    String name = one.name();
    one.classpath = isClass(name) ? classpath : null;
    one.python = isGym(name) ? python : null;
    one.processes =
        isGym(name) ? (processes == null ? Integer.valueOf(gymProcesses) : processes) : null;
    one.timeout = isGym(name) ? timeout : null;
    return one;
  }

  /**
   * What other machines must know to make the same environments, as options: {@link
   * CommandLineEnvironments} reads them there.
   */
  List<String> forExecutors() {
    List<String> options = new ArrayList<>();
    add(options, "--classpath", classpath());
    add(options, "--python", python());
    add(options, "--env-processes", processes);
    add(options, "--env-timeout", timeout);
    return options;
  }

  private static void add(List<String> options, String name, @Nullable Object value) {
    if (value != null) {
      options.add(name);
      options.add(value.toString());
    }
  }

  /**
   * Returns a supplier of new environments.
   *
   * @throws UserError if none is named, or an option does not fit
   */
  Supplier<Mdp> supplier() {
    return supplier(false);
  }

  /** As above; environments can be displayed if {@code rendered}. */
  Supplier<Mdp> supplier(boolean rendered) {
    if (maxEpisodeSteps != null && maxEpisodeSteps < 1) {
      throw new UserError("--max-episode-steps must be at least 1, not " + maxEpisodeSteps);
    }
    Description described = description();
    Supplier<Mdp> named =
        Environments.supplier(described.name, described.arguments, loader(classpath), python);
    Supplier<Mdp> made = named instanceof GymEnvironments gym ? configured(gym, rendered) : named;
    if (!isGym(described.name)) {
      refuse("--python", python, "gym: environments", described.name);
      refuse("--env-processes", processes, "gym: environments", described.name);
      refuse("--env-timeout", timeout, "gym: environments", described.name);
    }
    if (!isClass(described.name)) {
      refuse("--classpath", classpath, "environments that are named by a class", described.name);
    }
    Integer limit = maxEpisodeSteps;
    Supplier<Mdp> limited = limit == null ? made : () -> limited(made.get(), limit, described.name);
    UnaryOperator<Mdp> wrapping = Wrappers.of(wrappers);
    Supplier<Mdp> wrapped = wrappers.isEmpty() ? limited : () -> wrapping.apply(limited.get());
    wrapped.get().close(); // so that an unknown name fails before any work
    return wrapped;
  }

  /** The action space of what a supplier makes. */
  static Space actions(Supplier<Mdp> environments) {
    try (Mdp one = environments.get()) {
      return one.actionSpace();
    }
  }

  /** Replaces the environment's own limit, which is its outermost wrapper. */
  private static Mdp limited(Mdp mdp, int limit, String name) {
    Mdp unlimited = mdp instanceof TimeLimit own ? own.inner() : mdp;
    Optional<TimeLimit> within = MdpWrapper.find(unlimited, TimeLimit.class);
    if (within.isPresent() && within.get().maxSteps() < limit) {
      mdp.close();
      throw new UserError(
          "--max-episode-steps %d has no effect: %s truncates its episodes after %d steps itself"
              .formatted(limit, name, within.get().maxSteps()));
    }
    return new TimeLimit(unlimited, limit);
  }

  private static boolean isGym(String name) {
    return name.startsWith(GymEnvironments.PREFIX);
  }

  private static boolean isClass(String name) {
    return !isGym(name) && !Environments.ids().contains(name);
  }

  private GymEnvironments configured(GymEnvironments environments, boolean rendered) {
    GymEnvironments gym = rendered ? environments.withRendering() : environments;
    if (processes != null) {
      if (processes < 1) {
        throw new UserError("--env-processes must be at least 1, not " + processes);
      }
      gym = gym.withProcesses(processes);
    }
    if (timeout != null) {
      if (timeout < 1 || timeout > Duration.ofDays(30).toSeconds()) {
        throw new UserError(
            "--env-timeout must be from 1 to %d seconds, not %d"
                .formatted(Duration.ofDays(30).toSeconds(), timeout));
      }
      gym = gym.withPatience(Duration.ofSeconds(timeout));
    }
    return gym;
  }

  private static void refuse(String option, @Nullable Object value, String use, String name) {
    if (value != null) {
      throw new UserError("%s is for %s, not for %s: leave it out".formatted(option, use, name));
    }
  }

  private Description description() {
    if (environment == null) {
      throw new UserError("an environment must be named: --env ENV; 'rl list' shows them");
    }
    Description described = Description.parse(environment);
    Map<String, String> given = new LinkedHashMap<>();
    for (String argument : arguments) {
      Map.Entry<String, String> parsed =
          argument(argument)
              .orElseThrow(
                  () -> new UserError("--env-arg must be NAME=VALUE, not '" + argument + "'"));
      if (given.put(parsed.getKey(), parsed.getValue()) != null) {
        throw new UserError("--env-arg " + parsed.getKey() + " is given twice");
      }
    }
    Map<String, String> all = new LinkedHashMap<>(described.arguments);
    all.putAll(given);
    return new Description(described.name, all);
  }

  private static Optional<Map.Entry<String, String>> argument(String text) {
    var matcher = ARGUMENT.matcher(text);
    return matcher.matches()
        ? Optional.of(Map.entry(matcher.group(1), matcher.group(2)))
        : Optional.empty();
  }

  /**
   * An environment's name and arguments, and both in one line: {@code name,key=value,...}, where a
   * comma in a value is %2C and a percent sign %25.
   */
  private record Description(String name, Map<String, String> arguments) {
    static Description parse(String line) {
      String[] parts = line.split(",", -1);
      Map<String, String> arguments = new LinkedHashMap<>();
      for (int i = 1; i < parts.length; i++) {
        String part = parts[i];
        Map.Entry<String, String> parsed =
            argument(part)
                .orElseThrow(
                    () ->
                        new UserError(
                            "environment '%s': an argument must be NAME=VALUE, not '%s'"
                                .formatted(line, part)));
        String value = parsed.getValue().replace("%2C", ",").replace("%25", "%");
        if (arguments.put(parsed.getKey(), value) != null) {
          throw new UserError(
              "environment '%s': argument %s is given twice".formatted(line, parsed.getKey()));
        }
      }
      return new Description(parts[0], arguments);
    }

    @Override
    public String toString() {
      StringBuilder line = new StringBuilder(name);
      arguments.forEach(
          (key, value) ->
              line.append(',')
                  .append(key)
                  .append('=')
                  .append(value.replace("%", "%25").replace(",", "%2C")));
      return line.toString();
    }
  }

  private static ClassLoader loader(@Nullable String classpath) {
    ClassLoader ours = EnvironmentOption.class.getClassLoader();
    if (classpath == null) {
      return ours;
    }
    String[] parts = classpath.split(File.pathSeparator);
    URL[] urls = new URL[parts.length];
    for (int i = 0; i < parts.length; i++) {
      Path path = Path.of(parts[i]);
      if (!Files.exists(path)) {
        throw new UserError("--classpath: there is no " + path);
      }
      try {
        urls[i] = path.toUri().toURL();
      } catch (MalformedURLException e) {
        throw new UserError("--classpath: " + path + " is not a path of a jar or folder");
      }
    }
    return new URLClassLoader(urls, ours); // lives as long as the program: its classes stay in use
  }
}
