package org.deeprl4j.envs.rendering;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Paints shapes with Java2D, which needs no display. Space is seen from the front right above. */
final class Painter {
  // The camera's direction: turned by YAW about the vertical, then lowered by PITCH.
  private static final double YAW = Math.toRadians(-50);
  private static final double PITCH = Math.toRadians(20);
  private static final double ASPECT = 2.0 / 3;

  private final View view;
  private final int width;
  private final int height;
  private final double scale;

  Painter(View view, int width, int height) {
    this.view = view;
    this.width = width;
    this.height = height;
    scale = Math.min(width / view.width(), height / (view.width() * ASPECT));
  }

  BufferedImage paint(List<Shape> shapes) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    try {
      g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      g.setColor(Color.WHITE);
      g.fillRect(0, 0, width, height);
      List<Shape> ordered = new ArrayList<>(shapes);
      if (view.solid()) {
        ordered.sort(Comparator.comparingDouble(this::depth));
      }
      for (Shape shape : ordered) {
        paint(shape, g);
      }
    } finally {
      g.dispose();
    }
    return image;
  }

  private int dimensions() {
    return view.solid() ? 3 : 2;
  }

  /** How near a shape's middle is to the camera. */
  private double depth(Shape shape) {
    double[] p = shape.points();
    double sum = 0;
    for (int i = 0; i < p.length; i += 3) {
      double along =
          Math.cos(YAW) * (p[i] - view.centerX()) + Math.sin(YAW) * (p[i + 1] - view.centerY());
      sum += Math.cos(PITCH) * along + Math.sin(PITCH) * (p[i + 2] - view.centerZ());
    }
    return sum * 3 / p.length;
  }

  private double x(double[] p, int i) {
    double dx = p[i] - view.centerX();
    double across =
        view.solid() ? -Math.sin(YAW) * dx + Math.cos(YAW) * (p[i + 1] - view.centerY()) : dx;
    return width / 2.0 + scale * across;
  }

  private double y(double[] p, int i) {
    double up;
    if (view.solid()) {
      double along =
          Math.cos(YAW) * (p[i] - view.centerX()) + Math.sin(YAW) * (p[i + 1] - view.centerY());
      up = Math.cos(PITCH) * (p[i + 2] - view.centerZ()) - Math.sin(PITCH) * along;
    } else {
      up = p[i + 1] - view.centerY();
    }
    return height / 2.0 - scale * up;
  }

  private void paint(Shape shape, Graphics2D g) {
    g.setColor(new Color(shape.rgb()));
    double[] p = shape.points();
    double size = scale * shape.size();
    switch (shape.kind()) {
      case LINE -> {
        g.setStroke(new BasicStroke((float) size, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        g.draw(path(p));
      }
      case POLYGON -> {
        Path2D path = path(p);
        path.closePath();
        g.fill(path);
      }
      case BALL -> g.fill(new Ellipse2D.Double(x(p, 0) - size, y(p, 0) - size, 2 * size, 2 * size));
      case TEXT -> {
        g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 1).deriveFont((float) size));
        var box = g.getFontMetrics().getStringBounds(shape.text(), g);
        g.drawString(
            shape.text(),
            (float) (x(p, 0) - box.getCenterX()),
            (float) (y(p, 0) - box.getCenterY()));
      }
    }
  }

  private Path2D path(double[] p) {
    Path2D path = new Path2D.Double();
    path.moveTo(x(p, 0), y(p, 0));
    for (int i = dimensions(); i < p.length; i += dimensions()) {
      path.lineTo(x(p, i), y(p, i));
    }
    return path;
  }
}
