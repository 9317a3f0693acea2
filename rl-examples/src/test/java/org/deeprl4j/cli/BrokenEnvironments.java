package org.deeprl4j.cli;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.deeprl4j.space.Space;

/** Environments that break their contract, each in one way. */
public final class BrokenEnvironments {
  private BrokenEnvironments() {}

  /** A correct one, to be spoilt. */
  public static class Sound implements Mdp {
    int steps;

    @Override
    public Space observationSpace() {
      return Box.of(0, 100, 1);
    }

    @Override
    public Space actionSpace() {
      return new Discrete(2);
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      steps = 0;
      observation[0] = 0;
    }

    @Override
    public void step(float[] action, Step next) {
      steps++;
      next.observation()[0] = steps;
      next.setReward(1);
      next.setTerminated(steps == 10);
    }
  }

  /** With the same spaces, and rewards of 2. */
  public static final class Generous extends Sound {
    @Override
    public void step(float[] action, Step next) {
      super.step(action, next);
      next.setReward(2);
    }
  }

  /** Truncates its episodes within. */
  public static final class Limited extends MdpWrapper {
    public Limited() {
      super(new TimeLimit(new Sound(), 5));
    }
  }

  /** Has no observation space. */
  public static final class WithoutObservations extends Sound {
    @Override
    public Space observationSpace() {
      return (new Space[1])[0]; // null
    }
  }

  /** Has no action space. */
  public static final class WithoutActions extends Sound {
    @Override
    public Space actionSpace() {
      return (new Space[1])[0]; // null
    }
  }

  /** Observes NaN after three steps. */
  public static final class NanObservation extends Sound {
    @Override
    public void step(float[] action, Step next) {
      super.step(action, next);
      if (steps == 3) {
        next.observation()[0] = Float.NaN;
      }
    }
  }

  /** Rewards with NaN after three steps. */
  public static final class NanReward extends Sound {
    @Override
    public void step(float[] action, Step next) {
      super.step(action, next);
      if (steps == 3) {
        next.setReward(Double.NaN);
      }
    }
  }

  /** Writes more than its space has room for. */
  public static final class WrongLength extends Sound {
    @Override
    public void step(float[] action, Step next) {
      super.step(action, next);
      next.observation()[1] = 1;
    }
  }

  /** Throws in the middle of an episode. */
  public static final class Throwing extends Sound {
    @Override
    public void step(float[] action, Step next) {
      super.step(action, next);
      if (steps == 5) {
        throw new IllegalStateException("the robot fell over");
      }
    }
  }

  /** Cannot be made without an argument. */
  public static final class WithoutConstructor extends Sound {
    /** Needs something. */
    public WithoutConstructor(int something) {
      steps = something;
    }
  }

  /** Cannot be initialised. */
  public static final class Uninitialised extends Sound {
    static final int PART = Integer.parseInt("no number");
  }

  /** Cannot be constructed. */
  public static final class Unmade extends Sound {
    /** Fails. */
    public Unmade() {
      throw new IllegalStateException("the port is taken");
    }
  }

  /** Does something to the run in the middle of it. */
  public static final class Sabotage extends Sound {
    static Runnable deed = () -> {};
    static int at;
    private static int count;

    static void plan(int step, Runnable what) {
      count = 0;
      at = step;
      deed = what;
    }

    @Override
    public void step(float[] action, Step next) {
      super.step(action, next);
      if (++count == at) {
        deed.run();
      }
    }
  }

  /** No environment at all; whether it was initialised can be seen. */
  public static final class Intruder {
    static {
      System.setProperty("intruder", "was here");
    }
  }
}
