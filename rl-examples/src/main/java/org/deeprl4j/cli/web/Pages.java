package org.deeprl4j.cli.web;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The bundled files of a page, from the class path. Whatever the page loads is among them: its
 * Content-Security-Policy allows nothing else.
 */
public final class Pages {
  /** The methods that a page is asked by. */
  public static final List<String> METHODS = List.of("GET", "HEAD");

  private static final Pattern PATH = Pattern.compile("/[\\w./-]*\\.(html|js|css)");
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8");
  private static final Pattern INLINE =
      Pattern.compile("<(script type=\"importmap\"|style)>(.*?)</", Pattern.DOTALL);

  private final TreeMap<String, String> folders;
  private final String policy;

  /**
   * Checks that there is an {@code index.html}.
   *
   * @param folders resource folders by the paths that they are found at, both with a slash at
   *     either end; the longest path that fits counts
   */
  public Pages(Map<String, String> folders) throws IOException {
    this.folders = new TreeMap<>(folders);
    policy = policy(new String(body("/index.html"), StandardCharsets.UTF_8));
  }

  /** The resource folder of a JavaScript library, such as {@code three}. */
  public static String library(String name) throws IOException {
    String file = "/META-INF/maven/org.webjars.npm/" + name + "/pom.properties";
    Properties properties = new Properties();
    try (InputStream in = Pages.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IOException("there is no " + file);
      }
      properties.load(in);
    }
    return "/META-INF/resources/webjars/" + name + "/" + properties.getProperty("version") + "/";
  }

  /** Nothing but what the page itself brings; its inline parts by their hashes. */
  private static String policy(String page) {
    StringBuilder hashes = new StringBuilder();
    Matcher inline = INLINE.matcher(page);
    while (inline.find()) {
      hashes.append(" 'sha256-").append(sha256(inline.group(2))).append('\'');
    }
    return "default-src 'none'; script-src 'self'"
        + hashes
        + "; style-src 'self'"
        + hashes
        + "; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  }

  private static String sha256(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Sends the file at the path that was asked for, the page itself at the root, or status 404. */
  public void answer(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Security-Policy", policy);
    String asked = exchange.getRequestURI().getPath();
    String path = asked == null ? "" : asked.equals("/") ? "/index.html" : asked;
    byte[] body = body(path);
    if (body.length == 0) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    String ending = path.substring(path.lastIndexOf('.') + 1);
    String type = TYPES.getOrDefault(ending, "application/octet-stream");
    LoopbackServer.send(exchange, 200, type, body);
  }

  /** The content at a path; empty if there is none. */
  private byte[] body(String path) throws IOException {
    if (!PATH.matcher(path).matches() || path.contains("..")) {
      return new byte[0];
    }
    for (Map.Entry<String, String> folder : folders.descendingMap().entrySet()) {
      if (path.startsWith(folder.getKey())) {
        String resource = folder.getValue() + path.substring(folder.getKey().length());
        try (InputStream in = Pages.class.getResourceAsStream(resource)) {
          return in == null ? new byte[0] : in.readAllBytes();
        }
      }
    }
    return new byte[0];
  }
}
