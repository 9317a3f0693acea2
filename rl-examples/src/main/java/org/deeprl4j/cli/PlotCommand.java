package org.deeprl4j.cli;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.WholeFile;
import org.deeprl4j.stats.Statistics;
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
      "Plots a metric of runs over environment steps. Runs that differ in nothing but the seed share",
      "a line, their interquartile mean, with a band, its 95 % bootstrap interval. The legend says",
      "what the lines differ in."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class PlotCommand implements Callable<Integer> {
  /** Number of points on a line of several runs. */
  private static final int GRID = 200;

  private static final int SAMPLES = 1000;
  private static final double LEVEL = 0.95;

  private static final Color[] COLORS = {
    new Color(31, 119, 180),
    new Color(214, 39, 40),
    new Color(44, 160, 44),
    new Color(148, 103, 189),
    new Color(255, 127, 14),
    new Color(23, 190, 207),
    new Color(140, 86, 75),
    new Color(227, 119, 194),
    new Color(127, 127, 127),
    new Color(188, 189, 34)
  };

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RUN", arity = "1..*", description = "Names the run directories.")
  private List<Path> runs;

  @Option(
      names = "--metric",
      paramLabel = "NAME",
      defaultValue = "mean_return",
      description = {
        "Plots this column of metrics.csv, or of the evaluations on the way: eval/mean_return,",
        "eval/std_return, eval/mean_length or eval/success_rate. Default: ${DEFAULT-VALUE}."
      })
  private String metric;

  @Option(
      names = "--smooth",
      paramLabel = "W",
      description = {
        "Smooths each run by an exponential moving average in which the past has weight W, from 0",
        "to below 1. Default: ${DEFAULT-VALUE}."
      })
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
      curves.put(run, Curve.read(run, metric).smoothed(smooth));
    }
    RunGroups grouped = RunGroups.of(configs);
    boolean repeated = grouped.groups().size() < runs.size();
    XYChart chart =
        new XYChartBuilder()
            .width(800)
            .height(450)
            .title(title(grouped.title(), repeated))
            .xAxisTitle("environment steps")
            .yAxisTitle(metric.replace('_', ' '))
            .build();
    style(chart, curves.values().stream().mapToDouble(Curve::last).max().orElseThrow());
    Rng random = new Rng(1); // the same runs, the same picture
    int color = 0;
    for (Map.Entry<String, List<Path>> group : grouped.groups().entrySet()) {
      List<Curve> same = group.getValue().stream().map(curves::get).toList();
      sayIfCut(group.getKey(), same);
      draw(chart, group.getKey(), same, COLORS[color++ % COLORS.length], random);
    }
    WholeFile.write(out, BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG));
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

  private static void style(XYChart chart, double last) {
    chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideSE);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setChartTitleBoxVisible(false);
    chart.getStyler().setAntiAlias(true);
    double tick = roundStep(last / 8);
    chart.getStyler().setXAxisMin(0.0);
    chart.getStyler().setXAxisMax(Math.ceil(last / tick) * tick);
    chart.getStyler().setXAxisTickMarkSpacingHint(80);
    chart.getStyler().setXAxisTickLabelsFormattingFunction(PlotCommand::steps);
  }

  /** The smallest of 1, 2, 2.5 and 5 times a power of ten that is at least {@code x}. */
  static double roundStep(double x) {
    double power = Math.pow(10, Math.floor(Math.log10(x)));
    for (double factor : new double[] {1, 2, 2.5, 5}) {
      if (factor * power >= x * (1 - 1e-9)) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  /** Steps in short: 500, 20k, 1.5M. */
  static String steps(double steps) {
    return steps >= 1e6
        ? number(steps / 1e6) + "M"
        : steps >= 1e3 ? number(steps / 1e3) + "k" : number(steps);
  }

  private static String number(double x) {
    return x == Math.rint(x) ? Long.toString((long) x) : Double.toString(Math.rint(x * 100) / 100);
  }

  private static void draw(
      XYChart chart, String label, List<Curve> curves, Color color, RandomGenerator random) {
    if (curves.size() == 1) {
      line(chart, label, curves.get(0).steps(), curves.get(0).values(), color);
      return;
    }
    double first = curves.stream().mapToDouble(Curve::first).max().orElseThrow();
    double last = curves.stream().mapToDouble(Curve::last).min().orElseThrow();
    if (last <= first) {
      throw new UserError(label + ": these runs have no steps in common");
    }
    double[] steps = new double[GRID];
    double[] middle = new double[GRID];
    double[] around = new double[2 * GRID]; // the band's outline: along its lower end and back
    double[] band = new double[2 * GRID];
    for (int i = 0; i < GRID; i++) {
      double step = first + (last - first) * i / (GRID - 1);
      double[] values = curves.stream().mapToDouble(curve -> curve.at(step)).toArray();
      double[] interval = Statistics.interquartileMeanInterval(values, LEVEL, SAMPLES, random);
      steps[i] = step;
      middle[i] = Statistics.interquartileMean(values);
      around[i] = step;
      band[i] = interval[0];
      around[2 * GRID - 1 - i] = step;
      band[2 * GRID - 1 - i] = interval[1];
    }
    XYSeries area = chart.addSeries(label + ", interval", around, band);
    area.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.PolygonArea);
    area.setFillColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), 50));
    area.setLineColor(new Color(0, 0, 0, 0));
    area.setMarker(SeriesMarkers.NONE);
    area.setShowInLegend(false);
    line(chart, label, steps, middle, color);
  }

  private static void line(
      XYChart chart, String label, double[] steps, double[] values, Color color) {
    XYSeries series = chart.addSeries(label, steps, values);
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(color);
    series.setLineStyle(new BasicStroke(2.5f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
  }
}
