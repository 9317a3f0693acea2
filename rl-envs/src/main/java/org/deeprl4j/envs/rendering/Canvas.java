package org.deeprl4j.envs.rendering;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Collects the shapes of a picture. Points have two or three coordinates, as the view has it. */
public final class Canvas {
  private final List<Shape> shapes = new ArrayList<>();

  /** An empty canvas. */
  public Canvas() {}

  /**
   * Draws lines from point to point.
   *
   * @param rgb 0xRRGGBB
   * @param points two or three coordinates of each
   */
  public void line(int rgb, double width, double... points) {
    shapes.add(new Shape(Shape.Kind.LINE, rgb, width, points.clone(), ""));
  }

  /**
   * Fills a polygon.
   *
   * @param rgb 0xRRGGBB
   * @param corners two or three coordinates of each
   */
  public void polygon(int rgb, double... corners) {
    shapes.add(new Shape(Shape.Kind.POLYGON, rgb, 0, corners.clone(), ""));
  }

  /**
   * Draws a disc or a sphere.
   *
   * @param rgb 0xRRGGBB
   * @param center two or three coordinates
   */
  public void ball(int rgb, double radius, double... center) {
    shapes.add(new Shape(Shape.Kind.BALL, rgb, radius, center.clone(), ""));
  }

  /**
   * Writes a text, centred on a point.
   *
   * @param rgb 0xRRGGBB
   * @param at two or three coordinates
   */
  public void text(int rgb, double height, String text, double... at) {
    shapes.add(new Shape(Shape.Kind.TEXT, rgb, height, at.clone(), text));
  }

  /** The shapes drawn so far, in the order of drawing. */
  public List<Shape> shapes() {
    return Collections.unmodifiableList(shapes);
  }
}
