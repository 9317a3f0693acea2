package org.deeprl4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.deeprl4j.algorithms.run.RunDirectory;
import org.deeprl4j.experiments.report.Group;
import org.deeprl4j.experiments.report.Report;
import org.deeprl4j.experiments.report.RunResult;
import org.deeprl4j.experiments.report.Summary;
import org.deeprl4j.experiments.study.StudyDirectory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rl compare}. */
@Command(
    name = "compare",
    description =
        "Compares studies and runs: statistics, curves, and what differs in their settings. Runs that "
            + "differ in their seeds alone are taken together.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class CompareCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      arity = "1..*",
      description = "Names the directories of studies and runs.")
  private List<Path> directories;

  @Option(
      names = "--target",
      paramLabel = "RETURN",
      description = "Names the return that counts as optimal. Default: that of the studies.")
  private @Nullable Double target;

  @Option(
      names = "--threshold",
      paramLabel = "RETURN",
      description = "Counts the steps until runs reach this return. Default: that of the studies.")
  private @Nullable Double threshold;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Writes tables, plots and a report to this new directory.")
  private @Nullable Path out;

  @Override
  public Integer call() throws IOException {
    if (out != null && Files.exists(out)) {
      throw new UserError("--out: " + out + " exists; name another directory");
    }
    List<Group> groups = named(groups());
    if (groups.stream().allMatch(group -> group.runs().isEmpty())) {
      throw new UserError("none of these runs is complete, with an evaluation of its final policy");
    }
    Summary summary = Summary.of(groups);
    if (out != null) {
      Files.createDirectories(out);
      Report.write(out, "Comparison", summary, groups);
    }
    PrintWriter printer = spec.commandLine().getOut();
    printer.println(Report.markdown("Comparison", summary, groups));
    printer.flush();
    return 0;
  }

  /** A group, and the directory that it comes from. */
  private record Source(String directory, Group group) {}

  private List<Source> groups() throws IOException {
    List<Source> sources = new ArrayList<>();
    Map<String, List<RunResult>> alike = new LinkedHashMap<>();
    for (Path directory : directories) {
      if (StudyDirectory.isStudy(directory)) {
        for (Group group : StudyDirectory.groups(directory)) {
          sources.add(new Source(name(directory), with(group)));
        }
      } else if (RunDirectory.isRun(directory)) {
        RunResult run = RunResult.read(directory);
        alike.computeIfAbsent(run.variant(), any -> new ArrayList<>()).add(run);
      } else {
        throw new UserError("there is no study and no run in " + directory);
      }
    }
    alike
        .values()
        .forEach(
            runs -> {
              RunResult first = runs.get(0);
              sources.add(
                  new Source(
                      runs.stream()
                          .map(run -> name(run.directory()))
                          .collect(Collectors.joining(", ")),
                      with(
                          new Group(
                              first.config().algorithm(),
                              first.config().environment(),
                              runs.size(),
                              runs,
                              null,
                              null,
                              null))));
            });
    return sources;
  }

  private Group with(Group group) {
    return new Group(
        group.label(),
        group.environment(),
        group.planned(),
        group.runs(),
        target == null ? group.target() : target,
        threshold == null ? group.threshold() : threshold,
        group.randomReturn());
  }

  /** Labels that several sources share get the names of their directories. */
  private static List<Group> named(List<Source> sources) {
    Map<String, Long> counts =
        sources.stream().collect(Collectors.groupingBy(CompareCommand::key, Collectors.counting()));
    List<Group> groups = new ArrayList<>();
    for (Source source : sources) {
      Group group = source.group();
      groups.add(
          counts.getOrDefault(key(source), 0L) == 1
              ? group
              : new Group(
                  group.label() + " in " + source.directory(),
                  group.environment(),
                  group.planned(),
                  group.runs(),
                  group.target(),
                  group.threshold(),
                  group.randomReturn()));
    }
    return groups;
  }

  private static String key(Source source) {
    return source.group().environment() + "\n" + source.group().label();
  }

  private static String name(Path directory) {
    return directory.normalize().toString();
  }
}
