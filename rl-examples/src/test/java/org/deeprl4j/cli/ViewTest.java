package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.deeprl4j.cli.web.LoopbackServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.support.ui.Select;
import org.openqa.selenium.support.ui.WebDriverWait;
import picocli.CommandLine;

/** The page of {@code rl view}, in Chromium without a display; skipped where there is none. */
final class ViewTest {
  @TempDir Path folder;
  private ChromeDriver browser;

  @AfterEach
  void quit() {
    if (browser != null) {
      browser.quit();
    }
  }

  private void start() {
    browser = Browser.start(1000, 900);
  }

  /** Episodes of a policy that is hardly trained. */
  private byte[] episodes(String algorithm, String environment, int steps) throws Exception {
    Path run = folder.resolve("run");
    Cli result =
        Cli.run(
            "train",
            algorithm,
            "--env",
            environment,
            "--steps",
            steps,
            "--out",
            run,
            "--threads",
            1);
    assertEquals(0, result.exitCode(), result.err());
    Playback playback = new Playback();
    new CommandLine(playback).parseArgs(run.toString());
    return ViewCommand.record(playback, 2, Integer.MAX_VALUE);
  }

  private Object script(String text) {
    return ((JavascriptExecutor) browser).executeScript(text);
  }

  /** The canvas as it is on the screen, as a string to compare. */
  private String picture() {
    return (String) script("return document.getElementById('stage').toDataURL()");
  }

  /** The colours of the canvas, as red · 2¹⁶ + green · 2⁸ + blue. */
  private Set<Long> colours() {
    List<?> seen =
        (List<?>)
            script(
                """
                const stage = document.getElementById('stage');
                const copy = new OffscreenCanvas(stage.width, stage.height).getContext('2d');
                copy.drawImage(stage, 0, 0);
                const pixels = copy.getImageData(0, 0, stage.width, stage.height).data;
                const seen = new Set();
                for (let i = 0; i < pixels.length; i += 4) {
                  seen.add((pixels[i] << 16) | (pixels[i + 1] << 8) | pixels[i + 2]);
                }
                return [...seen];
                """);
    return seen.stream().map(Long.class::cast).collect(Collectors.toSet());
  }

  private int step() {
    return Integer.parseInt((String) script("return document.body.dataset.step"));
  }

  private void await(BooleanSupplier condition) {
    new WebDriverWait(browser, Duration.ofSeconds(120), Duration.ofMillis(50))
        .until(b -> condition.getAsBoolean());
  }

  /**
   * Plays and pauses. While a busy machine looks away, an episode may come to its end: once more.
   */
  private void pauseInTheMiddle(int last) {
    WebElement play = browser.findElement(By.id("play"));
    new Select(browser.findElement(By.id("speed"))).selectByValue("0.25");
    do {
      assertEquals("Play", play.getText());
      play.click();
      await(() -> isInTheMiddle(last) || play.getText().equals("Play"));
      script(
          "const play = document.getElementById('play'); if (play.textContent === 'Pause')"
              + " play.click()");
    } while (!isInTheMiddle(last));
  }

  private boolean isInTheMiddle(int last) {
    int step = step();
    return step >= 3 && step < last;
  }

