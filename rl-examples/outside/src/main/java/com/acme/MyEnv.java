package com.acme;

import java.util.random.RandomGenerator;
import org.deeprl4j.mdp.Simulation;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Box;

/** Heats a room to 20 °C. The observation is the deviation from it, the action the heater's power in kW. */
public final class MyEnv extends Simulation {
  public MyEnv() {
    super(1, Box.of(-30, 30, 1), Box.of(0, 2, 1));
  }

  @Override
  protected void start(RandomGenerator random) {
    state[0] = random.nextDouble(5, 25);
  }

  @Override
  protected void advance(float[] action, Step next) {
    double power = Math.min(Math.max(action[0], 0), 2);
    state[0] += 0.5 * power - 0.03 * (state[0] - 5);
    next.setReward(-Math.abs(state[0] - 20));
  }

  @Override
  protected void observe(float[] observation) {
    observation[0] = (float) (state[0] - 20);
  }
}
