package org.deeprl4j.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.deeprl4j.cli.web.LoopbackServer;
import org.deeprl4j.policy.DeployedPolicy;
import org.deeprl4j.policy.PolicyFile;

/**
 * A trained policy as an HTTP service on this machine: {@code POST /act} with an observation as a
 * JSON array of numbers is answered with the action.
 */
public final class PolicyService implements AutoCloseable {
  private static final int LONGEST_BODY = 1 << 20;

  private final DeployedPolicy policy;
  private final LoopbackServer server;

  private PolicyService(DeployedPolicy policy, int port) throws IOException {
    this.policy = policy;
    server = LoopbackServer.start(port, List.of("POST"), this::answer);
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
    return new PolicyService(PolicyFile.read(file), port);
  }

  int port() {
    return server.port();
  }

  private void answer(HttpExchange exchange) throws IOException {
    if (!"/act".equals(exchange.getRequestURI().getPath())) {
      send(exchange, 404, "{\"error\": \"POST an observation to /act\"}");
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
    LoopbackServer.send(exchange, status, "application/json", json.getBytes(UTF_8));
  }

  @Override
  public void close() {
    server.close();
  }
}