  @ParameterizedTest
  @CsvSource({"ppo, CartPole-v1, 256, false", "ppo, ArmReach, 2048, true"})
  void episodesPlay(String algorithm, String environment, int steps, boolean solid)
      throws Exception {
    start();
    try (ViewServer server = new ViewServer(0, episodes(algorithm, environment, steps))) {
      browser.get(server.address());
      await(() -> "yes".equals(script("return document.body.dataset.ready")));
      assertEquals(
          algorithm + " on " + environment + ", seed 1",
          browser.findElement(By.id("title")).getText());
      assertTrue(colours().size() > 4, colours() + "");

      // Play: time passes, pixels move, and it can be paused.
      String first = picture();
      WebElement scrub = browser.findElement(By.id("scrub"));
      int last = Integer.parseInt(scrub.getAttribute("max"));
      pauseInTheMiddle(last);
      int paused = step();
      String later = picture();
      assertFalse(first.equals(later), "nothing moved");
      Thread.sleep(200);
      assertEquals(paused, step());
      assertEquals("Play", browser.findElement(By.id("play")).getText());

      // Scrub: to the start, where the picture is the first one again, and to the end.
      scrubTo(0);
      assertEquals(0, step());
      assertEquals(first, picture());
      scrubTo(last);
      assertEquals(last, step());
      assertTrue(
          browser
              .findElement(By.id("facts"))
              .getText()
              .startsWith("step " + last + " of " + last + ", return so far "),
          browser.findElement(By.id("facts")).getText());

      // The other episode starts elsewhere.
      new Select(browser.findElement(By.id("episode"))).selectByIndex(1);
      await(() -> step() == 0 && !first.equals(picture()));

      // Orbit: the world turns under the mouse, in space alone.
      String before = picture();
      new Actions(browser)
          .moveToElement(browser.findElement(By.id("stage")))
          .clickAndHold()
          .moveByOffset(120, 30)
          .release()
          .perform();
      if (solid) {
        await(() -> !before.equals(picture()));
      } else {
        assertEquals(before, picture());
      }

      assertEquals(List.of(), Browser.complaints(browser));
    }
  }

  /** The corridor, the goal, the sign and whoever has to remember it. */
  @Test
  void theMaze_isSeen() throws Exception {
    start();
    try (ViewServer server = new ViewServer(0, episodes("ppo", "TMaze", 2048))) {
      browser.get(server.address());
      await(() -> "yes".equals(script("return document.body.dataset.ready")));
      Set<Long> start = colours();
      for (long colour : new long[] {0xb0b4b8, 0xd03a3a, 0x4a9d5b, 0x2f6db5}) {
        assertTrue(start.contains(colour), Long.toHexString(colour) + " is not among " + start);
      }
      assertEquals(List.of(), Browser.complaints(browser));
    }
  }

  private void scrubTo(int value) {
    script(
        "const s = document.getElementById('scrub'); s.value = "
            + value
            + "; s.dispatchEvent(new Event('input'))");
  }

  @Test
  void server_servesItsPageAloneAndToThisMachine() throws Exception {
    byte[] json = "{}".getBytes(StandardCharsets.UTF_8);
    HttpClient client = HttpClient.newHttpClient();
    try (ViewServer server = new ViewServer(0, json)) {
      assertTrue(server.address().startsWith("http://127.0.0.1:"));
      for (String path :
          List.of("", "view.js", "episodes.json", "three/build/three.module.min.js")) {
        assertEquals(200, get(client, server.address() + path).statusCode(), path);
      }
      for (String path :
          List.of(
              "nothing", "three/nothing.js", "three/../../../../logback.xml", "../Main.class")) {
        assertEquals(404, get(client, server.address() + path).statusCode(), path);
      }
      assertEquals("{}", get(client, server.address() + "episodes.json").body());
    }
  }

  /** Sends a request as it is written and returns the whole answer. */
  private static String raw(int port, String request) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String request(String method, String path, String host) {
    return method + " " + path + " HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n";
  }

  @Test
  void server_answersForTheNamesOfThisMachineAlone() throws Exception {
    try (ViewServer server = new ViewServer(0, "{}".getBytes(StandardCharsets.UTF_8))) {
      int port = URI.create(server.address()).getPort();
      for (String name : List.of("127.0.0.1", "localhost", "[::1]")) {
        String answer =
            raw(port, request("GET", "/episodes.json", "Host: " + name + ":" + port + "\r\n"));
        assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
        assertTrue(answer.endsWith("{}"), answer);
      }
      for (String host :
          List.of(
              "Host: evil.example:" + port + "\r\n",
              "Host: 127.0.0.1.evil.example:" + port + "\r\n",
              "Host: localhost\r\n",
              "Host: localhost:" + (port + 1) + "\r\n",
              "Host: localhost:" + port + "\r\nHost: evil.example\r\n",
              "")) {
        String answer = raw(port, request("GET", "/episodes.json", host));
        assertTrue(answer.startsWith("HTTP/1.1 403 "), host + answer);
        assertFalse(answer.contains("{}"), answer);
      }
    }
  }

