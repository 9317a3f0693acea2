package org.deeprl4j.spark;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.envs.gym.GymEnvironments;
import org.deeprl4j.experiments.execution.RunEnvironments;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.mdp.wrappers.TimeLimit;
import org.deeprl4j.space.Space;

/** The library's own environments and Gymnasium's, for executors that are told nothing more. */
public final class TestEnvironments implements RunEnvironments {
  /** The seed of runs that have no environment. */
  static final long FAILS = 13;

  /** A pendulum that keeps its state to itself. */
  static final String HIDDEN = "hidden";

  /** Made by the {@link java.util.ServiceLoader}. */
  public TestEnvironments() {}

  /** An environment of which nothing is known but what it shows. */
  static final class Hidden implements Mdp {
    /** How many there are in this program. */
    static final AtomicInteger OPEN = new AtomicInteger();

    private final Mdp inner = Environments.make("Pendulum-v1");

    Hidden() {
      OPEN.incrementAndGet();
    }

    @Override
    public Space observationSpace() {
      return inner.observationSpace();
    }

    @Override
    public Space actionSpace() {
      return inner.actionSpace();
    }

    @Override
    public void reset(RandomGenerator random, float[] observation) {
      inner.reset(random, observation);
    }

    @Override
    public void step(float[] action, Step next) {
      inner.step(action, next);
    }

    @Override
    public void close() {
      OPEN.decrementAndGet();
    }
  }

  @Override
  public Supplier<Mdp> of(RunConfig run, List<String> options) {
    if (run.seed() == FAILS) {
      throw new IllegalArgumentException("no environment has seed " + FAILS);
    }
    if (!options.isEmpty()) {
      throw new IllegalArgumentException("the executor was told " + options);
    }
    if (run.environment().equals(HIDDEN)) {
      return () -> new TimeLimit(new Hidden(), 50);
    }
    Supplier<Mdp> made =
        Environments.supplier(
            run.environment(), Map.of(), TestEnvironments.class.getClassLoader(), run.python());
    return made instanceof GymEnvironments gym ? gym.withProcesses(1) : made;
  }
}
