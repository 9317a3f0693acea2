package org.deeprl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What pom.xml and rl-bom/pom.xml, which has no parent, must say alike. */
final class ReleaseTest {
  private static final Path ROOT = Path.of("..");

  private static String pom(String folder) throws IOException {
    return Files.readString(ROOT.resolve(folder).resolve("pom.xml"));
  }

  private static Set<String> all(String text, String pattern) {
    Set<String> found = new TreeSet<>();
    Matcher matcher = Pattern.compile(pattern, Pattern.DOTALL).matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1).replaceAll("\\s+", " "));
    }
    return found;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<nd4j.version>([^<]*)</nd4j.version>",
        "<published>([^<]*)</published>",
        "</artifactId>\n  <version>([^<]*)</version>",
        "\n  <url>([^<]*)</url>",
        "<licenses>(.*?)</licenses>",
        "<developers>(.*?)</developers>",
        "<connection>([^<]*)</connection>",
        "maven-gpg-plugin</artifactId>\\s*<version>([^<]*)</version>"
      })
  void theBillOfMaterials_saysTheSame(String what) throws IOException {
    Set<String> parent = all(pom(""), what);
    assertEquals(1, parent.size(), parent.toString());
    assertEquals(parent, all(pom("rl-bom"), what));
  }

  @Test
  void theBillOfMaterials_listsEveryLibrary() throws IOException {
    Set<String> libraries = all(pom(""), "<module>(.*?)</module>");
    libraries.removeAll(Set.of("rl-bom", "rl-examples"));
    assertTrue(libraries.size() >= 4, libraries.toString());
    assertEquals(
        libraries, all(pom("rl-bom"), "<groupId>org.deeprl4j</groupId><artifactId>([^<]*)<"));
  }

  @Test
  void everyModule_hasANameAndADescription() throws IOException {
    for (String module : all(pom(""), "<module>(.*?)</module>")) {
      String text = pom(module);
      assertEquals(1, all(text, "\n  <name>(DeepRL4J [^<]*)</name>").size(), module);
      assertEquals(1, all(text, "\n  <description>([^<]*\\.)</description>").size(), module);
    }
  }
}
