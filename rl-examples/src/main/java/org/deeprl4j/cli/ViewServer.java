package org.deeprl4j.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Properties;

/**
 * Serves the page that plays episodes, on the loopback address only; everything it loads is
 * bundled.
 */
final class ViewServer implements AutoCloseable {
  private static final String THREE = "/META-INF/maven/org.webjars.npm/three/pom.properties";
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "json", "application/json");

  private final HttpServer server;
  private final byte[] episodes;
  private final String three;

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
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (BindException e) {
      throw new UserError("--port: " + port + " is in use");
    }
    server.createContext("/", this::answer);
    server.start();
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
      String path = exchange.getRequestURI().getPath();
      byte[] body = body(path.equals("/") ? "/index.html" : path);
      if (body.length == 0) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      String ending = path.equals("/") ? "html" : path.substring(path.lastIndexOf('.') + 1);
      exchange
          .getResponseHeaders()
          .set("Content-Type", TYPES.getOrDefault(ending, "application/octet-stream"));
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** The content at a path; empty if there is none. */
  private byte[] body(String path) throws IOException {
    if (path.equals("/episodes.json")) {
      return episodes;
    }
    if (path.contains("..")) {
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
  }
}
