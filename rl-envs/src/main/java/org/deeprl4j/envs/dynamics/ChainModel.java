package org.deeprl4j.envs.dynamics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.WholeFile;
import org.jspecify.annotations.Nullable;

/**
 * A chain from a model file, MuJoCo's MJCF or URDF, with what else the file says of its joints.
 *
 * <p>Whatever the file holds is understood, or has no effect on the chain's motion under given
 * joint forces (pictures, materials, sensors, keyframes, a solver's settings), or is an error that
 * names it, its value and its line. Actuators are not simulated: joint forces are the caller's, and
 * {@link #forceLimits} says how large they may be.
 *
 * <p>Of MJCF: {@code <compiler>}, {@code <option>} with {@code gravity} and the flags that switch
 * gravity, springs, dampers, friction and limits off; {@code <default>} classes and {@code
 * childclass}; bodies, frames, {@code <inertial>} and inertia from geoms other than meshes; hinges
 * and slides with {@code ref}, {@code springref}, {@code stiffness}, {@code armature}, {@code
 * damping}, {@code frictionloss} and {@code range}; every way to write an orientation. Of URDF:
 * links with their inertia, and revolute, continuous, prismatic and fixed joints with origin, axis,
 * limits, damping and friction; gravity is {@link Chain#EARTH}.
 *
 * @param chain the joints between the world and the tip; links that no joint moves are parts of
 *     those that carry them
 * @param forceLimits the largest force of each joint's drive, N m or N; NaN where the file does not
 *     say
 * @param home the joints' positions in the first keyframe, rad or m; null where there is none
 */
public record ChainModel(Chain chain, List<Double> forceLimits, @Nullable List<Double> home) {
  /** Far more than any chain needs. */
  private static final int MOST_BYTES = 1 << 20;

  /** Checks the number of joints. */
  public ChainModel {
    forceLimits = List.copyOf(forceLimits);
    home = home == null ? null : List.copyOf(home);
    int n = chain.joints().size();
    if (forceLimits.size() != n || (home != null && home.size() != n)) {
      throw new IllegalArgumentException(
          "a chain of %d joints must have as many force limits and home positions, not %d and %s"
              .formatted(n, forceLimits.size(), home == null ? "none" : home.size()));
    }
  }

  /**
   * How a file is read.
   *
   * @param tip the site or body whose place is the chain's tip; joints that do not move it are
   *     locked at their references. Null: the model must not branch, and the tip is the only site
   *     of the last body, or its origin if it has none.
   * @param stopStiffness K of the {@link Joint.Stop} of limited joints, N m/rad or N/m; 0 makes
   *     limited joints an error, since the stops of MuJoCo are soft constraints of another kind
   * @param stopDamping C of the stops, N m s/rad or N s/m
   * @param contacts whether geoms that may touch are an error: if not, they pass through each other
   */
  public record Options(
      @Nullable String tip, double stopStiffness, double stopDamping, boolean contacts) {
    /** Everything that could move the chain otherwise is an error. */
    public static final Options STRICT = new Options(null, 0, 0, true);

    /** Checks every range. */
    public Options {
      Joint.requireNotNegative("stopStiffness", stopStiffness);
      Joint.requireNotNegative("stopDamping", stopDamping);
    }

    /** The same options with another tip. */
    public Options withTip(@Nullable String newTip) {
      return new Options(newTip, stopStiffness, stopDamping, contacts);
    }

    /** The same options with stops for limited joints. */
    public Options withStops(double stiffness, double damping) {
      return new Options(tip, stiffness, damping, contacts);
    }

    /** The same options, and bodies that pass through each other. */
    public Options withoutContacts() {
      return new Options(tip, stopStiffness, stopDamping, false);
    }
  }

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read
   * @throws StateFormatException if it is larger than a megabyte
   * @throws IllegalArgumentException if it holds what the chain could not follow
   */
  public static ChainModel read(Path file, Options options) throws IOException {
    byte[] bytes = WholeFile.read(file, MOST_BYTES);
    return parse(new String(bytes, StandardCharsets.UTF_8), file.toString(), options);
  }

  /**
   * Reads a model from a text.
   *
   * @param source what messages call it
   * @throws IllegalArgumentException if it holds what the chain could not follow
   */
  public static ChainModel parse(String text, String source, Options options) {
    XmlNode root = XmlNode.parse(text, source);
    try {
      return switch (root.tag()) {
        case "mujoco" -> new Mjcf(root, options).model();
        case "robot" -> new Urdf(root, options).model();
        default ->
            throw root.error(
                "the root must be <mujoco> or, of URDF, <robot>, not <" + root.tag() + ">");
      };
    } catch (IllegalArgumentException e) {
      throw root.error(e); // of numbers that are finite one by one, but not together
    }
  }
}
