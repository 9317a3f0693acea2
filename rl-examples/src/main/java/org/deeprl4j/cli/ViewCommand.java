package org.deeprl4j.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import javax.imageio.ImageIO;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.envs.rendering.Renderer;
import org.deeprl4j.envs.rendering.Shape;
import org.deeprl4j.envs.rendering.View;
import org.deeprl4j.mdp.Step;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rl view}. */
@Command(
    name = "view",
    description = "Plays episodes of a run's policy and shows them on a local web page.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ViewCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  @Spec private CommandSpec spec;

  @Mixin private final Playback playback = new Playback();

  @Option(
      names = "--episodes",
      paramLabel = "N",
      description = "Plays N episodes. Default: ${DEFAULT-VALUE}.")
  private int episodes = 5;

  @Option(
      names = "--port",
      paramLabel = "P",
      description = "Serves the page on this port. Default: any free port.")
  private int port;

  @Override
  public Integer call() throws IOException, InterruptedException {
    ViewServer.requirePort(port);
    byte[] json = record(playback, episodes, Integer.MAX_VALUE);
    try (ViewServer server = new ViewServer(port, json)) {
      spec.commandLine().getOut().println("open " + server.address() + " (Ctrl-C to stop)");
      spec.commandLine().getOut().flush();
      new CountDownLatch(1).await();
    }
    return 0;
  }

  /**
   * Plays episodes and returns them as the JSON that the pages read.
   *
   * @param mostSteps after which an episode is left
   */
  static byte[] record(Playback playback, int episodes, int mostSteps) throws IOException {
    RunConfig config = playback.config();
    ObjectNode root = JSON.createObjectNode();
    root.put(
        "title",
        "%s on %s, seed %d"
            .formatted(config.algorithm(), playback.environmentName(config), config.seed()));
    ArrayNode list = root.putArray("episodes");
    playback.play(
        episodes,
        mostSteps,
        (renderer, step) -> {
          if (step == null) {
            begin(renderer, root, list);
          }
          see(renderer, step, (ObjectNode) list.get(list.size() - 1));
        });
    return JSON.writeValueAsBytes(root);
  }

  private static void begin(Renderer renderer, ObjectNode root, ArrayNode list) {
    root.put("framesPerSecond", renderer.framesPerSecond());
    if (renderer.view().isPresent()) {
      View view = renderer.view().get();
      ObjectNode node = root.putObject("view");
      node.put("solid", view.solid());
      node.put("width", view.width());
      node.putArray("center").add(view.centerX()).add(view.centerY()).add(view.centerZ());
    }
    ObjectNode episode = list.addObject();
    episode.putNull("success");
    episode.putArray("rewards");
    episode.putArray("frames");
  }

  private static void see(Renderer renderer, @Nullable Step step, ObjectNode episode)
      throws IOException {
    if (step != null) {
      episode.withArray("rewards").add(step.reward());
      if (step.successDefined()) {
        episode.put("success", step.success());
      }
    }
    ArrayNode frames = episode.withArray("frames");
    if (renderer.view().isEmpty()) {
      ByteArrayOutputStream png = new ByteArrayOutputStream();
      ImageIO.write(renderer.image(), "png", png);
      frames.add("data:image/png;base64," + Base64.getEncoder().encodeToString(png.toByteArray()));
      return;
    }
    ArrayNode frame = frames.addArray();
    for (Shape shape : renderer.shapes()) {
      ArrayNode node = frame.addArray();
      node.add(shape.kind().ordinal()).add(shape.rgb()).add(rounded(shape.size()));
      ArrayNode points = node.addArray();
      for (double value : shape.points()) {
        points.add(rounded(value));
      }
      node.add(shape.text());
    }
  }

  /** Rounds to a tenth of a millimetre, which halves the size of the page's data. */
  private static double rounded(double value) {
    return Math.round(value * 1e4) / 1e4;
  }
}
