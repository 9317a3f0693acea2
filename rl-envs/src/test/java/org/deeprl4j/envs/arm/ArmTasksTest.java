package org.deeprl4j.envs.arm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.envs.dynamics.ChainDynamics;
import org.deeprl4j.envs.dynamics.Joint;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.StatefulMdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Discrete;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ArmTasksTest {

  /** A task-space spring with damping and compensated gravity: a controller without learning. */
  private static final class SpringController {
    private final ArmModel model;
    private final ChainDynamics dynamics;
    private final double[] tau = new double[7];
    private final double[] bias = new double[7];
    private final double stiffness;
    private final double damping;

    SpringController(ArmModel model, double stiffness, double damping) {
      this.model = model;
      dynamics = new ChainDynamics(model.chain());
      this.stiffness = stiffness;
      this.damping = damping;
    }

    float[] act(double[] state) {
      double[] q = Arrays.copyOf(state, 7);
      double[] qd = Arrays.copyOfRange(state, 7, 14);
      dynamics.inverse(q, new double[7], new double[7], bias);
      Arrays.fill(tau, 0);
      double[] force = new double[3];
      for (int i = 0; i < 3; i++) {
        force[i] = stiffness * (state[14 + i] - dynamics.tip(i));
      }
      dynamics.addTipForce(force[0], force[1], force[2], tau);
      float[] action = new float[7];
      for (int i = 0; i < 7; i++) {
        double k = model.torque().get(i);
        double torque = tau[i] + bias[i] - damping * k * qd[i];
        action[i] = (float) Math.max(-1, Math.min(1, torque / k));
      }
      return action;
    }
  }

  private record Outcome(double meanReturn, double success) {}

  private interface Controller {
    void act(double[] state, float[] action);
  }

  private static Outcome evaluate(Supplier<Mdp> make, int episodes, Controller controller) {
    Mdp mdp = make.get();
    StatefulMdp base = MdpWrapper.find(mdp, StatefulMdp.class).orElseThrow();
    Rng random = new Rng(5);
    Step step = new Step(mdp.observationSpace().size());
    float[] action = new float[7];
    double sum = 0;
    int successes = 0;
    for (int e = 0; e < episodes; e++) {
      mdp.reset(random, step.observation());
      do {
        controller.act(base.state(), action);
        step.clear();
        mdp.step(action, step);
        sum += step.reward();
      } while (!step.ended());
      successes += step.success() ? 1 : 0;
    }
    return new Outcome(sum / episodes, (double) successes / episodes);
  }

  @Test
  void springControl_reachesWhatItReachedElsewhere() {
    // The same controller in a MuJoCo twin: 98 % and −5.3 to −8.0.
    SpringController spring = new SpringController(ArmModel.human(), 150, 0.04);
    Outcome outcome =
        evaluate(
            () -> Environments.make("ArmReach"),
            200,
            (state, action) -> System.arraycopy(spring.act(state), 0, action, 0, 7));
    assertTrue(outcome.success() >= 0.97, outcome.toString());
    assertTrue(outcome.meanReturn() > -8 && outcome.meanReturn() < -5, outcome.toString());
  }

  @Test
  void randomActions_reachNothing() {
    Rng random = new Rng(6);
    Outcome outcome =
        evaluate(
            () -> Environments.make("ArmReach"),
            200,
            (state, action) -> {
              for (int i = 0; i < 7; i++) {
                action[i] = random.nextFloat(-1, 1);
              }
            });
    // In a MuJoCo twin: 0 of 200, −73.6.
    assertTrue(outcome.success() <= 0.02, outcome.toString());
    assertEquals(-73.6, outcome.meanReturn(), 8);
  }

  /** Of three tasks: with RL_SLOW=1, as in .ci/run, a million steps, else a tenth of it. */
  @ParameterizedTest
  @ValueSource(strings = {"ArmReach", "IiwaReach", "ArmHold"})
  void randomActions_stayWithinWhatIsPhysical(String id) {
    Mdp mdp = Environments.make(id);
    StatefulMdp base = MdpWrapper.find(mdp, StatefulMdp.class).orElseThrow();
    ArmModel model = id.equals("IiwaReach") ? ArmModel.iiwa14() : ArmModel.human();
    List<Joint> joints = model.chain().joints();
    // How far the stops' springs give way: the heavier arm comes with more momentum.
    double overrun = id.equals("IiwaReach") ? 0.7 : 0.3;
    Rng random = new Rng(7);
    Step step = new Step(mdp.observationSpace().size());
    float[] action = new float[7];
    mdp.reset(random, step.observation());
    int steps = "1".equals(System.getenv("RL_SLOW")) ? 350_000 : 35_000;
    for (int t = 0; t < steps; t++) {
      for (int i = 0; i < 7; i++) {
        action[i] = random.nextBoolean() ? 1 : -1;
      }
      step.clear();
      mdp.step(action, step);
      double[] state = base.state();
      for (int i = 0; i < 7; i++) {
        Joint.Stop stop = joints.get(i).stop();
        assertTrue(
            state[i] > stop.lower() - overrun && state[i] < stop.upper() + overrun,
            "q" + i + " = " + state[i]);
        assertTrue(Math.abs(state[7 + i]) < 100, "speed " + state[7 + i]);
      }
      if (step.ended()) {
        mdp.reset(random, step.observation());
      }
    }
  }

  @Test
  void denseReward_byHand() {
    ArmReach task = new ArmReach(ArmModel.human(), ArmReach.Reward.DENSE);
    double[] state = new double[17];
    state[3] = 1e-3; // away from the elbow's stop at 0
    state[14] = 0.3; // the target, 0.3 m before the hanging hand
    state[16] = -0.6368;
    task.setState(state);
    Step step = new Step(30);
    task.step(new float[7], step);
    assertEquals(-0.3, step.reward(), 5e-3);
    assertTrue(step.successDefined() && !step.success());
    assertEquals(0.3f, step.observation()[24]);
    assertEquals(0.3, step.observation()[27], 5e-3);
    assertEquals(-0.6368, step.observation()[23], 1e-3);
    // Beyond its bounds an action is clipped, in its cost as in its torque.
    float[] action = {0, 0, 0, 0, 0, 0, 1};
    task.setState(state);
    task.step(action, step);
    double clipped = step.reward();
    double[] reached = task.state();
    double x = step.observation()[27];
    double y = step.observation()[28];
    double z = step.observation()[29];
    assertEquals(-Math.sqrt(x * x + y * y + z * z) - 0.01, clipped, 1e-6);
    action[6] = 5;
    task.setState(state);
    task.step(action, step);
    assertEquals(clipped, step.reward());
    assertArrayEquals(reached, task.state());
  }

  @Test
  void sparseReward_isMinusOneUntilReached() {
    ArmReach task = new ArmReach(ArmModel.human(), ArmReach.Reward.SPARSE);
    double[] state = new double[17];
    state[16] = -0.6368;
    Step step = new Step(30);
    task.setState(state);
    task.step(new float[7], step);
    assertEquals(0, step.reward());
    assertTrue(step.success());
    state[14] = 0.2;
    task.setState(state);
    task.step(new float[7], step);
    assertEquals(-1, step.reward());
    assertFalse(step.success());
  }

  @Test
  void targets_canAlwaysBeReached_andDiffer() {
    ArmReach task = new ArmReach(ArmModel.human(), ArmReach.Reward.DENSE);
    Rng random = new Rng(8);
    float[] observation = new float[30];
    double before = 0;
    for (int i = 0; i < 1000; i++) {
      task.reset(random, observation);
      double norm = Math.hypot(Math.hypot(observation[24], observation[25]), observation[26]);
      assertTrue(norm < 0.2817 + 0.2689 + 0.0862, "beyond the stretched arm: " + norm);
      assertNotEquals(before, norm);
      before = norm;
      double[] state = task.state();
      for (int j = 0; j < 7; j++) {
        assertEquals(ArmModel.human().posture().get(j), state[j], 0.1);
        assertEquals(0, state[7 + j]);
      }
    }
  }

  @Test
  void trackedTarget_movesAsItsVelocitySays() {
    ArmTrack task = new ArmTrack(ArmModel.human());
    Rng random = new Rng(9);
    float[] first = new float[33];
    task.reset(random, first);
    // It starts near the reference, so near the target.
    assertTrue(Math.hypot(Math.hypot(first[27], first[28]), first[29]) < 0.1);
    Step step = new Step(33);
    float[] before = first;
    for (int t = 0; t < 50; t++) {
      task.step(new float[7], step);
      float[] after = step.observation().clone();
      for (int i = 0; i < 3; i++) {
        double moved = (after[24 + i] - before[24 + i]) / 0.02;
        // The mean of the velocities at both ends, to second order.
        assertEquals((before[30 + i] + after[30 + i]) / 2, moved, 2e-3);
      }
      before = after;
    }
  }

  @Test
  void tracking_succeedsByTheMeanOfTheLastHundredSteps() {
    ArmTrack task = new ArmTrack(ArmModel.human());
    Rng random = new Rng(10);
    Step step = new Step(33);
    task.reset(random, step.observation());
    double sum = 0;
    for (int t = 1; t <= 200; t++) {
      step.clear();
      task.step(new float[7], step);
      float[] o = step.observation();
      double distance = Math.hypot(Math.hypot(o[27], o[28]), o[29]);
      sum += t > 100 ? distance : 0;
      if (t <= 100) {
        assertFalse(step.success());
      }
      assertEquals(-distance, step.reward(), 1e-6);
    }
    double[] state = task.state();
    assertEquals(sum, state[state.length - 1], 1e-4);
    assertEquals(sum / 100 < 0.05, step.success());
  }

  @Test
  void pushes_comeOnceASecond_withTheirLengthsAndForces() {
    ArmHold task = new ArmHold(ArmModel.human());
    Rng random = new Rng(11);
    Step step = new Step(30);
    task.reset(random, step.observation());
    int steps = 200_000;
    int pushes = 0;
    double force = 0;
    int pushed = 0;
    double left = 0;
    double[] mean = new double[3];
    for (int t = 0; t < steps; t++) {
      step.clear();
      task.step(new float[7], step);
      double[] state = task.state();
      if (t % 500 == 0) {
        task.reset(random, step.observation());
        left = 0;
        continue;
      }
      if (state[20] > left || (left <= 1 && state[20] > 0)) {
        pushes++;
        double f = Math.hypot(Math.hypot(state[17], state[18]), state[19]);
        assertTrue(f <= 10);
        force += f;
        for (int i = 0; i < 3; i++) {
          mean[i] += state[17 + i] / f;
        }
      }
      left = state[20];
      pushed += left > 0 ? 1 : 0;
    }
    // A push starts at a rate of 1/s in the time without one, and lasts 0.2 s on average.
    double seconds = steps * 0.02;
    assertEquals(1, pushes / (seconds - pushed * 0.02), 0.08);
    assertEquals(5, force / pushes, 0.3);
    for (int i = 0; i < 3; i++) {
      assertEquals(0, mean[i] / pushes, 0.05);
    }
  }

  @Test
  void push_movesTheTipInItsDirection() {
    ArmHold task = new ArmHold(ArmModel.human());
    Rng random = new Rng(12);
    Step step = new Step(30);
    task.reset(random, step.observation());
    double[] state = task.state();
    double[] sideways = state.clone();
    sideways[18] = 10;
    sideways[20] = 10;
    double[] y = new double[2];
    for (int k = 0; k < 2; k++) {
      task.reset(new Rng(12), step.observation());
      task.setState(k == 0 ? state : sideways);
      for (int t = 0; t < 5; t++) {
        step.clear();
        task.step(new float[7], step);
      }
      y[k] = step.observation()[22];
    }
    assertTrue(y[1] > y[0] + 0.005, Arrays.toString(y));
  }

  @Test
  void goalTask_earnsWhatItsGoalsSay() {
    ArmReachGoal task = new ArmReachGoal(ArmModel.human());
    Rng random = new Rng(13);
    Step step = new Step(30);
    task.reset(random, step.observation());
    task.step(new float[7], step);
    float[] o = step.observation();
    float[] achieved = Arrays.copyOfRange(o, 24, 27);
    assertEquals(step.reward(), task.reward(achieved, Arrays.copyOfRange(o, 27, 30)));
    assertEquals(0, task.reward(achieved, achieved));
    assertArrayEquals(achieved, Arrays.copyOfRange(o, 21, 24));
  }

  @Test
  void discreteActions_areTheSlides() {
    Mdp discrete = Environments.make("ArmReachDiscrete");
    assertEquals(new Discrete(2187), discrete.actionSpace());
    Mdp box = Environments.make("ArmReach");
    float[] observation = new float[30];
    discrete.reset(new Rng(14), observation);
    box.reset(new Rng(14), observation);
    Step one = new Step(30);
    Step two = new Step(30);
    discrete.step(new float[] {5}, one); // 5 = 12 in base 3: the last two joints at 0 and 1
    box.step(new float[] {-1, -1, -1, -1, -1, 0, 1}, two);
    assertArrayEquals(two.observation(), one.observation());
    assertEquals(two.reward(), one.reward());
  }

  @Test
  void armsWhoseListsDiffer_areRefused() {
    ArmModel human = ArmModel.human();
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new ArmModel(human.chain(), List.of(1.0), human.posture(), false))
            .getMessage();
    assertTrue(message.contains("an arm of 7 joints must have as many torques"), message);
  }
}
