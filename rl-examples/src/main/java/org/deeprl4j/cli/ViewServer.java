package org.deeprl4j.cli;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Serves the page that plays episodes, on the loopback address only; everything it loads is
 * bundled. It answers requests for the names of this machine only, so that a page of the internet
 * cannot read it under a name of its own that leads here, and a request that never ends holds up
 * nobody.
 */
final class ViewServer implements AutoCloseable {
  /** How long a request may take to arrive. */
  static final int REQUEST_SECONDS = 5;

  private static final String THREE = "/META-INF/maven/org.webjars.npm/three/pom.properties";
  private static final Pattern PATH = Pattern.compile("/[\\w./-]*\\.(html|js|json)");
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "json", "application/json");
  private static final Pattern INLINE =
      Pattern.compile("<(script type=\"importmap\"|style)>(.*?)</", Pattern.DOTALL);

  static {
    // Settings of the JDK's server, which it reads once.
    setting("sun.net.httpserver.maxReqTime", REQUEST_SECONDS);
    setting("sun.net.httpserver.maxRspTime", 60);
    setting("sun.net.httpserver.idleInterval", 10);
    setting("jdk.httpserver.maxConnections", 64);
  }

  private final HttpServer server;
  private final ExecutorService threads;
  private final byte[] episodes;
  private final String three;
  private final Set<String> hosts;
  private final String policy;

  /**
   * Starts the server.
   *
   * @param port 0 for any free port
   */
  ViewServer(int port, byte[] episodes) throws IOException {
    this.episodes = episodes;
    Properties properties = new Properties();
    try (InputStream in = open(THREE)) {
      properties.load(in);
    }
    three = "/META-INF/resources/webjars/three/" + properties.getProperty("version") + "/";
    policy = policy(new String(body("/index.html"), StandardCharsets.UTF_8));
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (BindException e) {
      throw new UserError("--port: " + port + " is in use");
    }
    String used = ":" + server.getAddress().getPort();
    hosts = Set.of("127.0.0.1" + used, "localhost" + used, "[::1]" + used);
    // A thread for each connection, so that one that waits holds up no other.
    threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "view");
              thread.setDaemon(true);
              return thread;
            });
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  private static void setting(String name, int value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, Integer.toString(value));
    }
  }

  /** Nothing but what the page itself brings; its two inline parts by their hashes. */
  private static String policy(String page) {
    StringBuilder hashes = new StringBuilder();
    Matcher inline = INLINE.matcher(page);
    while (inline.find()) {
      hashes.append(" 'sha256-").append(sha256(inline.group(2))).append('\'');
    }
    return "default-src 'none'; script-src 'self'"
        + hashes
        + "; style-src"
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

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
  }

  private static InputStream open(String resource) throws IOException {
    InputStream in = ViewServer.class.getResourceAsStream(resource);
    if (in == null) {
      throw new IOException("there is no " + resource);
    }
    return in;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Headers headers = exchange.getResponseHeaders();
      headers.set("Content-Security-Policy", policy);
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set("X-Frame-Options", "DENY");
      headers.set("Referrer-Policy", "no-referrer");
      headers.set("Cross-Origin-Opener-Policy", "same-origin");
      headers.set("Cross-Origin-Embedder-Policy", "require-corp");
      headers.set("Cross-Origin-Resource-Policy", "same-origin");
      headers.set("Cache-Control", "no-store");
      List<String> host = exchange.getRequestHeaders().get("Host");
      if (host == null || host.size() != 1 || !hosts.contains(host.get(0))) {
        exchange.sendResponseHeaders(403, -1);
        return;
      }
      boolean head = exchange.getRequestMethod().equals("HEAD");
      if (!head && !exchange.getRequestMethod().equals("GET")) {
        headers.set("Allow", "GET, HEAD");
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      String asked = exchange.getRequestURI().getPath();
      String path = asked == null ? "" : asked.equals("/") ? "/index.html" : asked;
      byte[] body = body(path);
      if (body.length == 0) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      String ending = path.substring(path.lastIndexOf('.') + 1);
      headers.set("Content-Type", TYPES.getOrDefault(ending, "application/octet-stream"));
      if (head) {
        headers.set("Content-Length", Integer.toString(body.length));
        exchange.sendResponseHeaders(200, -1);
      } else {
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
      }
    }
  }

  /** The content at a path; empty if there is none. */
  private byte[] body(String path) throws IOException {
    if (path.equals("/episodes.json")) {
      return episodes;
    }
    if (!PATH.matcher(path).matches() || path.contains("..")) {
      return new byte[0];
    }
    String resource =
        path.startsWith("/three/")
            ? three + path.substring("/three/".length())
            : "/org/deeprl4j/cli/view" + path;
    try (InputStream in = ViewServer.class.getResourceAsStream(resource)) {
      return in == null ? new byte[0] : in.readAllBytes();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
