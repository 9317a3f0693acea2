package org.deeprl4j.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.BindException;
import java.util.Map;
import org.deeprl4j.cli.web.LoopbackServer;
import org.deeprl4j.cli.web.Pages;

/** Serves the page that plays episodes; everything it loads is bundled. */
final class ViewServer implements AutoCloseable {
  private final LoopbackServer server;
  private final Pages pages;
  private final byte[] episodes;

  /**
   * Starts the server.
   *
   * @param port 0 for any free port
   */
  ViewServer(int port, byte[] episodes) throws IOException {
    this.episodes = episodes;
    pages = new Pages(Map.of("/", "/org/deeprl4j/cli/view/", "/three/", Pages.library("three")));
    server = start(port, this::answer);
  }

  static void requirePort(int port) {
    if (port < 0 || port > 65535) {
      throw new UserError("--port must be in [0, 65535], not " + port);
    }
  }

  /** Starts a server of a page at the port that the command line names. */
  static LoopbackServer start(int port, HttpHandler handler) throws IOException {
    try {
      return LoopbackServer.start(port, Pages.METHODS, handler);
    } catch (BindException e) {
      throw new UserError("--port: " + port + " is in use");
    }
  }

  String address() {
    return server.address();
  }

  private void answer(HttpExchange exchange) throws IOException {
    if ("/episodes.json".equals(exchange.getRequestURI().getPath())) {
      LoopbackServer.send(exchange, 200, "application/json", episodes);
    } else {
      pages.answer(exchange);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
