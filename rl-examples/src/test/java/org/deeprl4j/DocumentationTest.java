package org.deeprl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.configuration.Configurations;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.algorithms.training.Trainer;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.cli.Main;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.EnvironmentChecker;
import org.deeprl4j.mdp.Finding;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.mdp.wrappers.Wrappers;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.ObservationEncoder;
import org.deeprl4j.policy.PolicyFile;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What the documentation shows, works: programs compile and run, commands are understood. */
final class DocumentationTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** What programs that read an arm's model are given. */
  private static final Path MODEL =
      ROOT.resolve("rl-envs/src/test/resources/refs/iiwa14_torque.xml");

  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern CLASS =
      Pattern.compile("^(?:public )?(?:final )?class (\\w+)", Pattern.MULTILINE);
  private static final Pattern WORD = Pattern.compile("(?:[^\\s'\"]|'[^']*'|\"[^\"]*\")+");

  private static final Pattern COMMAND =
      Pattern.compile("^ {4}\\./rl (.*)$|`\\./rl ([^`]+)`", Pattern.MULTILINE);
  private static final Pattern PACKAGE = Pattern.compile("^package (\\S+);", Pattern.MULTILINE);
  // A dot or a slash tells a link from a formula like [f](s).
  private static final Pattern LINK =
      Pattern.compile("\\]\\(([^)#\\s]*[./][^)#\\s]*)(?:#[^)]*)?\\)");

  @TempDir Path classes;

  static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    pages.add(ROOT.resolve("README.md"));
    pages.add(ROOT.resolve("CONTRIBUTING.md"));
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    return pages;
  }

  /** Those of the README are {@link ReadmeTest}'s. */
  static List<Path> pagesOfPrograms() throws IOException {
    return pages().stream().filter(page -> !page.equals(ROOT.resolve("README.md"))).toList();
  }

  @ParameterizedTest
  @MethodSource("pagesOfPrograms")
  void programs_compileAndRun(Path page) throws Exception {
    Matcher blocks = JAVA.matcher(Files.readString(page));
    while (blocks.find()) {
      String source = blocks.group(1);
      Matcher name = CLASS.matcher(source);
      assertTrue(name.find(), "no class in this program of " + page + ":\n" + source);
      compile(name.group(1), source);
      try (URLClassLoader loader =
          new URLClassLoader(new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
        Matcher inPackage = PACKAGE.matcher(source);
        String prefix = inPackage.find() ? inPackage.group(1) + "." : "";
        Class<?> program = loader.loadClass(prefix + name.group(1));
        if (Mdp.class.isAssignableFrom(program)) {
          checkEnvironment(program);
        } else {
          var main = program.getDeclaredMethod("main", String[].class);
          main.setAccessible(true);
          Path given = source.contains("PolicyFile.read") ? policyOfThePole() : MODEL;
          main.invoke(null, (Object) new String[] {given.toString()});
        }
      }
    }
  }

  private Path policyOfThePole() throws IOException {
    Path file = classes.resolve("policy.bin");
    Mdp pole = Environments.make("CartPole-v1");
    try (Compute compute = Compute.light()) {
      PolicyFile.write(
          file,
          new NetworkPolicy(
              compute,
              new ObservationEncoder(pole.observationSpace(), false),
              pole.actionSpace(),
              compute.network(Mlp.of(4, 2, 8), new Rng(1)),
              0,
              NetworkPolicy.Head.DISTRIBUTION));
    }
    return file;
  }

  private void compile(String name, String source) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    var unit =
        new SimpleJavaFileObject(
            URI.create("string:///" + name + ".java"), SimpleJavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    List<String> options =
        List.of(
            "-proc:none", "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
    boolean compiled = compiler.getTask(messages, null, null, options, null, List.of(unit)).call();
    assertTrue(compiled, messages.toString());
  }

  private static void checkEnvironment(Class<?> type) {
    List<Finding> findings =
        EnvironmentChecker.check(
            () -> {
              try {
                return new TimeLimit((Mdp) type.getDeclaredConstructor().newInstance(), 200);
              } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
              }
            },
            1);
    assertEquals(List.of(), findings);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void commands_areUnderstood(Path page) throws IOException {
    String text = Files.readString(page).replaceAll("\\\\\n\\s*", ""); // lines that go on
    Matcher commands = COMMAND.matcher(text);
    while (commands.find()) {
      String line = commands.group(1) != null ? commands.group(1) : commands.group(2);
      Main.commandLine().parseArgs(words(line.replaceAll("\\s+#.*", "")));
    }
  }

  /** What a shell makes of a line, if it makes one command of it. */
  private static String[] words(String line) {
    String bare = line.replaceAll("'[^']*'|\"[^\"]*\"", "");
    assertFalse(bare.matches(".*[|;&<>()].*"), line + " wants quotes");
    return WORD.matcher(line)
        .results()
        .map(word -> word.group().replaceAll("['\"]", ""))
        .toArray(String[]::new);
  }

  /** The first two columns of a page's table under a heading, name by name. */
  private static Map<String, String> table(String page, String heading) throws IOException {
    String text = Files.readString(ROOT.resolve("docs").resolve(page + ".md"));
    String section = text.split("\n## " + heading + "\n", 2)[1].split("\n## ", 2)[0];
    Map<String, String> rows = new LinkedHashMap<>();
    for (String line : section.lines().toList()) {
      String[] cells = line.split("(?<!\\\\)\\|");
      if (line.startsWith("| `")) {
        for (String name : cells[1].split(",")) {
          rows.put(name.replace("`", "").strip(), cells[2].strip());
        }
      }
    }
    return rows;
  }

  static List<Algorithm<?>> algorithms() {
    return Algorithms.all();
  }

  @ParameterizedTest
  @MethodSource("algorithms")
  <C extends Record> void everySetting_isExplainedWithItsDefault(Algorithm<C> algorithm)
      throws IOException {
    Map<String, String> documented = table(algorithm.id(), "Configuration");
    RecordComponent[] settings = algorithm.defaults().getClass().getRecordComponents();
    assertEquals(
        Arrays.stream(settings).map(RecordComponent::getName).toList(),
        List.copyOf(documented.keySet()));
    for (Map.Entry<String, String> setting : documented.entrySet()) {
      if (!setting.getValue().equals("one a core")) {
        String value = setting.getValue().replaceAll("(?<=\\d) (?=\\d)", "");
        C stated =
            Configurations.bind(
                algorithm.defaults(),
                List.of(
                    Configurations.assignments(
                        "the page", List.of(setting.getKey() + "=" + value))));
        assertEquals(algorithm.defaults(), stated, algorithm.id() + ": " + setting);
      }
    }
  }

  /** What an iteration takes less time with, and has the metrics of any other. */
  private static final List<String> SMALL =
      List.of("hidden=8", "learningStarts=100", "batchSize=32");

  @ParameterizedTest
  @MethodSource("algorithms")
  <C extends Record> void everyMetric_isExplained(Algorithm<C> algorithm) throws IOException {
    Set<String> documented = table(algorithm.id(), "Metrics").keySet();
    Set<String> settings =
        Arrays.stream(algorithm.defaults().getClass().getRecordComponents())
            .map(RecordComponent::getName)
            .collect(Collectors.toSet());
    C small =
        Configurations.bind(
            algorithm.defaults(),
            List.of(
                Configurations.assignments(
                    "small",
                    SMALL.stream()
                        .filter(assignment -> settings.contains(assignment.split("=")[0]))
                        .toList())));
    try (Compute compute = Compute.create(Compute.Kernels.AUTO, 1);
        Trainer trainer =
            algorithm.start(
                new TrainingSetup(() -> environment(algorithm), 300, 1, compute), small)) {
      assertEquals(trainer.iterate().values().keySet(), documented);
    }
  }

  @Test
  void everyWrapper_isExplained_andNamedByTheOption() throws IOException {
    assertEquals(Wrappers.names(), List.copyOf(table("wrappers", "The wrappers").keySet()));
    String option =
        Main.commandLine()
            .getSubcommands()
            .get("check")
            .getCommandSpec()
            .findOption("--wrap")
            .description()[0];
    for (String name : Wrappers.names()) {
      assertTrue(option.contains(name + "=N"), name + " is not in: " + option);
    }
  }

  private static Mdp environment(Algorithm<?> algorithm) {
    Mdp discrete = Environments.make("CartPole-v1");
    try {
      algorithm.checkActions(discrete.actionSpace());
      return discrete;
    } catch (IllegalArgumentException e) {
      return Environments.make("Pendulum-v1");
    }
  }

  @Test
  void settingsOptionsAndMetrics_shareNoNames() throws IOException {
    Set<String> options = new HashSet<>();
    for (CommandLine command : Main.commandLine().getSubcommands().values()) {
      command
          .getCommandSpec()
          .optionsMap()
          .keySet()
          .forEach(option -> options.add(option.replaceFirst("^-+", "")));
    }
    for (Algorithm<?> algorithm : Algorithms.all()) {
      Set<String> metrics = table(algorithm.id(), "Metrics").keySet();
      for (Algorithm<?> any : Algorithms.all()) {
        for (RecordComponent setting : any.defaults().getClass().getRecordComponents()) {
          String name = setting.getName();
          assertFalse(metrics.contains(name), name + " is a metric of " + algorithm.id());
          assertFalse(options.contains(kebab(name)), name + " is an option of the command line");
        }
      }
    }
  }

  private static String kebab(String name) {
    return name.replaceAll("(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  @Test
  void everyEnvironment_hasAPageWithItsPicture() throws IOException {
    Path folder = ROOT.resolve("docs/environments");
    String index = Files.readString(folder.resolve("README.md"));
    for (String id : Environments.ids()) {
      String page = Files.readString(folder.resolve(id + ".md"));
      assertTrue(page.startsWith("# " + id + "\n"), id);
      assertTrue(page.contains("![" + id + "](" + id + ".png)"), id);
      assertTrue(index.contains("[" + id + "](" + id + ".md)"), id);
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void links_leadSomewhere(Path page) throws IOException {
    Matcher links = LINK.matcher(Files.readString(page));
    while (links.find()) {
      String target = links.group(1);
      if (!target.startsWith("http")) {
        assertTrue(Files.exists(page.resolveSibling(target)), page + " links to " + target);
      }
    }
  }
}
