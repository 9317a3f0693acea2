package org.deeprl4j.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.random.Rng;

/** Directories of runs that never ran. */
final class BoardRuns {
  static final String HEADER =
      "steps,seconds,steps_per_second,episodes,mean_return,mean_length,success_rate,policy_loss\n";

  private BoardRuns() {}

  static Path create(Path path, String algorithm, String environment, double gamma, long seed)
      throws IOException {
    ObjectNode settings = JsonNodeFactory.instance.objectNode();
    settings.put("gamma", gamma).put("learningRate", 3e-4).put("epochs", 10);
    RunConfig config =
        RunConfig.of(algorithm, environment, 100_000, seed, settings).withEvaluationEpisodes(10);
    RunDirectory.create(path, config).close();
    return path;
  }

  /** Adds rows of metrics, of a return that rises from 0 to a limit. */
  static void append(Path run, int first, int rows, double limit, long seed) throws IOException {
    Rng random = new Rng(seed);
    StringBuilder text = new StringBuilder(first == 0 ? HEADER : "");
    for (int r = first; r < first + rows; r++) {
      double steps = 100.0 * (r + 1);
      double rise = limit * (1 - Math.exp(-steps / 25_000));
      text.append(
          String.format(
              Locale.ROOT,
              "%.0f,%.3f,%.1f,%d,%.3f,%.3f,NaN,%.5f\n",
              steps,
              steps / 50_000,
              50_000.0 + 5_000 * random.nextDouble(),
              r / 4,
              rise + 0.06 * limit * random.nextDouble(),
              rise,
              0.1 * random.nextDouble()));
    }
    Files.writeString(
        run.resolve("metrics.csv"), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Makes a run complete. */
  static void finish(Path run, double mean) throws IOException {
    Files.writeString(
        run.resolve("evaluation.json"),
        "[{\"steps\": 100000, \"returns\": [%s], \"lengths\": [9]}]".formatted(mean));
  }
}
