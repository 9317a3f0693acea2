package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code rl evaluate}. */
final class EvaluateTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private Path train(String arguments) {
    Path run = folder.resolve("run");
    Cli result = Cli.run((arguments + " --out " + run).split(" "));
    assertEquals(0, result.exitCode(), result.err());
    return run;
  }

  private static JsonNode evaluate(Path run, Object... more) throws Exception {
    Object[] arguments = new Object[3 + more.length];
    arguments[0] = "evaluate";
    arguments[1] = run;
    arguments[2] = "--json";
    System.arraycopy(more, 0, arguments, 3, more.length);
    Cli result = Cli.run(arguments);
    assertEquals(0, result.exitCode(), result.err());
    return JSON.readTree(result.out());
  }

  /** The evaluation at the end, one on the way, and one afterwards have the same seed. */
  @Test
  void everyEvaluation_isTheSame() throws Exception {
    Path run =
        train(
            "train ppo --env CartPole-v1 --steps 2048 --evaluate-every 1024 --episodes 5 --set learningRate=0");
    JsonNode inTraining = JSON.readTree(run.resolve("evaluation.json").toFile());
    JsonNode afterwards = evaluate(run, "--episodes", 5);
    assertEquals(2, inTraining.size());
    for (JsonNode one : inTraining) {
      assertEquals(one.get("returns"), afterwards.get("returns"));
      assertEquals(one.get("margin95"), afterwards.get("margin95"));
    }
    assertEquals(afterwards, evaluate(run, "--episodes", 5, "--seed", 10001));
    assertEquals(5, afterwards.get("lengths").size());
  }

  @Test
  void stochastic_samples() throws Exception {
    Path run = train("train ppo --env CartPole-v1 --steps 512 --episodes 0");
    JsonNode sampled = evaluate(run, "--episodes", 20, "--stochastic");
    assertEquals(sampled, evaluate(run, "--episodes", 20, "--stochastic"));
    assertNotEquals(sampled.get("returns"), evaluate(run, "--episodes", 20).get("returns"));
    Cli text = Cli.run("evaluate", run, "--episodes", 20);
    assertTrue(
        text.out()
            .matches(
                "20 episodes: mean return \\S+ ± \\S+ \\(95 % interval of the mean: \\S+ to \\S+\\), mean length \\S+\\s*"),
        text.out());
    Cli one = Cli.run("evaluate", run, "--episodes", 1);
    assertTrue(one.out().matches("1 episodes: mean return \\S+ ± 0.00, mean length \\S+\\s*"));
  }

  @Test
  void stochastic_isRefused_whereThereIsNothingToSample() {
    Path run =
        train(
            "train dqn --env CartPole-v1 --steps 300 --episodes 0 --set learningStarts=100 --set batchSize=8 --set stepsPerRound=1");
    Cli refused = Cli.run("evaluate", run, "--stochastic");
    assertEquals(2, refused.exitCode());
    assertTrue(refused.err().contains("none to sample"), refused.err());
  }

  @Test
  void episodes_sayWhetherTheySucceeded() throws Exception {
    JsonNode result =
        evaluate(train("train ppo --env PointGoal --steps 512 --episodes 0"), "--episodes", 7);
    assertEquals(7, result.get("successes").size());
    double sum = 0;
    for (JsonNode one : result.get("successes")) {
      sum += one.intValue();
    }
    assertEquals(sum / 7, result.get("successRate").doubleValue(), 1e-12);
  }
}
