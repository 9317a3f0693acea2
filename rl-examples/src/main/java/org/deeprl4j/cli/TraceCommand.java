package org.deeprl4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.StatefulMdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.random.Rng;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rl trace}. */
@Command(
    name = "trace",
    description = {
      "Prints what an environment does: one JSON row for each pair of a state and an action.",
      "One state alone means: start there and follow the actions."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class TraceCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  @Spec private CommandSpec spec;

  @Option(
      names = "--env",
      paramLabel = "ENV",
      required = true,
      description = "An id or class name.")
  private String environment;

  @Option(names = "--classpath", paramLabel = "PATH", description = "Jars that hold the class.")
  private @Nullable String classpath;

  @Option(
      names = "--states",
      paramLabel = "FILE",
      required = true,
      description = "A JSON array of states, each an array of numbers.")
  private Path states;

  @Option(
      names = "--actions",
      paramLabel = "FILE",
      required = true,
      description = "A JSON array of actions, each an array of numbers, or a number.")
  private Path actions;

  @Option(names = "--json", description = "Accepted for symmetry; the rows are always JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    double[][] stateRows = read("--states", states);
    double[][] actionRows = read("--actions", actions);
    boolean follow = stateRows.length == 1;
    if (!follow && stateRows.length != actionRows.length) {
      throw new UserError(
          "%d states and %d actions: give as many of one as of the other, or one state alone"
              .formatted(stateRows.length, actionRows.length));
    }
    try (Mdp mdp = EnvironmentOption.supplier(environment, classpath, null).get()) {
      StatefulMdp stateful =
          MdpWrapper.find(mdp, StatefulMdp.class)
              .orElseThrow(
                  () ->
                      new UserError(
                          environment + " does not offer its state: it cannot be traced"));
      trace(mdp, stateful, stateRows, actionRows, follow);
    }
    return 0;
  }

  private void trace(
      Mdp mdp, StatefulMdp stateful, double[][] stateRows, double[][] actionRows, boolean follow) {
    PrintWriter out = spec.commandLine().getOut();
    Step next = new Step(mdp.observationSpace().size());
    float[] action = new float[mdp.actionSpace().size()];
    for (int t = 0; t < actionRows.length; t++) {
      if (t == 0 || !follow) {
        // wrappers start an episode, then the state is put in its place
        mdp.reset(new Rng(0), next.observation());
        stateful.setState(stateRows[t]);
      }
      if (actionRows[t].length != action.length) {
        throw new UserError(
            "action %d must have %d numbers, not %d"
                .formatted(t, action.length, actionRows[t].length));
      }
      for (int i = 0; i < action.length; i++) {
        action[i] = (float) actionRows[t][i];
      }
      next.clear();
      mdp.step(action, next);
      ObjectNode row = JSON.createObjectNode();
      row.set("state", JSON.valueToTree(stateful.state()));
      row.set("observation", JSON.valueToTree(next.observation()));
      row.put("reward", next.reward());
      row.put("terminated", next.terminated());
      row.put("truncated", next.truncated());
      out.println(row);
      if (follow && next.ended()) {
        break;
      }
    }
    out.flush();
  }

  private static double[][] read(String option, Path file) throws IOException {
    try {
      var root = JSON.readTree(Files.readAllBytes(file));
      if (root == null || !root.isArray() || root.isEmpty()) {
        throw new UserError(option + ": " + file + " must hold a JSON array with at least one row");
      }
      // a flat array is one state, or a row of single actions
      boolean flat = root.get(0).isNumber();
      if (flat && option.equals("--states")) {
        return new double[][] {JSON.treeToValue(root, double[].class)};
      }
      double[][] rows = new double[root.size()][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] =
            flat
                ? new double[] {root.get(i).doubleValue()}
                : JSON.treeToValue(root.get(i), double[].class);
      }
      return rows;
    } catch (NoSuchFileException e) {
      throw new UserError(option + ": there is no " + file);
    } catch (JsonProcessingException e) {
      throw new UserError(
          option + ": " + file + " is not an array of numbers: " + e.getOriginalMessage());
    }
  }
}
