package org.deeprl4j.cli.web;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Answers HTTP requests on the loopback address only. It answers requests for the names of this
 * machine only, so that a page of the internet cannot read it under a name of its own that leads
 * here, and a request that never ends, or an answer that nobody takes, holds up nobody.
 */
public final class LoopbackServer implements AutoCloseable {
  /** How long a request may take to arrive. */
  public static final int REQUEST_SECONDS = 5;

  /** How long an answer may take to leave. */
  public static final int ANSWER_SECONDS = 60;

  static {
    // Settings of the JDK's server, which it reads once.
    setting("sun.net.httpserver.maxReqTime", REQUEST_SECONDS);
    setting("sun.net.httpserver.maxRspTime", ANSWER_SECONDS);
    setting("sun.net.httpserver.idleInterval", 10);
    setting("jdk.httpserver.maxConnections", 64);
  }

  private final HttpServer server;
  private final ExecutorService threads;
  private final List<String> methods;
  private final HttpHandler handler;
  private final Set<String> hosts;

  private LoopbackServer(HttpServer server, List<String> methods, HttpHandler handler) {
    this.server = server;
    this.methods = List.copyOf(methods);
    this.handler = handler;
    String used = ":" + server.getAddress().getPort();
    hosts = Set.of("127.0.0.1" + used, "localhost" + used, "[::1]" + used);
    // A thread for each connection, so that one that waits holds up no other.
    threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "http");
              thread.setDaemon(true);
              return thread;
            });
  }

  private static void setting(String name, int value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, Integer.toString(value));
    }
  }

  /**
   * Starts a server.
   *
   * @param port 0 for any free port
   * @param methods the only ones that are answered
   * @param handler answers what passed the rules; the exchange is closed after it
   * @throws java.net.BindException if the port is in use
   */
  public static LoopbackServer start(int port, List<String> methods, HttpHandler handler)
      throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    LoopbackServer started = new LoopbackServer(server, methods, handler);
    server.setExecutor(started.threads);
    server.createContext("/", started::answer);
    server.start();
    return started;
  }

  /** The port that is used. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** The address of the root. */
  public String address() {
    return "http://127.0.0.1:" + port() + "/";
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Headers headers = exchange.getResponseHeaders();
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
      } else if (!methods.contains(exchange.getRequestMethod())) {
        headers.set("Allow", String.join(", ", methods));
        exchange.sendResponseHeaders(405, -1);
      } else {
        handler.handle(exchange);
      }
    }
  }

  /** Sends an answer whole; of a request for the head alone, only that. */
  public static void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", type);
    if (exchange.getRequestMethod().equals("HEAD")) {
      headers.set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
