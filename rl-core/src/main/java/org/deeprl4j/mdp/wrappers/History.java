package org.deeprl4j.mdp.wrappers;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;
import org.deeprl4j.state.StateReader;
import org.deeprl4j.state.StateWriter;
import org.deeprl4j.state.Stateful;

/**
 * Observes the recent past, for tasks that are only partially observed: the last k observations,
 * oldest first, then the last m actions, oldest first. Indices (Discrete, MultiDiscrete) become
 * unit vectors.
 *
 * <p>At the start of an episode, where the past is shorter, the first observation stands for all
 * earlier ones, and zeros for all earlier actions.
 */
public final class History extends MdpWrapper implements Stateful {
  private final OneHot observationCode;
  private final OneHot actionCode;
  private final int observationsEnd;
  private final Box space;
  private final Step step;
  private final float[] window;

  /** As {@link #History(Mdp, int, int)} with the last {@code k} of both. */
  public History(Mdp inner, int k) {
    this(inner, k, k);
  }

  /**
   * Adds the past to the observations of {@code inner}.
   *
   * @param observations k ≥ 1, the current one included
   * @param actions m ≥ 0
   */
  public History(Mdp inner, int observations, int actions) {
    super(inner);
    if (observations < 1 || actions < 0) {
      throw new IllegalArgumentException(
          "a history needs at least 1 observation and 0 actions, not %d and %d"
              .formatted(observations, actions));
    }
    observationCode = new OneHot(inner.observationSpace());
    actionCode = new OneHot(inner.actionSpace());
    observationsEnd = Math.multiplyExact(observations, observationCode.size());
    window =
        new float[Math.addExact(observationsEnd, Math.multiplyExact(actions, actionCode.size()))];
    space = space(inner.observationSpace(), observations, actions);
    step = new Step(inner.observationSpace().size());
  }

  private Box space(Space part, int observations, int actions) {
    float[] low = new float[window.length];
    float[] high = new float[window.length];
    // Actions may lie beyond their bounds, and 0 stands for none: only unit vectors are bounded.
    bounds(observationCode.indices(), low, high, 0, observationsEnd);
    bounds(actionCode.indices(), low, high, observationsEnd, window.length);
    if (!(part instanceof Box box)) {
      return Box.of(low, high);
    }
    for (int i = 0; i < observationsEnd; i++) {
      low[i] = box.low(i % box.size());
      high[i] = box.high(i % box.size());
    }
    if (actions > 0) {
      return Box.of(low, high);
    }
    int[] shape = IntStream.concat(IntStream.of(observations), IntStream.of(box.shape())).toArray();
    return new Box(low, high, shape);
  }

  private static void bounds(boolean unit, float[] low, float[] high, int from, int to) {
    Arrays.fill(low, from, to, unit ? 0 : Float.NEGATIVE_INFINITY);
    Arrays.fill(high, from, to, unit ? 1 : Float.POSITIVE_INFINITY);
  }

  @Override
  public Space observationSpace() {
    return space;
  }

  @Override
  public void reset(RandomGenerator random, float[] observation) {
    inner().reset(random, step.observation());
    for (int at = 0; at < observationsEnd; at += observationCode.size()) {
      observationCode.encode(step.observation(), window, at);
    }
    Arrays.fill(window, observationsEnd, window.length, 0);
    System.arraycopy(window, 0, observation, 0, window.length);
  }

  @Override
  protected boolean passesActions() {
    return true;
  }

  @Override
  public void step(float[] action, Step next) {
    step.clear();
    inner().step(action, step);
    next.copyOutcome(step);
    shift(0, observationsEnd, observationCode, step.observation());
    if (observationsEnd < window.length) {
      shift(observationsEnd, window.length, actionCode, action);
    }
    System.arraycopy(window, 0, next.observation(), 0, window.length);
  }

  /** Forgets the oldest element of window[from, to) and appends the newest. */
  private void shift(int from, int to, OneHot code, float[] newest) {
    int last = to - code.size();
    System.arraycopy(window, from + code.size(), window, from, last - from);
    code.encode(newest, window, last);
  }

  @Override
  public void save(StateWriter out) {
    out.put("window", window);
  }

  @Override
  public void load(StateReader in) {
    in.get("window", window);
  }
}
