package org.deeprl4j.envs.rendering;

import java.awt.Dimension;
import java.awt.Graphics;
import java.awt.GraphicsEnvironment;
import java.awt.HeadlessException;
import java.awt.image.BufferedImage;
import java.util.random.RandomGenerator;
import javax.swing.JFrame;
import javax.swing.JPanel;
import javax.swing.WindowConstants;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.jspecify.annotations.Nullable;

/**
 * Shows an environment in a window, every step at its own speed, as Gymnasium's mode "human" does.
 */
public final class Human extends MdpWrapper {
  private final Renderer renderer;
  private final JFrame window;
  private final Panel panel = new Panel();
  private final long frameNanos;
  private long nextFrame;

  private static final class Panel extends JPanel {
    private static final long serialVersionUID = 1L;

    private transient volatile @Nullable BufferedImage image;

    @Override
    protected void paintComponent(Graphics g) {
      super.paintComponent(g);
      BufferedImage shown = image;
      if (shown != null) {
        g.drawImage(shown, 0, 0, getWidth(), getHeight(), null);
      }
    }
  }

  /**
   * Opens a window.
   *
   * @throws IllegalArgumentException if there is no display, or the environment cannot be drawn
   */
  public Human(Mdp inner, String title) {
    super(inner);
    renderer = Renderer.of(inner);
    if (GraphicsEnvironment.isHeadless()) {
      throw noDisplay(null);
    }
    try {
      window = new JFrame(title);
    } catch (HeadlessException e) {
      throw noDisplay(e);
    }
    frameNanos = (long) (1e9 / renderer.framesPerSecond());
    panel.setPreferredSize(new Dimension(Renderer.WIDTH, Renderer.HEIGHT));
    window.add(panel);
    window.pack();
    window.setDefaultCloseOperation(WindowConstants.HIDE_ON_CLOSE);
    window.setVisible(true);
  }

  private static IllegalArgumentException noDisplay(@Nullable Exception cause) {
    return new IllegalArgumentException(
        "there is no display to open a window on (the variable DISPLAY names one): record to a file or view in a browser instead",
        cause);
  }

  private void show() {
    panel.image = renderer.image();
    panel.repaint();
    long now = System.nanoTime();
    long wait = nextFrame - now;
    if (wait > 0) {
      try {
        Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    nextFrame = Math.max(nextFrame, now) + frameNanos;
  }

  @Override
  public void reset(RandomGenerator random, float[] observation) {
    inner().reset(random, observation);
    show();
  }

  @Override
  public void step(float[] action, Step next) {
    inner().step(action, next);
    show();
  }

  @Override
  public void close() {
    window.dispose();
    super.close();
  }
}
