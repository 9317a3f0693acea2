package org.deeprl4j.mdp.wrappers;

import java.util.Arrays;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;

/**
 * Maps actions in [−1, 1] linearly onto the environment's bounds: −1 to the lower one, 1 to the
 * upper one. Actions beyond [−1, 1] go beyond the bounds likewise; what happens to them is the
 * environment's affair.
 */
public final class RescaleAction extends MdpWrapper {
  private final Box space;
  private final double[] low;
  private final double[] width;
  private final float[] scaled;

  /**
   * Rescales the actions of {@code inner}.
   *
   * @throws IllegalArgumentException if its actions are not in a Box with finite bounds
   */
  public RescaleAction(Mdp inner) {
    super(inner);
    Box target = Actions.boundedBox(inner, "RescaleAction");
    int size = target.size();
    space = Box.of(-1, 1, target.shape());
    low = new double[size];
    width = new double[size];
    scaled = new float[size];
    Arrays.setAll(low, target::low);
    Arrays.setAll(width, i -> (double) target.high(i) - target.low(i));
  }

  @Override
  public Space actionSpace() {
    return space;
  }

  @Override
  public void step(float[] action, Step next) {
    Actions.requireLength(action, scaled.length);
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = (float) (low[i] + (action[i] + 1.0) / 2 * width[i]);
    }
    inner().step(scaled, next);
  }
}
