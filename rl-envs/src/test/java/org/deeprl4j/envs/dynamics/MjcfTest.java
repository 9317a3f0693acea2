package org.deeprl4j.envs.dynamics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MjcfTest {
  private static final String ARM =
      """
      <mujoco model="two">
        <option gravity="0 0 -3"/>
        <default><joint damping="0.5" axis="0 1 0"/></default>
        <worldbody>
          <body name="upper" pos="0 0 1">
            <inertial mass="2" pos="0 0 -0.1" diaginertia="0.1 0.1 0.1"/>
            <joint name="a" armature="0.2"/>
            <body name="lower" quat="0 0 0 2">
              <inertial mass="1" pos="0 0 0" quat="1 1 0 0" diaginertia="0.1 0.1 0.1"/>
              <joint name="b" type="slide" axis="1 0 0" limited="true" range="-2 3"/>
              <joint name="c" limited="true" range="-90 45" damping="0"/>
              <site pos="0 0 -1"/>
            </body>
          </body>
        </worldbody>
        <actuator><motor joint="a"/></actuator>
      </mujoco>
      """;

  @TempDir Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("arm.xml"), text);
  }

  @Test
  void everySupportedPart_isRead() throws IOException {
    Chain chain = Mjcf.read(file(ARM), 100, 2);
    assertEquals("two", chain.name());
    assertEquals(new Vec3(0, 0, -3), chain.gravity());
    assertEquals(new Vec3(0, 0, -1), chain.tip());
    assertEquals(2, chain.bodies().size());
    assertEquals(new Vec3(0, 0, 1), chain.bodies().get(0).position());
    assertEquals(new Rotation(0, 0, 0, 1), chain.bodies().get(1).rotation());
    assertEquals(new Rotation(1, 1, 0, 0), chain.bodies().get(1).inertiaRotation());
    Joint a = chain.joints().get(0);
    assertEquals(new Joint("a", Joint.Type.REVOLUTE, Vec3.Y, Vec3.ZERO, 0.2, 0.5, null), a);
    Joint b = chain.joints().get(1);
    assertEquals(Joint.Type.PRISMATIC, b.type());
    assertEquals(new Joint.Stop(-2, 3, 100, 2), b.stop());
    Joint c = chain.joints().get(2);
    assertEquals(0, c.damping());
    assertEquals(-Math.PI / 2, c.stop().lower(), 1e-15);
    assertEquals(Math.PI / 4, c.stop().upper(), 1e-15);
  }

  @Test
  void theFilesOrder_doesNotMatter() {
    String model = ARM.replace(" limited=\"true\"", " limited=\"false\"");
    int from = model.indexOf("  <default>");
    int to = model.indexOf("</default>") + "</default>\n".length();
    String defaults = model.substring(from, to);
    String moved = model.replace(defaults, "").replace("</mujoco>", defaults + "</mujoco>");
    assertEquals(Mjcf.parse(model, "x"), Mjcf.parse(moved, "x"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<site pos=\"0 0 -1\"/> | <geom size=\"1\"/> | <geom> in <body lower> is not supported",
        "name=\"c\" | name=\"b\" | two joints are called b",
        "type=\"slide\" | type=\"ball\" | joint b: type must be hinge or slide, not ball",
        "mass=\"2\" | mass=\"two\" | mass must hold numbers, not \"two\"",
        "pos=\"0 0 1\" | pos=\"0 1\" | <body upper>: pos must hold 3 numbers, not 2: \"0 1\"",
        "quat=\"0 0 0 2\" | euler=\"0 0 2\" | <body lower>: the attribute euler is not supported",
        "<joint name=\"a\" armature=\"0.2\"/> | '' | body upper has no joint",
        "mass=\"1\" | '' | <inertial> must have the attribute mass",
        "<actuator> | <tendon/><actuator> | <tendon> in <mujoco> is not supported",
        "<worldbody> | <worldbody><light/> | <light> in <worldbody> is not supported",
        "</worldbody> | <body name=\"x\"/></worldbody> | <worldbody> holds two bodies, upper and x",
        "<mujoco model | <robot model | end-tag",
        "<mujoco model=\"two\"> | <!DOCTYPE x><mujoco> | DOCTYPE",
      })
  void whatIsNotSupported_isNamed(String part, String replacement, String message) {
    String model = ARM.replace(" limited=\"true\"", " limited=\"false\"");
    assertTrue(model.contains(part), part);
    String text = model.replace(part, replacement == null ? "" : replacement);
    String found =
        assertThrows(IllegalArgumentException.class, () -> Mjcf.parse(text, "arm.xml"))
            .getMessage();
    assertTrue(found.contains(message), found);
  }

  @Test
  void limitedJoints_needStops() throws IOException {
    Path file = file(ARM);
    String message =
        assertThrows(IllegalArgumentException.class, () -> Mjcf.read(file)).getMessage();
    assertTrue(message.contains("joint b is limited"), message);
  }

  @Test
  void hugeFiles_areNotRead() throws IOException {
    Path file = file(" ".repeat(2 << 20));
    String message = assertThrows(IOException.class, () -> Mjcf.read(file)).getMessage();
    assertTrue(message.contains("2097152 bytes"), message);
  }
}
