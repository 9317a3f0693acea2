package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What the command line says of itself. */
final class HelpTest {
  @Test
  void withoutACommand_theHelpIsPrinted() {
    Cli nothing = Cli.run();
    assertEquals(2, nothing.exitCode());
    assertTrue(nothing.err().startsWith("Usage: rl "), nothing.err());
    assertTrue(nothing.err().contains("train"), nothing.err());
    Cli asked = Cli.run("--help");
    assertEquals(0, asked.exitCode());
    assertEquals(nothing.err(), asked.out());
  }

  static List<CommandLine> commands() {
    List<CommandLine> all = new ArrayList<>(List.of(Main.commandLine()));
    all.addAll(Main.commandLine().getSubcommands().values());
    return all;
  }

  /** Each is a sentence or several that begin with what happens: "Trains", "Names". */
  @ParameterizedTest
  @MethodSource("commands")
  void everyDescription_isSentences(CommandLine command) {
    List<String> texts = new ArrayList<>();
    texts.add(String.join(" ", command.getCommandSpec().usageMessage().description()));
    for (ArgSpec argument : command.getCommandSpec().args()) {
      boolean standard =
          argument instanceof OptionSpec option && (option.usageHelp() || option.versionHelp());
      if (!standard) {
        texts.add(String.join(" ", argument.description()));
      }
    }
    for (String text : texts) {
      assertTrue(text.matches("(?s)[A-Z][a-z]+s,? .*\\."), command.getCommandName() + ": " + text);
    }
  }

  static void assertFits(String text) {
    for (String line : text.lines().toList()) {
      assertTrue(line.codePointCount(0, line.length()) <= 80, line);
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void help_fitsIntoEightyColumns(CommandLine command) {
    assertFits(command.getUsageMessage());
  }

  @Test
  void list_fitsIntoEightyColumns() {
    assertFits(Cli.run("list").out());
  }

  @Test
  void helpOfACommand_isWhatTheCommandSays() {
    Cli help = Cli.run("help", "train");
    assertEquals(0, help.exitCode());
    assertEquals(Cli.run("train", "--help").out(), help.out());
    assertEquals(Cli.run("--help").out(), Cli.run("help").out());
    Cli wrong = Cli.run("help", "trian");
    assertEquals(2, wrong.exitCode());
    assertTrue(wrong.err().startsWith("rl: no command 'trian'; did you mean train"), wrong.err());
  }

  /** As one text, which is broken where the columns end and not where the source's do. */
  @ParameterizedTest
  @MethodSource("commands")
  void everyDescription_isOneText(CommandLine command) {
    assertTrue(command.getCommandSpec().usageMessage().description().length <= 1);
    for (String text : command.getCommandSpec().usageMessage().description()) {
      assertFalse(text.replace("%%", "").contains("%"), "a % is written %%: " + text);
    }
    for (ArgSpec argument : command.getCommandSpec().args()) {
      assertEquals(1, argument.description().length, argument.toString());
    }
  }

  /** An address that is broken cannot be copied. */
  @Test
  void addresses_areNotBroken() {
    String help = Cli.run("train", "--help").out();
    assertTrue(help.contains("gym:ID") && help.contains("spark://HOST:PORT"), help);
  }

  @Test
  void wrongArguments_nameTheCommandsHelp() {
    Cli wrong = Cli.run("export", "runs/none");
    assertEquals(2, wrong.exitCode());
    assertTrue(wrong.err().contains("see rl export --help"), wrong.err());
  }

  @Test
  void longWork_saysEveryFiveSecondsHowFarItIs() {
    StringWriter err = new StringWriter();
    long[] now = {0};
    StatusLine status = new StatusLine(new PrintWriter(err), () -> now[0]);
    for (int i = 0; i < 100; i++) {
      int done = i;
      now[0] += 150_000_000L;
      status.say(() -> done + " done");
    }
    assertEquals(List.of("33 done", "67 done"), err.toString().lines().toList());
  }
}
