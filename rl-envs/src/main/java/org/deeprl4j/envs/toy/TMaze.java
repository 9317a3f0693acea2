package org.deeprl4j.envs.toy;

import java.util.Map;
import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;

/**
 * The T-maze (Bakker 2001, "Reinforcement learning with long short-term memory"): a sign at the
 * start of a corridor says on which side of its far end the goal is, and nothing says so later.
 * Whoever turns towards the goal there earns 4, and whoever turns away −0.1; both end the episode.
 * A step against a wall costs 0.1.
 *
 * <p>State [position from 0 to the corridor's length, side of the goal ±1, side taken 0 or ±1].
 */
public final class TMaze extends Simulation {
  /** The arguments that {@link #of} takes. */
  public static final Map<String, String> PARAMETERS =
      Map.of("length", "steps from the sign to the junction, in [1, 100]; 20 by default");

  private static final int LONGEST = 100;
  private static final int USUAL = 20;
  private static final double COST = 0.1;
  private static final double PRIZE = 4;

  private final int length;

  /**
   * A maze before its first episode.
   *
   * @param length steps from the sign to the junction, in [1, 100]
   */
  public TMaze(int length) {
    super(3, Box.of(new float[] {-1, 0}, new float[] {1, 1}), new Discrete(4));
    if (length < 1 || length > LONGEST) {
      throw new IllegalArgumentException(
          "TMaze: length must be in [1, %d], not %d".formatted(LONGEST, length));
    }
    this.length = length;
  }

  /**
   * A maze from arguments.
   *
   * @param arguments of {@link #PARAMETERS}
   * @throws IllegalArgumentException if the length is no number in its range
   */
  public static TMaze of(Map<String, String> arguments) {
    String given = arguments.get("length");
    if (given == null) {
      return new TMaze(USUAL);
    }
    try {
      return new TMaze(Integer.parseInt(given));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "TMaze: length must be a whole number in [1, %d], not '%s'".formatted(LONGEST, given), e);
    }
  }

  /** Steps from the sign to the junction. */
  public int length() {
    return length;
  }

  @Override
  protected void start(RandomGenerator random) {
    state[0] = 0;
    state[1] = random.nextBoolean() ? 1 : -1;
    state[2] = 0;
  }

  /** Actions: 0 forward, 1 to the left, which is side 1, 2 back, 3 to the right. */
  @Override
  protected void advance(float[] action, Step next) {
    int chosen = (int) action[0];
    boolean sideways = chosen == 1 || chosen == 3;
    if (sideways && state[0] == length) {
      state[2] = chosen == 1 ? 1 : -1;
      boolean right = state[2] == state[1];
      next.setReward(right ? PRIZE : -COST);
      next.setSuccess(right);
      next.setTerminated(true);
      return;
    }
    double to = sideways ? -1 : state[0] + (chosen == 0 ? 1 : -1);
    boolean wall = to < 0 || to > length;
    next.setReward(wall ? -COST : 0);
    state[0] = wall ? state[0] : to;
  }

  @Override
  protected void observe(float[] observation) {
    observation[0] = state[0] == 0 ? (float) state[1] : 0;
    observation[1] = state[0] == length ? 1 : 0;
  }

  @Override
  protected void requirePossible(double[] values) {
    boolean possible =
        values[0] >= 0
            && values[0] <= length
            && values[0] == Math.rint(values[0])
            && Math.abs(values[1]) == 1
            && values[2] == 0;
    if (!possible) {
      throw new IllegalArgumentException(
          "TMaze: a state is a whole position in [0, %d], the goal's side ±1, and 0 as no side has been taken"
              .formatted(length));
    }
  }
}
