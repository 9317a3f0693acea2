package org.deeprl4j.envs.rendering;

/**
 * A part of a picture.
 *
 * @param kind what it is
 * @param rgb its colour, 0xRRGGBB
 * @param size the width of a line, the radius of a ball, the height of a text, in the world's
 *     units; 0 for a polygon
 * @param points corners, two or three coordinates each, as the {@link View} has it
 * @param text what a text says; empty for other kinds
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
    /** A text, centred on its point. */
    TEXT
  }
}
