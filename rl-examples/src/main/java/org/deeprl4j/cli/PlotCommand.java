package org.deeprl4j.cli;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.experiments.report.Curve;
import org.deeprl4j.experiments.report.Plots;
import org.deeprl4j.experiments.statistics.Bootstrap;
import org.deeprl4j.experiments.statistics.Estimate;
import org.deeprl4j.experiments.statistics.Merit;
import org.deeprl4j.state.WholeFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rl plot}. */
@Command(
    name = "plot",
    description =
        "Plots a metric of runs over environment steps. Runs that differ in nothing but the seed share "
            + "a line, their interquartile mean, with a band, its 95 %% bootstrap interval. The legend says "
            + "what the lines differ in.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class PlotCommand implements Callable<Integer> {
  /** Number of points on a line of several runs. */
  private static final int GRID = 200;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN", arity = "1..*", description = "Names the run directories.")
  private List<Path> runs;

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      defaultValue = "mean_return",
      description =
          "Plots this column of metrics.csv, or of the evaluations on the way: eval/mean_return, "
              + "eval/std_return, eval/mean_length or eval/success_rate. Default: ${DEFAULT-VALUE}.")
  private String metric;

  @Option(
      names = "--smooth",
      paramLabel = "W",
      description =
          "Smooths each run by an exponential moving average in which the past has weight W, from 0 "
              + "to below 1. Default: ${DEFAULT-VALUE}.")
  private double smooth;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "Writes this PNG file.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    if (!out.toString().endsWith(".png")) {
      throw new UserError("--out must end in .png, not be " + out);
    }
    if (!(smooth >= 0 && smooth < 1)) {
      throw new UserError("--smooth must be in [0, 1), not " + smooth);
    }
    Map<Path, RunConfig> configs = new LinkedHashMap<>();
    Map<Path, Curve> curves = new LinkedHashMap<>();
    for (Path run : runs) {
      if (configs.put(run, config(run)) != null) {
        throw new UserError(run + " is given twice");
      }
      curves.put(run, curve(run).smoothed(smooth));
    }
    RunGroups grouped = RunGroups.of(configs);
    boolean repeated = grouped.groups().size() < runs.size();
    List<Plots.Line> lines = new ArrayList<>();
    for (Map.Entry<String, List<Path>> group : grouped.groups().entrySet()) {
      List<Curve> same = group.getValue().stream().map(curves::get).toList();
      sayIfCut(group.getKey(), same);
      lines.add(line(group.getKey(), same));
    }
    WholeFile.write(
        out, Plots.overSteps(title(grouped.title(), repeated), metric.replace('_', ' '), lines));
    spec.commandLine().getOut().println("wrote " + out);
    return 0;
  }

  private static RunConfig config(Path run) throws IOException {
    try {
      return RunDirectory.readConfig(run);
    } catch (NoSuchFileException e) {
      throw new UserError("there is no run in " + run);
    }
  }

  private static String title(String common, boolean repeated) {
    List<String> parts = new ArrayList<>();
    if (!common.isEmpty()) {
      parts.add(common);
    }
    if (repeated) {
      parts.add("interquartile mean, 95 % interval");
    }
    return String.join(": ", parts);
  }

  private Curve curve(Path run) throws IOException {
    Curve curve = Curve.read(run, metric);
    if (curve.steps().length < 2) {
      throw new UserError(
          "%s has fewer than two values of '%s'%s"
              .formatted(
                  run,
                  metric,
                  metric.startsWith("eval/") ? "; --evaluate-every N records them" : ""));
    }
    return curve;
  }

  /** Says where a line ends because not all of its runs go on. */
  private void sayIfCut(String label, List<Curve> curves) {
    double shortest = curves.stream().mapToDouble(Curve::last).min().orElseThrow();
    double longest = curves.stream().mapToDouble(Curve::last).max().orElseThrow();
    if (shortest < 0.95 * longest) {
      spec.commandLine()
          .getErr()
          .printf(
              "%s: drawn to step %.0f, where the shortest run ends; the longest has %.0f%n",
              label, shortest, longest);
    }
  }

  private static Plots.Line line(String label, List<Curve> curves) {
    if (curves.size() == 1) {
      return new Plots.Line(label, curves.get(0).steps(), curves.get(0).values(), null, null);
    }
    double first = curves.stream().mapToDouble(Curve::first).max().orElseThrow();
    double last = curves.stream().mapToDouble(Curve::last).min().orElseThrow();
    if (last <= first) {
      throw new UserError(label + ": these runs have no steps in common");
    }
    double[] steps = new double[GRID];
    double[] middle = new double[GRID];
    double[] low = new double[GRID];
    double[] high = new double[GRID];
    for (int i = 0; i < GRID; i++) {
      double step = first + (last - first) * i / (GRID - 1);
      double[] values = curves.stream().mapToDouble(curve -> curve.at(step)).toArray();
      Estimate mean = Bootstrap.CURVES.estimate(values, Merit::interquartileMean);
      steps[i] = step;
      middle[i] = mean.value();
      low[i] = mean.low();
      high[i] = mean.high();
    }
    return new Plots.Line(label, steps, middle, low, high);
  }
}
