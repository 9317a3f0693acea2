package org.deeprl4j.envs.rendering;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.GraphicsEnvironment;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.envs.arm.ArmModel;
import org.deeprl4j.envs.arm.ArmReach;
import org.deeprl4j.envs.classic.CartPole;
import org.deeprl4j.envs.classic.Pendulum;
import org.deeprl4j.envs.classic.Reacher;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.StatefulMdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Space;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is seen of environments. */
final class RenderTest {
  private static final int WHITE = 0xffffff;
  private static final int RED = 0xd03a3a; // the goals' colour
  private static final int DARK = 0x202428;

  @TempDir Path folder;

  static List<String> ids() {
    return Environments.ids();
  }

  private static int[] pixels(BufferedImage image) {
    int[] rgb = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] &= WHITE;
    }
    return rgb;
  }

  @ParameterizedTest
  @MethodSource("ids")
  void everyEnvironment_isSeenAndMoves(String id) {
    try (Mdp mdp = Environments.make(id)) {
      Renderer renderer = Renderer.of(mdp);
      Step step = new Step(mdp.observationSpace().size());
      Rng random = new Rng(1);
      mdp.reset(random, step.observation());
      int[] first = pixels(renderer.image());
      assertEquals(Renderer.WIDTH * Renderer.HEIGHT, first.length);
      long inked = Arrays.stream(first).filter(rgb -> rgb != WHITE).count();
      assertTrue(inked > 500 && inked < first.length / 2, inked + " pixels are not white");
      assertArrayEquals(first, pixels(renderer.image()), "a picture of the same state");
      float[] action = new float[mdp.actionSpace().size()];
      for (int t = 0; t < 20 && !step.ended(); t++) {
        mdp.actionSpace().sample(random, action, 0);
        step.clear();
        mdp.step(action, step);
      }
      assertFalse(Arrays.equals(first, pixels(renderer.image())), "nothing moved");
      assertTrue(renderer.framesPerSecond() > 0);
    }
  }

  /** The mean place of a colour's pixels, x to the right and y downwards. */
  private static double[] place(BufferedImage image, int rgb) {
    double x = 0;
    double y = 0;
    int count = 0;
    int[] pixels = pixels(image);
    for (int row = 0, i = 0; row < image.getHeight(); row++) {
      for (int column = 0; column < image.getWidth(); column++, i++) {
        if (pixels[i] == rgb) {
          x += column + 0.5;
          y += row + 0.5;
          count++;
        }
      }
    }
    return new double[] {x / count, y / count};
  }

  private static BufferedImage image(StatefulMdp mdp, double... state) {
    mdp.setState(state);
    return Renderer.of(mdp).image();
  }

  @Test
  void cartPole_isWhereItsStateSays() {
    double scale = 600 / 5.2;
    for (double x : new double[] {-2, 0, 1.5}) {
      // The pole, straight up, hides the upper half of the cart evenly.
      double[] cart = place(image(new CartPole(), x, 0, 0, 0), DARK);
      assertEquals(300 + scale * x, cart[0], 1, "x = " + x);
    }
    int pole = 0xe08a2e;
    double[] left = place(image(new CartPole(), 0, 0, -0.2, 0), pole);
    double[] right = place(image(new CartPole(), 0, 0, 0.2, 0), pole);
    assertEquals(scale * Math.sin(0.2), right[0] - left[0], 8); // twice the way of its middle
  }

  @Test
  void pendulum_atZeroPointsUp() {
    int rod = 0xe08a2e;
    assertTrue(place(image(new Pendulum(), 0, 0), rod)[1] < 150);
    assertTrue(place(image(new Pendulum(), Math.PI, 0), rod)[1] > 250);
    // θ grows counter-clockwise, as in Gymnasium's picture.
    assertTrue(place(image(new Pendulum(), Math.PI / 2, 0), rod)[0] < 250);
  }

  @Test
  void reacher_targetIsWhereItsStateSays() {
    double scale = 400 / (0.7 * 2 / 3);
    double[] state = new double[8];
    state[1] = Math.PI / 2;
    state[2] = -0.12;
    state[3] = 0.1;
    double[] target = place(image(new Reacher(), state), RED);
    assertEquals(300 - 0.12 * scale, target[0], 1.5);
    assertEquals(200 - 0.1 * scale, target[1], 1.5);
  }

  @Test
  void arm_targetMovesUpTheScreenAsItRises() {
    ArmReach arm = new ArmReach(ArmModel.human(), ArmReach.Reward.DENSE);
    double[] state = arm.state().clone();
    state[14] = 0.3;
    state[15] = -0.4;
    state[16] = -0.2;
    double[] low = place(image(arm, state), RED);
    state[16] = 0.2;
    double[] high = place(image(arm, state), RED);
    assertEquals(low[0], high[0], 1.5);
    assertTrue(low[1] - high[1] > 50, low[1] + " to " + high[1]);
  }

  /** An environment of somebody else's. */
  public static class Lamp extends MdpWrapper implements Renderable {
    /** Makes one. */
    public Lamp() {
      super(new CartPole());
    }

    @Override
    public View view() {
      return View.flat(0, 0, 3, 10);
    }

    @Override
    public void draw(Canvas canvas) {
      canvas.ball(RED, 0.5, 0, 0);
      canvas.polygon(DARK, -1, -1, 1, -1, 1, -0.8, -1, -0.8);
      canvas.text(DARK, 0.3, "lamp", 0, 0.8);
    }
  }

  @Test
  void renderable_isDrawnUnderItsWrappers() {
    Renderer renderer = Renderer.of(new TimeLimit(new Lamp(), 10));
    BufferedImage image = renderer.image();
    assertEquals(RED, image.getRGB(300, 200) & WHITE);
    assertEquals(10, renderer.framesPerSecond());
    assertEquals(3, renderer.shapes().size());
    assertEquals(
        List.of(Shape.Kind.BALL, Shape.Kind.POLYGON, Shape.Kind.TEXT),
        renderer.shapes().stream().map(Shape::kind).toList());
    byte[] rgb = Renderer.rgb(image);
    assertEquals(3 * 600 * 400, rgb.length);
    int middle = 3 * (200 * 600 + 300);
    assertArrayEquals(
        new byte[] {(byte) 0xd0, 0x3a, 0x3a}, Arrays.copyOfRange(rgb, middle, middle + 3));
    assertEquals(120, renderer.image(120, 80).getWidth());
  }

  @Test
  void notDrawable_saysWhatToImplement() {
    Mdp mdp = new Undrawable();
    assertEquals(
        "Undrawable cannot be drawn: it must implement org.deeprl4j.envs.rendering.Renderable",
        assertThrows(IllegalArgumentException.class, () -> Renderer.of(mdp)).getMessage());
  }

  private static final class Undrawable implements Mdp {
    private final CartPole inner = new CartPole();

    @Override
    public Space observationSpace() {
      return inner.observationSpace();
    }

    @Override
    public Space actionSpace() {
      return inner.actionSpace();
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      inner.reset(random, observation);
    }

    @Override
    public void step(float[] action, Step next) {
      inner.step(action, next);
    }
  }

  @Test
  void animation_hasEveryFrameAndItsTime() throws Exception {
    Path file = folder.resolve("a.gif");
    try (AnimatedGif gif = new AnimatedGif(file, 25)) {
      for (int i = 0; i < 3; i++) {
        gif.add(image(new CartPole(), i, 0, 0, 0));
      }
    }
    ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      reader.setInput(in);
      assertEquals(3, reader.getNumImages(true));
      double[] x = new double[3];
      for (int i = 0; i < 3; i++) {
        x[i] = place(reader.read(i), DARK)[0];
        IIOMetadataNode root =
            (IIOMetadataNode) reader.getImageMetadata(i).getAsTree("javax_imageio_gif_image_1.0");
        IIOMetadataNode control =
            (IIOMetadataNode) root.getElementsByTagName("GraphicControlExtension").item(0);
        assertEquals("4", control.getAttribute("delayTime")); // hundredths of a second
      }
      assertEquals(600 / 5.2, x[1] - x[0], 2);
      assertEquals(600 / 5.2, x[2] - x[1], 2);
    } finally {
      reader.dispose();
    }
    assertTrue(Files.readString(file, StandardCharsets.ISO_8859_1).contains("NETSCAPE2.0"));
  }

  @Test
  void window_withoutADisplaySaysSo() {
    assumeTrue(GraphicsEnvironment.isHeadless(), "there is a display: skipped");
    String message =
        assertThrows(IllegalArgumentException.class, () -> new Human(new CartPole(), "x"))
            .getMessage();
    assertTrue(message.startsWith("there is no display to open a window on"), message);
  }
}
