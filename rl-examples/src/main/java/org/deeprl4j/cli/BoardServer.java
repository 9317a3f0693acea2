package org.deeprl4j.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.deeprl4j.cli.web.LoopbackServer;
import org.deeprl4j.cli.web.Pages;
import org.deeprl4j.experiments.board.Board;
import org.deeprl4j.experiments.board.BoardRun;
import org.deeprl4j.experiments.board.Points;
import org.jspecify.annotations.Nullable;

/**
 * Serves the board's page and, as server-sent events, what is new on the board. Nobody looks at the
 * files while no page is open.
 */
final class BoardServer implements AutoCloseable {
  /** Plays an episode of a run. */
  @FunctionalInterface
  interface Player {
    /** The JSON of a recorded episode. */
    byte[] play(Path run) throws IOException;
  }

  /** After which a stream ends, and the page asks for the next: well before the server's limit. */
  private static final long STREAM_NANOS = (LoopbackServer.ANSWER_SECONDS - 15) * 1_000_000_000L;

  private static final long PAUSE_MILLIS = 1000;
  private static final int MOST_STREAMS = 16;
  private static final int LONGEST_METRIC = 200;

  private final LoopbackServer server;
  private final Pages pages;
  private final Board board;
  private final Player player;
  private final Semaphore streams = new Semaphore(MOST_STREAMS);
  private final Object playing = new Object(); // one episode at a time
  private final String start = Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);

  /**
   * Starts the server.
   *
   * @param port 0 for any free port
   */
  BoardServer(int port, Board board, Player player) throws IOException {
    this.board = board;
    this.player = player;
    pages =
        new Pages(
            Map.of(
                "/",
                "/org/deeprl4j/cli/board/",
                "/view/",
                "/org/deeprl4j/cli/view/",
                "/three/",
                Pages.library("three"),
                "/uplot/",
                Pages.library("uplot") + "dist/"));
    server = ViewServer.start(port, this::answer);
  }

  String address() {
    return server.address();
  }

  private void answer(HttpExchange exchange) throws IOException {
    switch (String.valueOf(exchange.getRequestURI().getPath())) {
      case "/events" -> stream(exchange);
      case "/episode" -> episode(exchange);
      default -> pages.answer(exchange);
    }
  }

  /** A parameter of the request, null if there is none. */
  private static @Nullable String parameter(HttpExchange exchange, String name) {
    String query = exchange.getRequestURI().getRawQuery();
    if (query != null) {
      for (String part : query.split("&", -1)) {
        if (part.startsWith(name + "=")) {
          try {
            return URLDecoder.decode(part.substring(name.length() + 1), StandardCharsets.UTF_8);
          } catch (IllegalArgumentException e) {
            return null;
          }
        }
      }
    }
    return null;
  }

  private void stream(HttpExchange exchange) throws IOException {
    String metric = parameter(exchange, "metric");
    if (metric == null || metric.length() > LONGEST_METRIC) {
      exchange.sendResponseHeaders(400, -1);
    } else if (!streams.tryAcquire()) {
      exchange.sendResponseHeaders(503, -1);
    } else {
      try {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", "text/event-stream");
        if (exchange.getRequestMethod().equals("HEAD")) {
          exchange.sendResponseHeaders(200, -1);
          return;
        }
        exchange.sendResponseHeaders(200, 0);
        new Stream(exchange.getResponseBody(), metric)
            .run(exchange.getRequestHeaders().getFirst("Last-Event-ID"));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the server ends
      } catch (IOException e) {
        // The page has been left.
      } finally {
        streams.release();
      }
    }
  }

  /** What a page has been sent of a curve. */
  private record Sent(int generation, int points) {}

  /** Tells one page of what is new. */
  private final class Stream {
    private final OutputStream out;
    private final String metric;
    private final Map<String, Sent> sent = new HashMap<>();

    Stream(OutputStream out, String metric) {
      this.out = out;
      this.metric = metric;
    }

    /**
     * Runs until its time is over.
     *
     * @param last the id of the last event that the page has seen, null for none
     */
    void run(@Nullable String last) throws IOException, InterruptedException {
      long end = System.nanoTime() + STREAM_NANOS;
      long seen = seen(last);
      out.write("retry: 500\n\n".getBytes(StandardCharsets.UTF_8));
      while (System.nanoTime() - end < 0) {
        long look;
        long wait;
        List<BoardRun> runs = new ArrayList<>();
        byte[] list = null;
        synchronized (board) {
          look = board.look();
          wait = board.untilNextLook();
          for (BoardRun run : board.runs()) {
            if (run.changed() > seen) {
              runs.add(run);
            }
          }
          if (board.listed() > seen) {
            list = BoardJson.list(board);
          }
        }
        if (list != null) {
          event("list", list);
        }
        for (BoardRun run : runs) {
          send(run, seen);
        }
        out.write(("id: " + start + ":" + look + "\n").getBytes(StandardCharsets.UTF_8));
        event("look", "{}".getBytes(StandardCharsets.UTF_8));
        out.flush();
        seen = look;
        long left = Math.max(0, (end - System.nanoTime()) / 1_000_000);
        Thread.sleep(Math.min(left, Math.max(PAUSE_MILLIS, wait / 1_000_000)));
      }
    }

    private long seen(@Nullable String last) {
      if (last == null || !last.startsWith(start + ":")) {
        return 0;
      }
      try {
        return Long.parseLong(last.substring(start.length() + 1));
      } catch (NumberFormatException e) {
        return 0;
      }
    }

    private void send(BoardRun run, long seen) throws IOException {
      byte[] said;
      byte[] curve;
      synchronized (board) {
        said = BoardJson.run(run, run.configured() > seen);
        Sent before = sent.getOrDefault(run.id(), new Sent(-1, 0));
        Points points = run.points(metric, before.generation(), before.points());
        curve = BoardJson.curve(run.id(), metric, points);
        sent.put(run.id(), new Sent(points.generation(), points.complete()));
      }
      event("run", said);
      event("curve", curve);
    }

    private void event(String name, byte[] json) throws IOException {
      out.write(("event: " + name + "\ndata: ").getBytes(StandardCharsets.UTF_8));
      out.write(json);
      out.write("\n\n".getBytes(StandardCharsets.UTF_8));
    }
  }

  private void episode(HttpExchange exchange) throws IOException {
    String id = parameter(exchange, "run");
    BoardRun run;
    synchronized (board) {
      run = id == null ? null : board.find(id);
    }
    if (run == null) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    byte[] json;
    synchronized (playing) {
      try {
        if (run.policyTime() == 0) { // or it is a link
          throw new UserError(run.id() + " has no policy yet");
        }
        json = player.play(run.path());
      } catch (Exception | Error e) { // of this run: the page says so, and the board goes on
        json =
            JsonNodeFactory.instance
                .objectNode()
                .put("problem", Failures.describe(e))
                .toString()
                .getBytes(StandardCharsets.UTF_8);
      }
    }
    LoopbackServer.send(exchange, 200, "application/json", json);
  }

  @Override
  public void close() {
    server.close();
  }
}
