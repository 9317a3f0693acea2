package org.deeprl4j.envs.rendering;

import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.deeprl4j.envs.gym.GymEnv;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.StatefulMdp;

/** Draws an environment in its current state: the library's, a {@link Renderable}, Gymnasium's. */
public abstract class Renderer {
  /** The default width in pixels, as in Gymnasium. */
  public static final int WIDTH = 600;

  /** The default height in pixels. */
  public static final int HEIGHT = 400;

  private Renderer() {}

  /**
   * A renderer of the outermost wrapper that is {@link Renderable}, else of the environment at the
   * base.
   *
   * @throws IllegalArgumentException if it cannot be drawn
   */
  public static Renderer of(Mdp mdp) {
    Optional<Renderable> renderable = MdpWrapper.find(mdp, Renderable.class);
    if (renderable.isPresent()) {
      return new Drawn(renderable.get().view(), renderable.get()::draw);
    }
    Mdp base = MdpWrapper.base(mdp);
    if (base instanceof GymEnv gym) {
      return new Painted(gym);
    }
    if (base instanceof StatefulMdp stateful) {
      Optional<Pictures.Picture> picture = Pictures.of(stateful);
      if (picture.isPresent()) {
        Pictures.Painting painting = picture.get().painting();
        return new Drawn(picture.get().view(), c -> painting.draw(stateful.state(), c));
      }
    }
    throw new IllegalArgumentException(
        "%s cannot be drawn: it must implement %s"
            .formatted(base.getClass().getSimpleName(), Renderable.class.getName()));
  }

  /** The part of the world that is seen; empty if the environment paints its own pictures. */
  public abstract Optional<View> view();

  /** How many pictures a second show the environment at its own speed. */
  public abstract double framesPerSecond();

  /** The shapes of the current state; none if the environment paints its own pictures. */
  public abstract List<Shape> shapes();

  /**
   * A picture of the current state.
   *
   * @param width pixels; ignored, like the height, if the environment paints its own pictures
   * @param height pixels
   */
  public abstract BufferedImage image(int width, int height);

  /** {@link #image(int, int)} of {@value #WIDTH} by {@value #HEIGHT} pixels. */
  public final BufferedImage image() {
    return image(WIDTH, HEIGHT);
  }

  /** Draws shapes. */
  private static final class Drawn extends Renderer {
    private final View view;
    private final Consumer<Canvas> drawing;

    Drawn(View view, Consumer<Canvas> drawing) {
      this.view = view;
      this.drawing = drawing;
    }

    @Override
    public Optional<View> view() {
      return Optional.of(view);
    }

    @Override
    public double framesPerSecond() {
      return view.framesPerSecond();
    }

    @Override
    public List<Shape> shapes() {
      Canvas canvas = new Canvas();
      drawing.accept(canvas);
      return canvas.shapes();
    }

    @Override
    public BufferedImage image(int width, int height) {
      return new Painter(view, width, height).paint(shapes());
    }
  }

  /** Asks Gymnasium for its rgb_array. */
  private static final class Painted extends Renderer {
    private final GymEnv gym;

    Painted(GymEnv gym) {
      this.gym = gym;
    }

    @Override
    public Optional<View> view() {
      return Optional.empty();
    }

    @Override
    public double framesPerSecond() {
      return gym.framesPerSecond();
    }

    @Override
    public List<Shape> shapes() {
      return List.of();
    }

    @Override
    public BufferedImage image(int width, int height) {
      return gym.render();
    }
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
