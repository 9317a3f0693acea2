package org.deeprl4j.cli;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.jspecify.annotations.Nullable;

/** Environments by id or class name, the classes possibly in jars of the user's. */
final class EnvironmentOption {
  private EnvironmentOption() {}

  /**
   * Makes environments.
   *
   * @param name an id, or a class's full name
   * @param classpath jars and folders with the class, separated as on Java's class path
   * @param python the interpreter for gym: names, null for the default
   * @param maxEpisodeSteps where episodes are truncated; null to leave that to the environment
   */
  static Supplier<Mdp> supplier(
      String name,
      @Nullable String classpath,
      @Nullable String python,
      @Nullable Integer maxEpisodeSteps) {
    return supplier(name, classpath, python, maxEpisodeSteps, false);
  }

  /** As above, with environments that can be shown if {@code rendered}. */
  static Supplier<Mdp> supplier(
      String name,
      @Nullable String classpath,
      @Nullable String python,
      @Nullable Integer maxEpisodeSteps,
      boolean rendered) {
    if (maxEpisodeSteps != null && maxEpisodeSteps < 1) {
      throw new UserError("--max-episode-steps must be at least 1, not " + maxEpisodeSteps);
    }
    ClassLoader loader = loader(classpath);
    Supplier<Mdp> made =
        rendered
            ? Environments.rendered(name, Map.of(), loader, python)
            : Environments.supplier(name, Map.of(), loader, python);
    made.get().close(); // an unknown name fails here, before any work
    return maxEpisodeSteps == null ? made : () -> new TimeLimit(made.get(), maxEpisodeSteps);
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
        throw new UserError("--classpath: " + path + " is no path of a jar or folder");
      }
    }
    return new URLClassLoader(urls, ours); // lives as long as the program: its classes stay in use
  }
}
