package org.deeprl4j.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.deeprl4j.policy.DeployedPolicy;
import org.deeprl4j.policy.PolicyFile;

/**
 * A trained policy as an HTTP service on this machine: {@code POST /act} with an observation as a
 * JSON array of numbers is answered with the action.
 */
public final class PolicyService implements AutoCloseable {
  private static final int LONGEST_BODY = 1 << 20;

  static {
    // Read when the first server is made: a request that is never sent whole keeps a thread for
    // five seconds, and there are at most 64.
    setting("sun.net.httpserver.maxReqTime", "5");
    setting("jdk.httpserver.maxConnections", "64");
  }

  private static void setting(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }

  private final DeployedPolicy policy;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private PolicyService(DeployedPolicy policy, int port) throws IOException {
    this.policy = policy;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/act", this::answer);
    server.setExecutor(threads);
  }

  /**
   * Runs the example until the program is ended.
   *
   * @param arguments the policy file and the port, 8080 by default
   */
  public static void main(String[] arguments) throws IOException {
    int port = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 8080;
    PolicyService service = start(Path.of(arguments[0]), port);
    System.out.println("POST an observation to http://localhost:" + service.port() + "/act");
  }

  /** Starts to answer, on any free port if it is 0. */
  static PolicyService start(Path file, int port) throws IOException {
    PolicyService service = new PolicyService(PolicyFile.read(file), port);
    service.server.start();
    return service;
  }

  int port() {
    return server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("POST")) {
        exchange.getResponseHeaders().set("Allow", "POST");
        send(exchange, 405, "{\"error\": \"POST an observation\"}");
        return;
      }
      try {
        String body = new String(exchange.getRequestBody().readNBytes(LONGEST_BODY), UTF_8);
        send(exchange, 200, Arrays.toString(policy.act(numbers(body))));
      } catch (IllegalArgumentException e) {
        String message = String.valueOf(e.getMessage()).replaceAll("[\"\\\\\\p{Cntrl}]", "'");
        send(exchange, 400, "{\"error\": \"" + message + "\"}");
      }
    }
  }

  private static float[] numbers(String array) {
    String text = array.strip();
    if (!text.startsWith("[") || !text.endsWith("]")) {
      throw new IllegalArgumentException("an observation is a JSON array of numbers");
    }
    String[] parts = text.substring(1, text.length() - 1).split(",");
    float[] numbers = new float[parts.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Float.parseFloat(parts[i].strip());
    }
    return numbers;
  }

  private static void send(HttpExchange exchange, int status, String json) throws IOException {
    byte[] bytes = json.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdown();
  }
}
