package org.deeprl4j.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** A command, run within the test. */
record Cli(int exitCode, String out, String err) {
  static Cli run(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    String[] texts = new String[arguments.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = arguments[i].toString();
    }
    int exitCode = line.execute(texts);
    return new Cli(exitCode, out.toString(), err.toString());
  }

  /** The command line that runs a command in a process of its own. */
  static List<String> process(Object... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                ManagementFactory.getRuntimeMXBean().getClassPath(),
                Main.class.getName()));
    String config = System.getProperty("org.deeprl4j.config");
    if (config != null) {
      command.add(1, "-Dorg.deeprl4j.config=" + config);
    }
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return command;
  }
}
