package org.deeprl4j.envs.rendering;

/**
 * A part of a picture.
 *
 * @param kind what it is
 * @param rgb its colour, 0xRRGGBB
 * @param size of a line its width, of a ball its radius, of a text its height; of a polygon
 *     nothing; in the world's units
 * @param points corners, two or three coordinates each, as the {@link View} has it
 * @param text of a text; else empty
 */
public record Shape(Kind kind, int rgb, double size, double[] points, String text) {
  /** Kinds of shapes. */
  public enum Kind {
    /** Points joined by straight lines with round ends. */
    LINE,
    /** The area within its corners. */
    POLYGON,
    /** A disc, or a sphere in space. */
    BALL,
    /** A text about its point. */
    TEXT
  }
}
