package org.deeprl4j.envs.rendering;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.random.Rng;

/** Draws the pictures of docs/environments, each after a few random actions. */
final class DocumentationPictures {
  private static final Map<String, Integer> STEPS =
      Map.of("InvertedPendulum-v5", 8, "InvertedDoublePendulum-v5", 3, "ArmHold", 60);

  private DocumentationPictures() {}

  /**
   * Draws them all.
   *
   * @param arguments the folder they go to
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    for (String id : Environments.ids()) {
      try (Mdp mdp = Environments.make(id)) {
        Rng random = new Rng(3);
        Step step = new Step(mdp.observationSpace().size());
        float[] action = new float[mdp.actionSpace().size()];
        mdp.reset(random, step.observation());
        for (int t = 0; t < STEPS.getOrDefault(id, 15); t++) {
          mdp.actionSpace().sample(random, action, 0);
          step.clear();
          mdp.step(action, step);
        }
        ImageIO.write(
            Renderer.of(mdp).image(450, 300), "png", folder.resolve(id + ".png").toFile());
      }
    }
  }
}
