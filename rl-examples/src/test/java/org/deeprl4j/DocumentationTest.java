package org.deeprl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.deeprl4j.algorithms.Algorithms;
import org.deeprl4j.algorithms.training.Algorithm;
import org.deeprl4j.cli.Main;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.EnvironmentChecker;
import org.deeprl4j.mdp.Finding;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the documentation shows, works: programs compile and run, commands are understood. */
final class DocumentationTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern CLASS =
      Pattern.compile("^(?:public )?(?:final )?class (\\w+)", Pattern.MULTILINE);
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

  @ParameterizedTest
  @MethodSource("pages")
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
          main.invoke(null, (Object) new String[0]);
        }
      }
    }
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
    Matcher commands = COMMAND.matcher(Files.readString(page));
    while (commands.find()) {
      String line = commands.group(1) != null ? commands.group(1) : commands.group(2);
      Main.commandLine().parseArgs(line.replaceAll("\\s+#.*", "").trim().split("\\s+"));
    }
  }

  @Test
  void everySetting_isExplained() throws IOException {
    for (Algorithm<?> algorithm : Algorithms.all()) {
      String page = Files.readString(ROOT.resolve("docs").resolve(algorithm.id() + ".md"));
      for (RecordComponent setting : algorithm.defaults().getClass().getRecordComponents()) {
        assertTrue(
            page.contains("| `" + setting.getName() + "` |"), algorithm.id() + ": " + setting);
      }
    }
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
