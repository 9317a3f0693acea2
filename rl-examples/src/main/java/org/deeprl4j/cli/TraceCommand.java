package org.deeprl4j.cli;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.deeprl4j.envs.Trace;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.JsonFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rl trace}. */
@Command(
    name = "trace",
    description =
        "Prints what an environment does: one row for each pair of a state and an action. "
            + "With a single state, starts there and follows the actions.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class TraceCommand implements Callable<Integer> {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  @Spec private CommandSpec spec;

  @Mixin private final EnvironmentOption environment = new EnvironmentOption();

  @Option(
      names = "--states",
      paramLabel = "FILE",
      required = true,
      description = "Reads a JSON array of states, each an array of numbers.")
  private Path states;

  @Option(
      names = "--actions",
      paramLabel = "FILE",
      required = true,
      description = "Reads a JSON array of actions, each a number or an array of numbers.")
  private Path actions;

  @Option(names = "--json", description = "Prints each row as a JSON object.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    double[][] stateRows = read("--states", states);
    double[][] actionRows = read("--actions", actions);
    float[][] given = new float[actionRows.length][];
    for (int t = 0; t < given.length; t++) {
      given[t] = new float[actionRows[t].length];
      for (int i = 0; i < given[t].length; i++) {
        given[t][i] = (float) actionRows[t][i];
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    try (Mdp mdp = environment.supplier().get()) {
      for (Trace.Row row : Trace.run(mdp, stateRows, given, new Rng(0))) {
        out.println(json ? json(row) : text(row));
      }
    }
    out.flush();
    return 0;
  }

  private static ObjectNode json(Trace.Row row) {
    ObjectNode node = JSON.createObjectNode();
    node.set("state", JSON.valueToTree(row.nextState()));
    node.set("observation", JSON.valueToTree(row.observation()));
    node.put("reward", row.reward());
    node.put("terminated", row.terminated());
    node.put("truncated", row.truncated());
    return node;
  }

  private static String text(Trace.Row row) {
    return "state %s, observation %s, reward %s%s%s"
        .formatted(
            Arrays.toString(row.nextState()),
            Arrays.toString(row.observation()),
            row.reward(),
            row.terminated() ? ", terminated" : "",
            row.truncated() ? ", truncated" : "");
  }

  private static double[][] read(String option, Path file) throws IOException {
    JsonNode root;
    try {
      root = JsonFiles.readTree(file, JSON);
    } catch (NoSuchFileException e) {
      throw new UserError(option + ": there is no " + file);
    }
    if (!root.isArray() || root.isEmpty()) {
      throw new UserError(option + ": " + file + " must hold a JSON array with at least one row");
    }
    // a flat array is one state, or a row of single actions
    boolean flat = root.get(0).isNumber();
    if (flat && option.equals("--states")) {
      return new double[][] {numbers(option, file, root)};
    }
    double[][] rows = new double[root.size()][];
    for (int i = 0; i < rows.length; i++) {
      JsonNode row = root.get(i);
      rows[i] = numbers(option, file, flat ? JSON.createArrayNode().add(row) : row);
    }
    return rows;
  }

  private static double[] numbers(String option, Path file, JsonNode row) {
    double[] values = new double[row.size()];
    boolean sound = row.isArray();
    for (int i = 0; sound && i < values.length; i++) {
      values[i] = row.get(i).doubleValue();
      sound = row.get(i).isNumber() && Double.isFinite(values[i]);
    }
    if (!sound) {
      throw new UserError(option + ": " + file + " must hold arrays of finite numbers, not " + row);
    }
    return values;
  }
}
