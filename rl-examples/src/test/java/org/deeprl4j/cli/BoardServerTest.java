package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.deeprl4j.experiments.board.Board;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the board's server answers, and whom. */
@Timeout(60)
final class BoardServerTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private BoardServer server() throws IOException {
    return new BoardServer(0, new Board(folder), BoardCommand::play);
  }

  private static int port(BoardServer server) {
    return URI.create(server.address()).getPort();
  }

  /** Sends a request as it is written and returns the whole answer. */
  private static String raw(int port, String method, String path, String host) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(60_000);
      String request = method + " " + path + " HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static HttpResponse<String> get(BoardServer server, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(server.address() + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void page_isBundledAndMayLoadNothingElse() throws Exception {
    try (BoardServer server = server()) {
      for (String path :
          List.of(
              "",
              "board.js",
              "chart.js",
              "curves.js",
              "episode.js",
              "text.js",
              "board.css",
              "view/painters.js",
              "uplot/uPlot.iife.min.js",
              "uplot/uPlot.min.css",
              "three/build/three.module.min.js")) {
        assertEquals(200, get(server, path).statusCode(), path);
      }
      for (String path :
          List.of("nothing", "uplot/../../logback.xml", "view/../Main.class", "config.json")) {
        assertEquals(404, get(server, path).statusCode(), path);
      }
      String policy = get(server, "").headers().firstValue("Content-Security-Policy").orElseThrow();
      assertTrue(policy.startsWith("default-src 'none'; script-src 'self' 'sha256-"), policy);
      assertFalse(policy.contains("unsafe"), policy);
      String page = get(server, "").body() + get(server, "board.css").body();
      assertFalse(page.contains("://"), "an address in the page");
    }
  }

  @Test
  void onlyNamesOfThisMachineAndReadingMethods_areAnswered() throws Exception {
    BoardRuns.create(folder.resolve("secret"), "ppo", "CartPole-v1", 0.9, 1);
    try (BoardServer server = server()) {
      int port = port(server);
      String own = "Host: localhost:" + port + "\r\n";
      for (String path :
          List.of("/", "/events?metric=rollout/mean_return", "/episode?run=secret")) {
        for (String host :
            List.of("Host: evil.example:" + port + "\r\n", "Host: localhost\r\n", "")) {
          String answer = raw(port, "GET", path, host);
          assertTrue(answer.startsWith("HTTP/1.1 403 "), host + answer);
          assertFalse(answer.contains("secret"), answer);
        }
        for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS")) {
          String answer = raw(port, method, path, own);
          assertTrue(answer.startsWith("HTTP/1.1 405 "), method + answer);
          assertTrue(answer.contains("Allow: GET, HEAD\r\n"), answer);
        }
      }
      String head = raw(port, "HEAD", "/events?metric=x", own);
      assertTrue(head.startsWith("HTTP/1.1 200 ") && head.endsWith("\r\n\r\n"), head);
      for (String header :
          List.of(
              "X-content-type-options: nosniff",
              "X-frame-options: DENY",
              "Cross-origin-resource-policy: same-origin",
              "Cache-control: no-store")) {
        assertTrue(head.contains("\n" + header), header + " is not in " + head);
      }
      assertTrue(raw(port, "GET", "/events", own).startsWith("HTTP/1.1 400 "));
      assertTrue(raw(port, "GET", "/events?metric=%", own).startsWith("HTTP/1.1 400 "));
      assertTrue(raw(port, "GET", "/episode?run=../secret", own).startsWith("HTTP/1.1 404 "));
    }
  }

  /** A stream of events. */
  private static final class Events implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader lines;
    private String name = "";
    String id = "";

    Events(BoardServer server, String metric, String last) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port(server));
      socket.setSoTimeout(60_000);
      socket
          .getOutputStream()
          .write(
              "GET /events?metric=%s HTTP/1.1\r\nHost: localhost:%d\r\n%s\r\n"
                  .formatted(
                      metric, port(server), last.isEmpty() ? "" : "Last-Event-ID: " + last + "\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /** The names and contents of the events up to the next one that ends a look. */
    List<JsonNode> look() throws IOException {
      List<JsonNode> events = new ArrayList<>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("id: ")) {
          id = line.substring(4);
        } else if (line.startsWith("event: ")) {
          name = line.substring(7);
        } else if (line.startsWith("data: ")) {
          if (name.equals("look")) {
            return events;
          }
          events.add(
              JSON.createObjectNode()
                  .put("event", name)
                  .set("data", JSON.readTree(line.substring(6))));
        }
      }
      throw new IOException("the stream has ended");
    }

    /** The next look with an event that fits. */
    JsonNode await(Predicate<JsonNode> fits) throws IOException {
      while (true) {
        for (JsonNode event : look()) {
          if (fits.test(event)) {
            return event.get("data");
          }
        }
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static Predicate<JsonNode> is(String event) {
    return node -> node.get("event").textValue().equals(event);
  }

  @Test
  void stream_tellsAllAndThenWhatIsNew() throws Exception {
    Path one = BoardRuns.create(folder.resolve("one"), "ppo", "CartPole-v1", 0.9, 3);
    Path two = BoardRuns.create(folder.resolve("two"), "sac", "Pendulum-v1", 0.9, 1);
    BoardRuns.append(one, 0, 5, 100, 1);
    BoardRuns.append(two, 0, 5, 100, 1);
    try (BoardServer server = server()) {
      String id;
      try (Events events = new Events(server, "rollout/mean_return", "")) {
        List<JsonNode> first = events.look();
        assertEquals(
            List.of("list", "run", "curve", "run", "curve"),
            first.stream().map(event -> event.get("event").textValue()).toList());
        JsonNode run = first.get(1).get("data");
        assertEquals("one", run.get("id").textValue());
        assertEquals("stopped", run.get("state").textValue());
        assertEquals(500, run.get("steps").intValue());
        assertEquals(100_000, run.get("total").intValue());
        assertEquals("0.9", run.at("/settings/gamma").textValue());
        assertFalse(run.get("settings").has("seed"), "repetitions differ in it");
        JsonNode curve = first.get(2).get("data");
        assertEquals(0, curve.get("from").intValue());
        assertEquals("[100,200,300,400,500]", curve.get("steps").toString());
        assertEquals(5, curve.get("values").size());

        BoardRuns.append(one, 5, 1, 100, 2);
        JsonNode next = events.await(is("curve"));
        assertEquals("one", next.get("run").textValue());
        assertEquals(5, next.get("from").intValue());
        assertEquals("[600]", next.get("steps").toString());

        BoardRuns.create(folder.resolve("deep/three"), "ppo", "CartPole-v1", 0.9, 4);
        assertTrue(events.await(is("list")).get("runs").toString().contains("\"deep/three\""));
        id = events.id;
      }
      BoardRuns.append(two, 5, 1, 100, 2);
      try (Events events = new Events(server, "rollout/mean_return", id)) {
        JsonNode said = events.await(is("run"));
        assertEquals("two", said.get("id").textValue(), "the only one that has changed");
        assertFalse(said.has("settings"), "they have not");
      }
      try (Events events = new Events(server, "rollout/mean_return", "of-another-start:99")) {
        assertEquals(7, events.look().size(), "everything");
      }
    }
  }

  @Test
  void whatIsNotFinite_isNull() throws Exception {
    Path one = BoardRuns.create(folder.resolve("one"), "ppo", "CartPole-v1", 0.9, 3);
    Files.writeString(
        one.resolve("metrics.csv"), "steps,seconds,huge\n1,0.5,1e300\n2,1,NaN\n3,1.5,-2\n");
    try (BoardServer server = server();
        Events events = new Events(server, "train/huge", "")) {
      assertEquals("[null,null,-2.0]", events.await(is("curve")).get("values").toString());
    }
  }

  @Test
  void brokenRun_isToldInOneLineWithoutControlCharacters() throws Exception {
    Path one = BoardRuns.create(folder.resolve("one"), "ppo", "CartPole-v1", 0.9, 3);
    Files.writeString(one.resolve("metrics.csv"), "steps,seconds\n1,\u001b[31mred\u0007\n");
    try (BoardServer server = server();
        Events events = new Events(server, "train/x", "")) {
      JsonNode run = events.await(is("run"));
      assertEquals("broken", run.get("state").textValue());
      assertEquals(
          "metrics.csv is damaged, line 2: ' [31mred ' is no number",
          run.get("problem").textValue());
    }
  }

  @Test
  void episode_isPlayedByTheLastPolicy() throws Exception {
    Cli trained =
        Cli.run(
            "train",
            "ppo",
            "--env",
            "CartPole-v1",
            "--steps",
            256,
            "--out",
            folder.resolve("pole"),
            "--threads",
            1);
    assertEquals(0, trained.exitCode(), trained.err());
    try (BoardServer server = server();
        Events events = new Events(server, "rollout/mean_return", "")) {
      assertNotEquals(0, events.await(is("run")).get("policy").longValue());
      JsonNode recording = JSON.readTree(get(server, "episode?run=pole").body());
      assertEquals("ppo on CartPole-v1, seed 1", recording.get("title").textValue());
      assertEquals(1, recording.get("episodes").size());
      assertTrue(recording.at("/episodes/0/frames").size() > 5);
    }
  }

  /** It would run a program that somebody else's directory names. */
  @Test
  void episodeOfSomebodyElsesProgram_isNotPlayed() throws Exception {
    Path one = BoardRuns.create(folder.resolve("one"), "ppo", "CartPole-v1", 0.9, 3);
    Path config = one.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("CartPole-v1", "com.acme.Crane"));
    Files.writeString(one.resolve("policy.bin"), "x");
    try (BoardServer server = server();
        Events events = new Events(server, "rollout/mean_return", "")) {
      assertNotNull(events.await(is("run")));
      String problem =
          JSON.readTree(get(server, "episode?run=one").body()).get("problem").textValue();
      assertTrue(problem.contains("was not made by you on this machine"), problem);
    }
  }

  @Test
  void episodeOfARunWithoutAPolicy_saysSo() throws Exception {
    BoardRuns.create(folder.resolve("one"), "ppo", "CartPole-v1", 0.9, 3);
    try (BoardServer server = server();
        Events events = new Events(server, "rollout/mean_return", "")) {
      assertNotNull(events.await(is("run")));
      assertEquals(
          "one has no policy yet",
          JSON.readTree(get(server, "episode?run=one").body()).get("problem").textValue());
    }
  }

  @Test
  void badArguments_areOneLine() throws Exception {
    assertEquals(
        "rl: there is no directory " + folder.resolve("none") + "\n",
        Cli.run("board", folder.resolve("none")).err());
    assertEquals(
        "rl: --port must be in [0, 65535], not 70000\n",
        Cli.run("board", folder, "--port", 70000).err());
    try (BoardServer first = server()) {
      UserError error =
          assertThrows(
              UserError.class,
              () -> new BoardServer(port(first), new Board(folder), BoardCommand::play).close());
      assertEquals("--port: " + port(first) + " is in use", error.getMessage());
    }
  }
}
