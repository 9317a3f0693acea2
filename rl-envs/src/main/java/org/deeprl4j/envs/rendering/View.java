package org.deeprl4j.envs.rendering;

/**
 * The part of the world that is seen.
 *
 * @param solid whether shapes have three coordinates (z up), else two (y up)
 * @param centerX the x coordinate in the middle of the picture
 * @param centerY the y coordinate there
 * @param centerZ the z coordinate there, 0 unless solid
 * @param width how much of the world is seen across; the height is two thirds of it
 * @param framesPerSecond steps per second of the world's time, or the rate to show them at
 */
public record View(
    boolean solid,
    double centerX,
    double centerY,
    double centerZ,
    double width,
    double framesPerSecond) {

  /** Checks width and rate. */
  public View {
    if (!(width > 0) || !(framesPerSecond > 0)) {
      throw new IllegalArgumentException(
          "a view's width and frames per second must be positive, not %s and %s"
              .formatted(width, framesPerSecond));
    }
  }

  /** A view of the plane. */
  public static View flat(double centerX, double centerY, double width, double framesPerSecond) {
    return new View(false, centerX, centerY, 0, width, framesPerSecond);
  }

  /** A view of space. */
  public static View solid(
      double centerX, double centerY, double centerZ, double width, double framesPerSecond) {
    return new View(true, centerX, centerY, centerZ, width, framesPerSecond);
  }
}
