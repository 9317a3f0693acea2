package org.deeprl4j.experiments.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.deeprl4j.experiments.statistics.Bootstrap;
import org.deeprl4j.experiments.statistics.Estimate;
import org.deeprl4j.experiments.statistics.Merit;
import org.jspecify.annotations.Nullable;

/**
 * What can be said of groups of runs: the content of {@code summary.json}. It depends on the runs'
 * returns alone, not on when or where they ran.
 *
 * @param confidence of all intervals
 * @param resamples of the bootstrap
 * @param environments one after the other
 * @param overall over all environments, of the labels that are in all of them with a target and a
 *     random return; empty if there are none, or there is one environment
 */
public record Summary(
    int format,
    double confidence,
    int resamples,
    List<OfEnvironment> environments,
    List<Overall> overall) {
  private static final int FORMAT = 1;
  private static final int PROFILE_POINTS = 101;
  private static final int CURVE_POINTS = 100;

  /**
   * The groups in one environment.
   *
   * @param improvements of each group over each that comes after it
   * @param profile null if there are no complete runs
   */
  public record OfEnvironment(
      String environment,
      List<OfGroup> groups,
      List<Improvement> improvements,
      @Nullable Profile profile) {}

  /**
   * A group; its figures are null without complete runs.
   *
   * @param runs that are complete
   * @param planned how many there are to be
   * @param steps of a run, null if they differ
   * @param optimalityGap null if the target is not known
   * @param successRate null if the environment has no such notion
   * @param stepsToThreshold null without a threshold
   * @param curve null if a run has recorded no return
   */
  public record OfGroup(
      String label,
      int runs,
      int planned,
      @Nullable Long steps,
      List<Long> seeds,
      List<Double> returns,
      @Nullable Estimate mean,
      @Nullable Estimate median,
      @Nullable Estimate interquartileMean,
      @Nullable Double target,
      @Nullable Estimate optimalityGap,
      @Nullable Double successRate,
      @Nullable StepsToThreshold stepsToThreshold,
      @Nullable Band curve) {}

  /**
   * The interquartile mean over runs of their curves.
   *
   * @param steps evenly spaced, up to the last that all runs have
   */
  public record Band(List<Double> steps, List<Estimate> returns) {}

  /**
   * The median over runs of the first step at which the curve is at the threshold. Runs that never
   * get there count as infinitely many steps, so null stands for more than the runs have.
   *
   * @param reached how many runs get there
   */
  public record StepsToThreshold(
      double threshold,
      int reached,
      @Nullable Double value,
      @Nullable Double low,
      @Nullable Double high) {}

  /** The probability that a run of one label is better than one of another. */
  public record Improvement(String label, String over, Estimate probability) {}

  /**
   * The part of the runs whose return is more than τ.
   *
   * @param thresholds τ, evenly spaced from the worst return of all groups to the best
   */
  public record Profile(List<Double> thresholds, List<Above> groups) {}

  /** One line of a profile, a value for each threshold. */
  public record Above(String label, List<Estimate> parts) {}

  /** A label over all environments, of normalised returns. */
  public record Overall(
      String label,
      Estimate mean,
      Estimate median,
      Estimate interquartileMean,
      Estimate optimalityGap) {}

  /** Computes everything. */
  public static Summary of(List<Group> groups) {
    Map<String, List<Group>> byEnvironment = new LinkedHashMap<>();
    groups.forEach(
        group ->
            byEnvironment
                .computeIfAbsent(group.environment(), any -> new ArrayList<>())
                .add(group));
    return new Summary(
        FORMAT,
        Bootstrap.CONFIDENCE,
        Bootstrap.FIGURES.resamples(),
        byEnvironment.entrySet().stream()
            .map(entry -> ofEnvironment(entry.getKey(), entry.getValue()))
            .toList(),
        overall(byEnvironment));
  }

  private static OfEnvironment ofEnvironment(String environment, List<Group> groups) {
    List<Improvement> improvements = new ArrayList<>();
    List<Group> complete = groups.stream().filter(group -> !group.runs().isEmpty()).toList();
    for (int i = 0; i < complete.size(); i++) {
      for (int j = i + 1; j < complete.size(); j++) {
        improvements.add(
            new Improvement(
                complete.get(i).label(),
                complete.get(j).label(),
                Bootstrap.FIGURES.estimate(
                    new double[][] {complete.get(i).scores(), complete.get(j).scores()},
                    pair -> Merit.improvement(pair[0], pair[1]))));
      }
    }
    return new OfEnvironment(
        environment,
        groups.stream().map(Summary::ofGroup).toList(),
        improvements,
        complete.isEmpty() ? null : profile(complete));
  }

  private static OfGroup ofGroup(Group group) {
    double[] scores = group.scores();
    boolean some = scores.length > 0;
    Bootstrap bootstrap = Bootstrap.FIGURES;
    Double target = group.target();
    OptionalDouble success =
        group.runs().stream()
            .map(run -> Objects.requireNonNull(run.evaluation()).successRate())
            .filter(OptionalDouble::isPresent)
            .mapToDouble(OptionalDouble::getAsDouble)
            .average();
    long[] steps =
        group.runs().stream().mapToLong(run -> run.config().totalSteps()).distinct().toArray();
    return new OfGroup(
        group.label(),
        scores.length,
        group.planned(),
        steps.length == 1 ? Long.valueOf(steps[0]) : null,
        group.runs().stream().map(run -> run.config().seed()).toList(),
        Arrays.stream(scores).boxed().toList(),
        some ? bootstrap.estimate(scores, Merit::mean) : null,
        some ? bootstrap.estimate(scores, Merit::median) : null,
        some ? bootstrap.estimate(scores, Merit::interquartileMean) : null,
        target,
        some && target != null
            ? bootstrap.estimate(scores, drawn -> Merit.optimalityGap(drawn, target))
            : null,
        success.isPresent() ? Double.valueOf(success.getAsDouble()) : null,
        stepsToThreshold(group),
        curve(group));
  }

  private static @Nullable Band curve(Group group) {
    double last = group.lastStep();
    if (!(last > 0)) {
      return null;
    }
    List<Double> steps = new ArrayList<>();
    List<Estimate> returns = new ArrayList<>();
    for (int i = 1; i <= CURVE_POINTS; i++) {
      double step = last * i / CURVE_POINTS;
      steps.add(step);
      returns.add(Bootstrap.CURVES.estimate(group.returnsAt(step), Merit::interquartileMean));
    }
    return new Band(steps, returns);
  }

  private static @Nullable StepsToThreshold stepsToThreshold(Group group) {
    Double threshold = group.threshold();
    if (threshold == null || group.runs().isEmpty()) {
      return null;
    }
    double[] steps =
        group.runs().stream().mapToDouble(run -> run.curve().firstAt(threshold)).toArray();
    Estimate median = Bootstrap.FIGURES.estimate(steps, Merit::median);
    return new StepsToThreshold(
        threshold,
        (int) Arrays.stream(steps).filter(Double::isFinite).count(),
        finite(median.value()),
        finite(median.low()),
        finite(median.high()));
  }

  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? Double.valueOf(value) : null;
  }

  private static Profile profile(List<Group> groups) {
    double low =
        groups.stream().flatMapToDouble(g -> Arrays.stream(g.scores())).min().orElseThrow();
    double high =
        groups.stream().flatMapToDouble(g -> Arrays.stream(g.scores())).max().orElseThrow();
    List<Double> thresholds = new ArrayList<>();
    int points = high > low ? PROFILE_POINTS : 1;
    for (int i = 0; i < points; i++) {
      thresholds.add(points == 1 ? low : low + (high - low) * i / (points - 1));
    }
    return new Profile(
        thresholds,
        groups.stream()
            .map(
                group ->
                    new Above(
                        group.label(),
                        thresholds.stream()
                            .map(
                                threshold ->
                                    Bootstrap.CURVES.estimate(
                                        group.scores(), drawn -> Merit.above(drawn, threshold)))
                            .toList()))
            .toList());
  }

  private static List<Overall> overall(Map<String, List<Group>> byEnvironment) {
    if (byEnvironment.size() < 2) {
      return List.of();
    }
    Map<String, List<double[]>> scores = new LinkedHashMap<>();
    byEnvironment.forEach(
        (environment, groups) ->
            groups.forEach(
                group -> {
                  double[] normalized = group.normalized();
                  if (normalized != null) {
                    scores.computeIfAbsent(group.label(), any -> new ArrayList<>()).add(normalized);
                  }
                }));
    List<Overall> all = new ArrayList<>();
    scores.forEach(
        (label, strata) -> {
          if (strata.size() == byEnvironment.size()) {
            double[][] array = strata.toArray(double[][]::new);
            Bootstrap bootstrap = Bootstrap.FIGURES;
            all.add(
                new Overall(
                    label,
                    bootstrap.estimate(array, (double[][] s) -> Merit.mean(s)),
                    bootstrap.estimate(array, (double[][] s) -> Merit.median(s)),
                    bootstrap.estimate(array, (double[][] s) -> Merit.interquartileMean(s)),
                    bootstrap.estimate(array, (double[][] s) -> Merit.optimalityGap(s, 1))));
          }
        });
    return all;
  }
}
