package org.deeprl4j.envs.rendering;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Collects the shapes of a picture. Points have two or three coordinates, as the view has it. */
public final class Canvas {
  private final List<Shape> shapes = new ArrayList<>();

  /** An empty canvas. */
  public Canvas() {}

  /** Draws lines from point to point. */
  public void line(int rgb, double width, double... points) {
    shapes.add(new Shape(Shape.Kind.LINE, rgb, width, points.clone(), ""));
  }

  /** Fills the area within corners. */
  public void polygon(int rgb, double... corners) {
    shapes.add(new Shape(Shape.Kind.POLYGON, rgb, 0, corners.clone(), ""));
  }

  /** Draws a disc or sphere. */
  public void ball(int rgb, double radius, double... center) {
    shapes.add(new Shape(Shape.Kind.BALL, rgb, radius, center.clone(), ""));
  }

  /** Writes a text about a point. */
  public void text(int rgb, double height, String text, double... at) {
    shapes.add(new Shape(Shape.Kind.TEXT, rgb, height, at.clone(), text));
  }

  /** What was drawn, those behind first. */
  public List<Shape> shapes() {
    return Collections.unmodifiableList(shapes);
  }
}
