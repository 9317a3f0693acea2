package org.deeprl4j.envs.arm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.envs.dynamics.ChainDynamics;
import org.deeprl4j.envs.dynamics.Joint;
import org.deeprl4j.envs.rendering.Renderer;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.StatefulMdp;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Discrete;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tasks with arms of files. */
final class ArmModelTest {
  /** Three hinges with drives of two kinds, a wrist without limits, and a gripper on a branch. */
  private static final String ARM =
      """
      <mujoco model="small">
        <compiler angle="radian"/>
        <default>
          <joint axis="0 1 0"/>
          <position forcerange="-40 40"/>
        </default>
        <worldbody>
          <body name="upper" pos="0 0 0.5">
            <inertial mass="2" pos="0 0 0.15" diaginertia="0.02 0.02 0.002"/>
            <joint name="a" range="-2 1" damping="0.3" armature="0.05"/>
            <geom type="capsule" size="0.04" fromto="0 0 0 0 0 0.3"/>
            <body name="fore" pos="0 0 0.3">
              <inertial mass="1" pos="0 0 0.1" diaginertia="0.01 0.01 0.001"/>
              <joint name="b" axis="1 0 0" range="-1.5 2.5"/>
              <body name="wrist" pos="0 0 0.25">
                <inertial mass="0.3" pos="0 0 0.03" diaginertia="0.001 0.001 0.0005"/>
                <joint name="c" axis="0 0 1"/>
                <site name="palm" pos="0.05 0 0.1"/>
                <body name="finger" pos="0 0 0.1">
                  <inertial mass="0.1" pos="0 0 0.02" diaginertia="1e-4 1e-4 1e-4"/>
                  <joint name="grip" type="slide" range="0 0.04"/>
                </body>
              </body>
            </body>
          </body>
        </worldbody>
        <actuator>
          <position joint="a" kp="100"/>
          <general joint="b" forcerange="-20 10"/>
          <motor joint="c" ctrlrange="-1 1" gear="5"/>
          <position joint="grip" kp="9"/>
        </actuator>
        <keyframe><key qpos="-0.5 1 0.2 0.01"/></keyframe>
      </mujoco>
      """;

  private static final List<String> PUBLISHED =
      List.of("panda_nohand", "ur5e", "gen3", "xarm7_nohand", "iiwa14");

  @TempDir Path folder;

  private Map<String, String> arguments(String text, String... more) throws IOException {
    Path file = Files.writeString(folder.resolve("arm.xml"), text);
    Map<String, String> arguments = new LinkedHashMap<>(Map.of("model", file.toString()));
    for (String argument : more) {
      String[] parts = argument.split("=", 2);
      arguments.put(parts[0], parts[1]);
    }
    return arguments;
  }

  @Test
  void arm_isHuman_withoutArguments() {
    assertEquals(ArmModel.human(), ArmModel.of(Map.of()));
  }

  @Test
  void theFile_saysWhatItCan() throws IOException {
    ArmModel model = ArmModel.of(arguments(ARM, "hand=palm"));
    assertEquals(List.of(40.0, 20.0, 5.0), model.torque());
    assertEquals(List.of(-0.5, 1.0, 0.2), model.posture());
    List<Joint> joints = model.chain().joints();
    assertEquals(List.of("a", "b", "c"), joints.stream().map(Joint::name).toList());
    assertEquals(0.05, joints.get(0).armature());
    assertEquals(0.3, joints.get(0).damping());
    assertEquals(0.1, joints.get(1).armature());
    assertEquals(0.5, joints.get(1).damping());
    assertEquals(new Joint.Stop(-2, 1, 3000, 20), joints.get(0).stop());
    assertEquals(new Joint.Stop(-1.5, 2.5, 1500, 10), joints.get(1).stop());
    assertNull(joints.get(2).stop());
    // The finger is locked, and its mass the wrist's.
    assertEquals(0.4, model.chain().bodies().get(2).mass(), 1e-15);
  }

