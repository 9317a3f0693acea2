package org.deeprl4j.experiments.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.experiments.statistics.Bootstrap;
import org.deeprl4j.experiments.statistics.Estimate;
import org.deeprl4j.experiments.statistics.Merit;
import org.jspecify.annotations.Nullable;

/** A summary as tables to read. */
public final class Tables {
  private static final List<Double> FRACTIONS = List.of(0.1, 0.25, 0.5, 0.75, 1.0);

  private Tables() {}

  /** The tables of a summary. */
  public static List<Table> of(Summary summary, List<Group> groups) {
    List<Table> tables = new ArrayList<>();
    for (Summary.OfEnvironment one : summary.environments()) {
      tables.add(returns(one));
      if (one.groups().stream().anyMatch(group -> group.stepsToThreshold() != null)) {
        tables.add(thresholds(one));
      }
      Table atSteps = atSteps(one, groups);
      if (!atSteps.rows().isEmpty()) {
        tables.add(atSteps);
      }
      if (!one.improvements().isEmpty()) {
        tables.add(improvements(one));
      }
    }
    if (!summary.overall().isEmpty()) {
      tables.add(overall(summary));
    }
    Table differences = differences(groups);
    if (!differences.rows().isEmpty()) {
      tables.add(differences);
    }
    return tables;
  }

  /** The line that says what the intervals are. */
  public static String note() {
    return "Returns of final policies; IQM is the interquartile mean. Intervals in brackets are those of the percentile bootstrap over runs at %.0f %%, of %d resamples."
        .formatted(100 * Bootstrap.CONFIDENCE, Bootstrap.FIGURES.resamples());
  }

  private static Table returns(Summary.OfEnvironment one) {
    boolean gap = one.groups().stream().anyMatch(group -> group.optimalityGap() != null);
    boolean success = one.groups().stream().anyMatch(group -> group.successRate() != null);
    List<String> header =
        new ArrayList<>(
            List.of("", "steps", "runs", "mean", "median", "IQM", "worst seed", "best seed"));
    if (gap) {
      header.add("optimality gap");
    }
    if (success) {
      header.add("success");
    }
    List<List<String>> rows = new ArrayList<>();
    for (Summary.OfGroup group : one.groups()) {
      List<Double> returns = group.returns();
      List<String> row = new ArrayList<>();
      row.add(group.label());
      row.add(group.steps() == null ? "" : grouped(group.steps()));
      row.add(
          group.runs() == group.planned()
              ? String.valueOf(group.runs())
              : group.runs() + " of " + group.planned());
      row.add(text(group.mean()));
      row.add(text(group.median()));
      row.add(text(group.interquartileMean()));
      row.add(returns.stream().min(Double::compare).map(Tables::number).orElse(""));
      row.add(returns.stream().max(Double::compare).map(Tables::number).orElse(""));
      if (gap) {
        row.add(text(group.optimalityGap()));
      }
      if (success) {
        Double rate = group.successRate();
        row.add(rate == null ? "" : String.format(Locale.ROOT, "%.1f %%", 100 * rate));
      }
      rows.add(row);
    }
    return new Table(one.environment(), header, rows);
  }

  private static Table thresholds(Summary.OfEnvironment one) {
    List<List<String>> rows = new ArrayList<>();
    for (Summary.OfGroup group : one.groups()) {
      Summary.StepsToThreshold steps = group.stepsToThreshold();
      if (steps != null) {
        rows.add(
            List.of(
                group.label(),
                number(steps.threshold()),
                steps.reached() + " of " + group.runs(),
                "%s [%s, %s]"
                    .formatted(steps(steps.value()), steps(steps.low()), steps(steps.high()))));
      }
    }
    return new Table(
        one.environment() + ": steps to a return, median",
        List.of("", "return", "runs that reach it", "steps"),
        rows);
  }

  /** Curves at a few steps that all groups have. */
  private static Table atSteps(Summary.OfEnvironment one, List<Group> groups) {
    List<Group> drawn =
        groups.stream()
            .filter(group -> group.environment().equals(one.environment()) && group.lastStep() > 0)
            .toList();
    double last = drawn.stream().mapToDouble(Group::lastStep).min().orElse(0);
    List<Double> steps = FRACTIONS.stream().map(part -> Math.rint(part * last)).toList();
    List<String> header = new ArrayList<>(List.of(""));
    steps.forEach(step -> header.add(grouped(step.longValue())));
    List<List<String>> rows = new ArrayList<>();
    for (Group group : drawn) {
      List<String> row = new ArrayList<>(List.of(group.label()));
      for (double step : steps) {
        row.add(text(Bootstrap.CURVES.estimate(group.returnsAt(step), Merit::interquartileMean)));
      }
      rows.add(row);
    }
    return new Table(one.environment() + ": IQM of the curves after so many steps", header, rows);
  }

  private static Table improvements(Summary.OfEnvironment one) {
    return new Table(
        one.environment() + ": probability that a run of one is better than a run of the other",
        List.of("", "than", "probability"),
        one.improvements().stream()
            .map(pair -> List.of(pair.label(), pair.over(), text(pair.probability())))
            .toList());
  }

  private static Table overall(Summary summary) {
    return new Table(
        "All environments, 0 for a random policy and 1 for the target",
        List.of("", "mean", "median", "IQM", "optimality gap"),
        summary.overall().stream()
            .map(
                one ->
                    List.of(
                        one.label(),
                        text(one.mean()),
                        text(one.median()),
                        text(one.interquartileMean()),
                        text(one.optimalityGap())))
            .toList());
  }

  /** Settings that have several values, by group. */
  private static Table differences(List<Group> groups) {
    List<Group> some = groups.stream().filter(group -> !group.runs().isEmpty()).toList();
    List<Map<String, String>> all =
        some.stream().map(group -> settings(group.runs().get(0).config().configuration())).toList();
    Map<String, List<String>> byName = new TreeMap<>();
    all.forEach(one -> one.keySet().forEach(name -> byName.put(name, new ArrayList<>())));
    byName.forEach((name, values) -> all.forEach(one -> values.add(one.getOrDefault(name, ""))));
    List<String> header = new ArrayList<>(List.of(""));
    some.forEach(group -> header.add(group.label() + " on " + group.environment()));
    return new Table(
        "Settings that differ",
        header,
        byName.entrySet().stream()
            .filter(entry -> entry.getValue().stream().distinct().count() > 1)
            .map(
                entry -> {
                  List<String> row = new ArrayList<>(List.of(entry.getKey()));
                  row.addAll(entry.getValue());
                  return row;
                })
            .toList());
  }

  private static Map<String, String> settings(ObjectNode configuration) {
    return configuration.properties().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                entry -> Configurations.text(entry.getValue()),
                (one, other) -> one,
                LinkedHashMap::new));
  }

  private static String text(@Nullable Estimate estimate) {
    return estimate == null
        ? ""
        : "%s [%s, %s]"
            .formatted(number(estimate.value()), number(estimate.low()), number(estimate.high()));
  }

  private static String steps(@Nullable Double value) {
    return value == null ? "never" : grouped(Math.round(value));
  }

  /** A whole number with spaces between thousands. */
  public static String grouped(long value) {
    return String.format(Locale.ROOT, "%,d", value).replace(',', ' ');
  }

  /** Four digits or so, and a true minus. */
  public static String number(double value) {
    String format = Math.abs(value) >= 10 ? "%.1f" : "%.3f";
    return String.format(Locale.ROOT, format, value + 0.0).replaceFirst("^-", "−");
  }
}