  @Test
  void server_readsAndNothingElse() throws Exception {
    try (ViewServer server = new ViewServer(0, "{}".getBytes(StandardCharsets.UTF_8))) {
      int port = URI.create(server.address()).getPort();
      String host = "Host: localhost:" + port + "\r\n";
      for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "X")) {
        String answer = raw(port, request(method, "/episodes.json", host));
        assertTrue(answer.startsWith("HTTP/1.1 405 "), method + answer);
        assertTrue(answer.contains("Allow: GET, HEAD\r\n"), answer);
      }
      String head = raw(port, request("HEAD", "/", host));
      String get = raw(port, request("GET", "/", host));
      assertTrue(head.startsWith("HTTP/1.1 200 "), head);
      assertTrue(head.endsWith("\r\n\r\n"), head);
      String length =
          "\nContent-length: "
              + get.split("\r\n\r\n", 2)[1].getBytes(StandardCharsets.UTF_8).length
              + "\r";
      assertTrue(head.contains(length), head);
      for (String header :
          List.of(
              "Content-security-policy: default-src 'none'; script-src 'self' 'sha256-",
              "X-content-type-options: nosniff",
              "Referrer-policy: no-referrer",
              "Cross-origin-opener-policy: same-origin",
              "Cross-origin-resource-policy: same-origin",
              "X-frame-options: DENY")) {
        assertTrue(get.contains("\n" + header), header + " is not in " + get);
      }
      assertFalse(get.contains("unsafe-inline"), get);
    }
  }

  /** A busy machine may be late itself, but not each time. */
  @Test
  void server_waitsForNobody() throws Exception {
    try (ViewServer server = new ViewServer(0, "{}".getBytes(StandardCharsets.UTF_8))) {
      int port = URI.create(server.address()).getPort();
      String host = "Host: localhost:" + port + "\r\n";
      double seconds = LoopbackServer.REQUEST_SECONDS;
      for (int attempt = 0; attempt < 10 && seconds >= 2; attempt++) {
        List<Socket> halves = new ArrayList<>();
        try {
          for (int i = 0; i < 10; i++) {
            Socket half = new Socket(InetAddress.getLoopbackAddress(), port);
            halves.add(half);
            half.setSoTimeout(60_000);
            half.getOutputStream()
                .write("GET / HTTP/1.1\r\nHost: local".getBytes(StandardCharsets.US_ASCII));
          }
          long start = System.nanoTime();
          assertTrue(raw(port, request("GET", "/episodes.json", host)).endsWith("{}"));
          seconds = (System.nanoTime() - start) * 1e-9;
          for (Socket half : halves) { // a request that does not end is ended
            assertEquals(-1, half.getInputStream().read());
          }
        } finally {
          for (Socket half : halves) {
            half.close();
          }
        }
      }
      assertTrue(seconds < 2, "it waited for " + seconds + " s");
    }
  }

  private static HttpResponse<String> get(HttpClient client, String address) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void portInUse() throws Exception {
    try (ViewServer first = new ViewServer(0, new byte[0])) {
      int port = URI.create(first.address()).getPort();
      UserError error =
          org.junit.jupiter.api.Assertions.assertThrows(
              UserError.class, () -> new ViewServer(port, new byte[0]).close());
      assertEquals("--port: " + port + " is in use", error.getMessage());
    }
  }
}