  @Test
  void arguments_sayTheRest() throws IOException {
    ArmModel model =
        ArmModel.of(
            arguments(
                ARM, "hand=palm", "torque=7", "posture=0,0.5 1", "armature=0", "damping=2,3,4"));
    assertEquals(List.of(7.0, 7.0, 7.0), model.torque());
    assertEquals(List.of(0.0, 0.5, 1.0), model.posture());
    assertEquals(0, model.chain().joints().get(1).armature());
    assertEquals(
        List.of(2.0, 3.0, 4.0), model.chain().joints().stream().map(Joint::damping).toList());
    assertEquals(0, model.chain().joints().get(0).armature());
    // Without a keyframe the middle of the ranges, and of what has none 0.
    String bare = ARM.replaceAll("(?s)<keyframe>.*</keyframe>", "");
    assertEquals(List.of(-0.5, 0.5, 0.0), ArmModel.of(arguments(bare, "hand=palm")).posture());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hand=palm torque=1,2 | torque must hold 3 numbers, one for each joint, not 2: 1,2",
        "hand=palm torque=big | torque must be a number, not 'big'",
        "hand=palm torque=-3 | the torque of joint a must be finite and positive, not -3.0",
        "hand=palm posture=1 | posture must hold 3 numbers, one for each joint, not 1: 1",
        "hand=palm posture=1,2,NaN | the start position of joint c must be finite, not NaN",
        "hand=palm armature=-1 | armature must be finite and not negative, not -1",
        "hand=palm damping=x | damping must be a number, not 'x'",
        "hand=palm gravity=none | gravity must be felt or compensated, not 'none'",
        "hand=thumb | there is no site or body thumb; there are palm, upper, fore, wrist, finger",
        "hand=finger | joint grip of an arm must be a hinge, not prismatic",
        "hand=palm tourqe=3 | no argument of ArmReach 'tourqe'; did you mean torque or posture? Known: model, hand, torque, posture, gravity, armature, damping",
      })
  void argumentsThatDoNotFit_areNamed(String given, String message) throws IOException {
    Map<String, String> arguments = arguments(ARM, given.split(" "));
    String found =
        assertThrows(IllegalArgumentException.class, () -> Environments.make("ArmReach", arguments))
            .getMessage();
    assertTrue(found.contains(message), found);
  }

  @Test
  void whatIsMissing_isNamed() throws IOException {
    String unlimited =
        ARM.replace(" forcerange=\"-20 10\"", "").replace(" forcerange=\"-40 40\"", "");
    Map<String, String> arguments = arguments(unlimited, "hand=palm");
    String found =
        assertThrows(IllegalArgumentException.class, () -> ArmModel.of(arguments)).getMessage();
    assertTrue(
        found.contains(
            "gives no force limit for joint a: add the argument torque, in Nm for each of its 3 joints"),
        found);
    found =
        assertThrows(IllegalArgumentException.class, () -> ArmModel.of(Map.of("model", "none.xml")))
            .getMessage();
    assertTrue(found.startsWith("model=none.xml cannot be read: "), found);
    found =
        assertThrows(IllegalArgumentException.class, () -> ArmModel.of(Map.of("hand", "palm")))
            .getMessage();
    assertTrue(found.contains("name one, model=arm.xml"), found);
  }

  @Test
  void compensatedGravity_leavesTheArmWhereItIs() throws IOException {
    for (String gravity : List.of("felt", "compensated")) {
      Map<String, String> arguments = arguments(ARM, "hand=palm", "gravity=" + gravity);
      Mdp mdp = Environments.make("ArmReach", arguments);
      StatefulMdp base = MdpWrapper.find(mdp, StatefulMdp.class).orElseThrow();
      Step step = new Step(18);
      mdp.reset(new Rng(1), step.observation());
      double[] before = base.state();
      for (int t = 0; t < 50; t++) {
        step.clear();
        mdp.step(new float[3], step);
      }
      double moved = Math.abs(base.state()[0] - before[0]) + Math.abs(base.state()[1] - before[1]);
      assertEquals(gravity.equals("felt"), moved > 0.3, gravity + ": " + moved);
      assertEquals(gravity.equals("compensated"), moved < 1e-9, gravity + ": " + moved);
    }
  }

  @Test
  void spaces_areAsLargeAsTheArm() throws IOException {
    Map<String, String> arguments = arguments(ARM, "hand=palm");
    assertEquals(18, Environments.make("ArmReach", arguments).observationSpace().size());
    assertEquals(Box.of(-1, 1, 3), Environments.make("ArmReach", arguments).actionSpace());
    assertEquals(18, Environments.make("ArmReachGoal", arguments).observationSpace().size());
    assertEquals(21, Environments.make("ArmTrack", arguments).observationSpace().size());
    assertEquals(18, Environments.make("ArmHold", arguments).observationSpace().size());
    assertEquals(new Discrete(27), Environments.make("ArmReachDiscrete", arguments).actionSpace());
  }

  @ParameterizedTest
  @ValueSource(strings = {"ArmReach", "ArmReachSparse", "ArmReachGoal", "ArmTrack", "ArmHold"})
  void everyTask_runsOnTheArm(String id) throws IOException {
    run(id, arguments(ARM, "hand=palm"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ArmReach", "ArmTrack", "ArmHold"})
  void everyTask_runsOnPublishedArms(String id) {
    for (String name : PUBLISHED) {
      Path file = Path.of("../../shared/cases/arms/" + name + ".xml");
      assumeTrue(Files.exists(file), "skipped: there is no " + file.toAbsolutePath().normalize());
      Map<String, String> arguments = new LinkedHashMap<>(Map.of("model", file.toString()));
      if (name.equals("iiwa14")) { // whose file has no force limits
        arguments.put("torque", "107,107,59,59,37,13,13");
      }
      run(id, arguments);
    }
  }

  /** Random actions for an episode: all stays finite, the picture can be made, states restored. */
  private static void run(String id, Map<String, String> arguments) {
    Mdp mdp = Environments.make(id, arguments);
    StatefulMdp base = MdpWrapper.find(mdp, StatefulMdp.class).orElseThrow();
    int n = ((Box) mdp.actionSpace()).size();
    Rng random = new Rng(4);
    Step step = new Step(mdp.observationSpace().size());
    float[] action = new float[n];
    mdp.reset(random, step.observation());
    do {
      for (int i = 0; i < n; i++) {
        action[i] = random.nextFloat(-1, 1);
      }
      step.clear();
      mdp.step(action, step);
      double[] state = base.state();
      for (int i = 0; i < n; i++) {
        assertTrue(Math.abs(state[n + i]) < 200, arguments + ": speed " + state[n + i]);
      }
      assertTrue(Double.isFinite(step.reward()));
      for (float value : step.observation()) {
        assertTrue(Float.isFinite(value));
      }
    } while (!step.ended());
    double[] state = base.state();
    float[] once = step.observation().clone();
    if (!id.equals("ArmHold")) { // its pushes are random
      base.setState(state);
      mdp.reset(random, step.observation());
      base.setState(state);
      step.clear();
      mdp.step(action, step);
      once = step.observation().clone();
      base.setState(state);
      step.clear();
      mdp.step(action, step);
      assertArrayEquals(once, step.observation());
    }
    assertTrue(Renderer.of(mdp).shapes().size() > 5);
  }

  @Test
  void theSpringController_reachesOnTheSmallArm() throws IOException {
    Map<String, String> arguments = arguments(ARM, "hand=palm");
    ArmModel model = ArmModel.of(arguments);
    ChainDynamics dynamics = new ChainDynamics(model.chain());
    Mdp mdp = Environments.make("ArmReach", arguments);
    StatefulMdp base = MdpWrapper.find(mdp, StatefulMdp.class).orElseThrow();
    Rng random = new Rng(5);
    Step step = new Step(18);
    int reached = 0;
    for (int e = 0; e < 50; e++) {
      mdp.reset(random, step.observation());
      do {
        double[] s = base.state();
        double[] q = Arrays.copyOf(s, 3);
        double[] tau = new double[3];
        dynamics.inverse(q, new double[3], new double[3], tau);
        dynamics.addTipForce(
            150 * (s[6] - dynamics.tip(0)),
            150 * (s[7] - dynamics.tip(1)),
            150 * (s[8] - dynamics.tip(2)),
            tau);
        float[] action = new float[3];
        for (int i = 0; i < 3; i++) {
          double k = model.torque().get(i);
          action[i] = (float) ((tau[i] - 0.15 * k * s[3 + i]) / k);
        }
        step.clear();
        mdp.step(action, step);
      } while (!step.ended());
      reached += step.success() ? 1 : 0;
    }
    assertTrue(reached >= 45, reached + " of 50");
  }
}
