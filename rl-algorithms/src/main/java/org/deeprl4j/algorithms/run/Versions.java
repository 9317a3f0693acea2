package org.deeprl4j.algorithms.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** The versions in use, which the build stores in resources; ND4J itself is not loaded. */
public final class Versions {
  private static final String BUILD = "/org/deeprl4j/build.properties";
  private static final String ND4J = "/META-INF/maven/org.nd4j/nd4j-api/pom.properties";

  private Versions() {}

  /** deeprl4j, commit, java and nd4j, in this order; {@code "unknown"} if the build stored none. */
  public static Map<String, String> all() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("deeprl4j", orUnknown(property(BUILD, "git.build.version")));
    String changed = "true".equals(property(BUILD, "git.dirty")) ? ", changed" : "";
    versions.put("commit", orUnknown(property(BUILD, "git.commit.id")) + changed);
    versions.put("java", System.getProperty("java.runtime.version"));
    versions.put("nd4j", orUnknown(property(ND4J, "version")));
    return Collections.unmodifiableMap(versions);
  }

  private static String orUnknown(@Nullable String value) {
    return value == null || value.isBlank() ? "unknown" : value;
  }

  private static @Nullable String property(String resource, String name) {
    try (InputStream in = Versions.class.getResourceAsStream(resource)) {
      if (in == null) {
        return null;
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty(name);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource, e);
    }
  }
}
