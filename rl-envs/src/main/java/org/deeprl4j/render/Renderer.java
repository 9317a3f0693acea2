package org.deeprl4j.render;

import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Optional;
import org.deeprl4j.envs.gym.GymEnv;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.StatefulMdp;
import org.jspecify.annotations.Nullable;

/** Shows one environment as it stands: the library's own, any {@link Renderable}, Gymnasium's. */
public final class Renderer {
  /** Pixels across where nothing else is asked for, as Gymnasium has them. */
  public static final int WIDTH = 600;

  /** Pixels from top to bottom where nothing else is asked for. */
  public static final int HEIGHT = 400;

  private final @Nullable GymEnv gym;
  private final @Nullable View view;
  private final Drawing drawing;

  /** Draws an environment's state. */
  @FunctionalInterface
  interface Drawing {
    void draw(Canvas canvas);
  }

  private Renderer(@Nullable GymEnv gym, @Nullable View view, Drawing drawing) {
    this.gym = gym;
    this.view = view;
    this.drawing = drawing;
  }

  /**
   * A renderer of an environment, found at the base of its wrappers.
   *
   * @throws IllegalArgumentException if it cannot be drawn
   */
  public static Renderer of(Mdp mdp) {
    Mdp base = MdpWrapper.base(mdp);
    if (base instanceof GymEnv gym) {
      return new Renderer(gym, null, canvas -> {});
    }
    if (base instanceof Renderable renderable) {
      return new Renderer(null, renderable.view(), renderable::draw);
    }
    if (base instanceof StatefulMdp stateful) {
      Optional<Pictures.Picture> picture = Pictures.of(stateful);
      if (picture.isPresent()) {
        Pictures.Picture p = picture.get();
        return new Renderer(null, p.view(), canvas -> p.painting().draw(stateful.state(), canvas));
      }
    }
    throw new IllegalArgumentException(
        "%s cannot be drawn: it must implement %s"
            .formatted(base.getClass().getSimpleName(), Renderable.class.getName()));
  }

  /** What is seen; nothing where the environment paints its own pictures. */
  public Optional<View> view() {
    return Optional.ofNullable(view);
  }

  /** The rate at which pictures are meant to be shown. */
  public double framesPerSecond() {
    return gym != null ? gym.framesPerSecond() : view == null ? 30 : view.framesPerSecond();
  }

  /** The shapes as they stand; none where the environment paints its own pictures. */
  public List<Shape> shapes() {
    Canvas canvas = new Canvas();
    drawing.draw(canvas);
    return canvas.shapes();
  }

  /** The picture as it stands, {@value #WIDTH} by {@value #HEIGHT} or as the environment has it. */
  public BufferedImage image() {
    return image(WIDTH, HEIGHT);
  }

  /** The picture as it stands, of a size, which an environment that paints its own ignores. */
  public BufferedImage image(int width, int height) {
    if (gym != null) {
      return gym.render();
    }
    if (view == null) {
      throw new IllegalStateException("nothing is seen");
    }
    return new Painter(view, width, height).paint(shapes());
  }

  /**
   * A picture's bytes, Gymnasium's rgb_array.
   *
   * @return [height, width, 3], red, green and blue of each pixel, row by row
   */
  public static byte[] rgb(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    int[] pixels = image.getRGB(0, 0, width, height, null, 0, width);
    byte[] rgb = new byte[3 * pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      rgb[3 * i] = (byte) (pixels[i] >> 16);
      rgb[3 * i + 1] = (byte) (pixels[i] >> 8);
      rgb[3 * i + 2] = (byte) pixels[i];
    }
    return rgb;
  }
}
