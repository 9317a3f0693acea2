package org.deeprl4j.spark;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.deeprl4j.experiments.execution.RunOutcome;
import org.deeprl4j.experiments.execution.RunWork;
import org.deeprl4j.experiments.execution.Scheduler;
import org.deeprl4j.experiments.study.Study;
import org.deeprl4j.experiments.study.StudyDirectory;
import org.deeprl4j.experiments.study.StudyFile;

/** Small studies, executed by any scheduler. */
final class Studies {
  private Studies() {}

  /** PPO on the cart-pole; some hundred thousand steps take a second or two. */
  static Study study(String seeds, long steps, long checkpointEvery) {
    return StudyFile.study(
        "test",
        keys("CartPole-v1", seeds, steps).put("checkpointEvery", checkpointEvery),
        List.of());
  }

  /** PPO on the pendulum with steps that it does not survive. */
  static Study diverging(String seeds, long steps) {
    ObjectNode keys = keys("Pendulum-v1", seeds, steps);
    keys.withObject("/set").put("learningRate", 1e6);
    return StudyFile.study("test", keys, List.of());
  }

  private static ObjectNode keys(String environment, String seeds, long steps) {
    ObjectNode keys = JsonNodeFactory.instance.objectNode();
    keys.put("algorithm", "ppo");
    keys.put("environment", environment);
    keys.put("seeds", seeds);
    keys.put("steps", steps);
    keys.put("episodes", 3);
    keys.put("threshold", 30);
    keys.putObject("set")
        .put("hidden", 8)
        .put("environments", 2)
        .put("rolloutSteps", 64)
        .put("batchSize", 64);
    return keys;
  }

  /** Executes a study and writes its summary. */
  static List<RunOutcome> execute(
      Scheduler scheduler, Path out, Study study, BooleanSupplier stop, Consumer<RunOutcome> ended)
      throws IOException, InterruptedException {
    List<RunOutcome> outcomes = new ArrayList<>();
    try (StudyDirectory directory = StudyDirectory.open(out, study, UnaryOperator.identity())) {
      scheduler.execute(
          directory.tasks(),
          new RunWork(run -> new TestEnvironments().of(run, List.of()), task -> List.of(), stop),
          outcome -> {
            outcomes.add(outcome);
            ended.accept(outcome);
          });
      directory.summarize(Map.of());
    }
    return outcomes;
  }

  static byte[] summary(Path study) throws IOException {
    return Files.readAllBytes(study.resolve("summary.json"));
  }
}
