package org.deeprl4j.envs.rendering;

import java.awt.image.BufferedImage;
import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;

/**
 * Observes pictures instead of numbers: what a {@link Renderer} draws of the environment, in shades
 * of grey from 0 to 255, [height, width]. One picture shows no speeds; {@link
 * org.deeprl4j.mdp.wrappers.FrameStack} around it does.
 */
public final class PictureObservation extends MdpWrapper {
  private final Renderer renderer;
  private final int width;
  private final int height;
  private final Box space;
  private final Step step;
  private final float[] ignored;
  private final int[] pixels;

  /**
   * Observes pictures of {@code inner}.
   *
   * @param height pixels, at least 1
   * @param width pixels, at least 1
   * @throws IllegalArgumentException if it cannot be drawn
   */
  public PictureObservation(Mdp inner, int height, int width) {
    super(inner);
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "a picture needs at least 1 × 1 pixels, not %d × %d".formatted(height, width));
    }
    renderer = Renderer.of(inner);
    this.width = width;
    this.height = height;
    space = Box.of(0, 255, height, width);
    pixels = new int[space.size()];
    step = new Step(inner.observationSpace().size());
    ignored = new float[inner.observationSpace().size()];
  }

  @Override
  public Space observationSpace() {
    return space;
  }

  @Override
  protected boolean passesActions() {
    return true;
  }

  @Override
  public void reset(RandomGenerator random, float[] observation) {
    inner().reset(random, ignored);
    draw(observation);
  }

  @Override
  public void step(float[] action, Step next) {
    step.clear();
    inner().step(action, step);
    next.copyOutcome(step);
    draw(next.observation());
  }

  private void draw(float[] observation) {
    BufferedImage image = renderer.image(width, height);
    if (image.getWidth() != width || image.getHeight() != height) {
      throw new IllegalStateException(
          "%s paints pictures of %d × %d pixels, not of %d × %d"
              .formatted(name(), image.getHeight(), image.getWidth(), height, width));
    }
    image.getRGB(0, 0, width, height, pixels, 0, width);
    for (int i = 0; i < pixels.length; i++) {
      int rgb = pixels[i];
      // The luma of ITU-R BT.601 in whole shades.
      int shade =
          (299 * (rgb >> 16 & 255) + 587 * (rgb >> 8 & 255) + 114 * (rgb & 255) + 500) / 1000;
      observation[i] = shade;
    }
  }
}
