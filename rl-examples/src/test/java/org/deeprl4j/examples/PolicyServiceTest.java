package org.deeprl4j.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.policy.NetworkPolicy;
import org.deeprl4j.policy.ObservationEncoder;
import org.deeprl4j.policy.PolicyFile;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PolicyServiceTest {
  @TempDir Path folder;

  @Test
  void observation_isAnsweredWithTheAction_andNonsenseWithAnError() throws Exception {
    Path file = folder.resolve("policy.bin");
    try (Compute compute = Compute.light()) {
      PolicyFile.write(
          file,
          new NetworkPolicy(
              compute,
              new ObservationEncoder(Box.of(-5, 5, 3), false),
              Box.of(-2, 2, 2),
              compute.network(Mlp.of(3, 2, 8), new Rng(1)),
              0,
              NetworkPolicy.Head.DETERMINISTIC));
    }
    try (PolicyService service = PolicyService.start(file, 0)) {
      HttpResponse<String> answer = post(service, "[0.5, -1, 2e-1]");
      assertEquals(200, answer.statusCode());
      float[] action = PolicyFile.read(file).act(new float[] {0.5f, -1, 0.2f});
      assertEquals(Arrays.toString(action), answer.body());
      answer = post(service, "[0.5, -1]");
      assertEquals(400, answer.statusCode());
      assertTrue(answer.body().contains("has 2 numbers; this policy takes 3"), answer.body());
      assertEquals(400, post(service, "[0.5, -1, x]").statusCode());
      assertEquals(400, post(service, "hello").statusCode());
      List<Socket> halves = new ArrayList<>();
      for (int i = 0; i < 10; i++) { // requests that are never sent whole
        Socket half = new Socket(InetAddress.getLoopbackAddress(), service.port());
        half.getOutputStream().write("POST /act HTTP/1.1\r\nHost: local".getBytes(US_ASCII));
        halves.add(half);
      }
      assertEquals(200, post(service, "[0, 0, 0]").statusCode());
      for (Socket half : halves) {
        half.close();
      }
    }
  }

  private static HttpResponse<String> post(PolicyService service, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + service.port() + "/act"))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }
}
