package org.deeprl4j.cli;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.state.WholeFile;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rl plot}. */
@Command(
    name = "plot",
    description = {
      "Plots a metric of runs over environment steps: a thin line for each run, and a thick line for",
      "the mean of all runs with the same algorithm and environment."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class PlotCommand implements Callable<Integer> {
  /** Number of points on the line of a mean. */
  private static final int GRID = 200;

  private static final Color[] COLORS = {
    new Color(31, 119, 180),
    new Color(214, 39, 40),
    new Color(44, 160, 44),
    new Color(148, 103, 189)
  };

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN", arity = "1..*", description = "The run directories.")
  private List<Path> runs;

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      defaultValue = "mean_return",
      description = "Plots this column of metrics.csv. Default: ${DEFAULT-VALUE}.")
  private String metric;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "Writes this PNG file.")
  private Path out;

  /** A run's values over steps. */
  private record Curve(double[] steps, double[] values) {
    /** Linear interpolation within [first step, last step]. */
    double at(double step) {
      int i = Arrays.binarySearch(steps, step);
      if (i >= 0) {
        return values[i];
      }
      int next = Math.min(Math.max(-i - 1, 1), steps.length - 1);
      double part = (step - steps[next - 1]) / (steps[next] - steps[next - 1]);
      return values[next - 1] + part * (values[next] - values[next - 1]);
    }
  }

  @Override
  public Integer call() throws IOException {
    if (!out.toString().endsWith(".png")) {
      throw new UserError("--out must end in .png, not be " + out);
    }
    Map<String, Map<Path, Curve>> groups = new LinkedHashMap<>();
    for (Path run : runs) {
      groups.computeIfAbsent(label(run), any -> new LinkedHashMap<>()).put(run, read(run));
    }
    XYChart chart =
        new XYChartBuilder()
            .width(800)
            .height(450)
            .xAxisTitle("environment steps")
            .yAxisTitle(metric.replace('_', ' '))
            .build();
    chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideSE);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setXAxisDecimalPattern("###,###");
    chart.getStyler().setAntiAlias(true);
    int color = 0;
    for (Map.Entry<String, Map<Path, Curve>> group : groups.entrySet()) {
      draw(chart, group.getKey(), group.getValue(), COLORS[color++ % COLORS.length]);
    }
    WholeFile.write(out, BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG));
    spec.commandLine().getOut().println("wrote " + out);
    return 0;
  }

  private static void draw(XYChart chart, String label, Map<Path, Curve> curves, Color color) {
    Color thin = new Color(color.getRed(), color.getGreen(), color.getBlue(), 70);
    if (curves.size() > 1) {
      curves.forEach(
          (run, curve) -> {
            XYSeries series = chart.addSeries(run.toString(), curve.steps(), curve.values());
            style(series, thin, 1).setShowInLegend(false);
          });
    }
    double first = curves.values().stream().mapToDouble(c -> c.steps()[0]).max().orElseThrow();
    double last =
        curves.values().stream()
            .mapToDouble(c -> c.steps()[c.steps().length - 1])
            .min()
            .orElseThrow();
    double[] steps = new double[GRID];
    double[] means = new double[GRID];
    for (int i = 0; i < GRID; i++) {
      double step = first + (last - first) * i / (GRID - 1);
      steps[i] = step;
      means[i] = curves.values().stream().mapToDouble(c -> c.at(step)).average().orElseThrow();
    }
    String runs = curves.size() == 1 ? "" : ", mean of " + curves.size() + " runs";
    style(chart.addSeries(label + runs, steps, means), color, 2.5f);
  }

  private static XYSeries style(XYSeries series, Color color, float width) {
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(color);
    series.setLineStyle(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    return series;
  }

  private static String label(Path run) throws IOException {
    try {
      RunConfig config = RunDirectory.readConfig(run);
      return config.algorithm() + " on " + config.environment();
    } catch (NoSuchFileException e) {
      throw new UserError("there is no run in " + run);
    }
  }

  /** The rows of a run that have a value: there is no mean return before the first episode ends. */
  private Curve read(Path run) throws IOException {
    double[][] columns = RunDirectory.readMetrics(run, "steps", metric);
    int[] rows =
        IntStream.range(0, columns[0].length).filter(r -> Double.isFinite(columns[1][r])).toArray();
    if (rows.length < 2) {
      throw new UserError(run + " has fewer than two values of '" + metric + "'");
    }
    return new Curve(
        Arrays.stream(rows).mapToDouble(r -> columns[0][r]).toArray(),
        Arrays.stream(rows).mapToDouble(r -> columns[1][r]).toArray());
  }
}
