package org.deeprl4j.examples;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;

/**
 * ArmReach as a first lesson in ArmTrack: its observations end with the velocity of the target, 0
 * here, as ArmTrack's do, so that a policy of one acts in the other. {@code
 * rl-examples/benchmarks/transfer} compares runs of ArmTrack that start from it with runs that do
 * not.
 */
public final class ArmReachForTracking extends MdpWrapper {
  private static final int VELOCITY = 3; // m/s

  private final int size;
  private final Step inner;

  /** Creates the environment, with ArmReach's time limit. */
  public ArmReachForTracking() {
    this(Environments.make("ArmReach"));
  }

  private ArmReachForTracking(Mdp reach) {
    super(reach);
    size = reach.observationSpace().size();
    inner = new Step(size);
  }

  @Override
  public Space observationSpace() {
    Box box = (Box) super.observationSpace();
    float[] low = Arrays.copyOf(box.low(), size + VELOCITY);
    float[] high = Arrays.copyOf(box.high(), size + VELOCITY);
    Arrays.fill(low, size, low.length, Float.NEGATIVE_INFINITY);
    Arrays.fill(high, size, high.length, Float.POSITIVE_INFINITY);
    return Box.of(low, high);
  }

  @Override
  public void reset(RandomGenerator random, float[] observation) {
    inner.clear();
    inner().reset(random, inner.observation());
    extend(observation);
  }

  @Override
  protected boolean passesActions() {
    return true;
  }

  @Override
  public void step(float[] action, Step next) {
    inner.clear();
    inner().step(action, inner);
    next.copyOutcome(inner);
    extend(next.observation());
  }

  private void extend(float[] observation) {
    System.arraycopy(inner.observation(), 0, observation, 0, size);
    Arrays.fill(observation, size, size + VELOCITY, 0);
  }
}
