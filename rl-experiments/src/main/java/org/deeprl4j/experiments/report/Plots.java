package org.deeprl4j.experiments.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws lines with bands around them, as PNG. */
public final class Plots {
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

  private Plots() {}

  /**
   * A line.
   *
   * @param label in the legend
   * @param x [n], ascending
   * @param y [n]
   * @param low [n], the lower end of the band around it; null without one
   * @param high [n], the upper end
   */
  public record Line(
      String label, double[] x, double[] y, double @Nullable [] low, double @Nullable [] high) {}

  /**
   * Lines over environment steps.
   *
   * @param title above the chart, empty for none
   * @param y the name of the vertical axis
   * @param lines at least one, with different labels
   * @return a PNG file
   */
  public static byte[] overSteps(String title, String y, List<Line> lines) throws IOException {
    XYChart chart = chart(title, "environment steps", y, lines);
    double last =
        lines.stream().mapToDouble(line -> line.x()[line.x().length - 1]).max().orElseThrow();
    double tick = roundStep(last / 8);
    chart.getStyler().setXAxisMin(0.0);
    chart.getStyler().setXAxisMax(Math.ceil(last / tick) * tick);
    chart.getStyler().setXAxisTickMarkSpacingHint(80);
    chart.getStyler().setXAxisTickLabelsFormattingFunction(Plots::steps);
    return BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG);
  }

  /** As above, over anything else; the vertical axis is from 0 to 1. */
  static byte[] parts(String title, String x, String y, List<Line> lines) throws IOException {
    XYChart chart = chart(title, x, y, lines);
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setYAxisMax(1.0);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideSW);
    return BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG);
  }

  /**
   * Points, not connected.
   *
   * @param x the name of the horizontal axis
   * @param logarithmic whether that axis is
   * @param series at least one, with different labels; in any order
   * @return a PNG file
   */
  public static byte[] points(String x, boolean logarithmic, List<Line> series) throws IOException {
    XYChart chart = chart("", x, "return", List.of());
    chart.getStyler().setXAxisLogarithmic(logarithmic);
    int color = 0;
    for (Line one : series) {
      Color own = COLORS[color++ % COLORS.length];
      XYSeries drawn = draw(chart, one, own);
      drawn.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
      drawn.setMarker(SeriesMarkers.CIRCLE);
      drawn.setMarkerColor(own);
    }
    return BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG);
  }

  private static XYChart chart(String title, String x, String y, List<Line> lines) {
    XYChart chart =
        new XYChartBuilder()
            .width(800)
            .height(450)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideSE);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setChartTitleBoxVisible(false);
    chart.getStyler().setAntiAlias(true);
    int color = 0;
    for (Line line : lines) {
      draw(chart, line, COLORS[color++ % COLORS.length]);
    }
    return chart;
  }

  private static XYSeries draw(XYChart chart, Line line, Color color) {
    double[] low = line.low();
    double[] high = line.high();
    if (low != null && high != null) {
      int n = low.length;
      double[] around = new double[2 * n]; // the outline: along the lower end and back
      double[] band = new double[2 * n];
      for (int i = 0; i < n; i++) {
        around[i] = line.x()[i];
        band[i] = low[i];
        around[2 * n - 1 - i] = line.x()[i];
        band[2 * n - 1 - i] = high[i];
      }
      XYSeries area = chart.addSeries(line.label() + ", interval", around, band);
      area.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.PolygonArea);
      area.setFillColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), 50));
      area.setLineColor(new Color(0, 0, 0, 0));
      area.setMarker(SeriesMarkers.NONE);
      area.setShowInLegend(false);
    }
    XYSeries series = chart.addSeries(line.label(), line.x(), line.y());
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(color);
    series.setLineStyle(new BasicStroke(2.5f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    return series;
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
  public static String steps(double steps) {
    return steps >= 1e6
        ? number(steps / 1e6) + "M"
        : steps >= 1e3 ? number(steps / 1e3) + "k" : number(steps);
  }

  private static String number(double x) {
    return x == Math.rint(x) ? Long.toString((long) x) : Double.toString(Math.rint(x * 100) / 100);
  }
}
