package org.deeprl4j.envs.dynamics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.deeprl4j.envs.dynamics.ChainModel.Options;
import org.deeprl4j.random.Rng;
import org.deeprl4j.state.StateFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ChainModelTest {
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

  private static final Options SPRUNG = Options.STRICT.withStops(100, 2);

  @TempDir Path folder;

  private static Chain chain(String text) {
    return ChainModel.parse(text, "arm.xml", SPRUNG).chain();
  }

  private static String refused(String text, Options options) {
    return assertThrows(
            IllegalArgumentException.class, () -> ChainModel.parse(text, "arm.xml", options))
        .getMessage();
  }

  private static String edited(String text, String part, String replacement) {
    assertTrue(text.contains(part), part);
    return text.replace(part, replacement == null ? "" : replacement);
  }

  private static Path resource(String name) {
    return Path.of("src/test/resources/refs/" + name);
  }

  @Test
  void parts_areRead() throws IOException {
    Path file = Files.writeString(folder.resolve("arm.xml"), ARM);
    Chain chain = ChainModel.read(file, SPRUNG).chain();
    assertEquals("two", chain.name());
    assertEquals(new Vec3(0, 0, -3), chain.gravity());
    assertEquals(new Vec3(0, 0, -1), chain.tip());
    assertEquals(2, chain.bodies().size());
    assertEquals(new Vec3(0, 0, 1), chain.bodies().get(0).position());
    assertEquals(new Rotation(0, 0, 0, 1), chain.bodies().get(1).rotation());
    assertEquals(new Rotation(1, 1, 0, 0), chain.bodies().get(1).inertiaRotation());
    Joint a = chain.joints().get(0);
    assertEquals(Joint.of("a", Joint.Type.REVOLUTE, Vec3.Y).withDrive(0.2, 0.5), a);
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
    int from = ARM.indexOf("  <default>");
    int to = ARM.indexOf("</default>") + "</default>\n".length();
    String defaults = ARM.substring(from, to);
    String moved = ARM.replace(defaults, "").replace("</mujoco>", defaults + "</mujoco>");
    assertEquals(chain(ARM), chain(moved));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // What would move the chain otherwise.
        "<default> | <option density=\"1000\"/><default> | line 3: <option>: density=\"1000\" is not supported; there is no fluid",
        "<default> | <option viscosity=\"0.1\"/><default> | viscosity=\"0.1\" is not supported; there is no fluid",
        "pos=\"0 0 1\" | pos=\"0 0 1\" gravcomp=\"1\" | line 5: <body upper>: gravcomp=\"1\" is not supported",
        "pos=\"0 0 1\" | pos=\"0 0 1\" mocap=\"true\" | <body upper>: the attribute mocap=\"true\" is not supported",
        "armature=\"0.2\" | springdamper=\"0.1 1\" | <joint a>: springdamper=\"0.1 1\" is not supported; write stiffness",
        "armature=\"0.2\" | damping=\"1 2\" | <joint a>: damping=\"1 2\" is not supported: it must be linear",
        "armature=\"0.2\" | frictionloss=\"1\" solreffriction=\"0.1 1\" | <joint a>: solreffriction=\"0.1 1\" is not supported",
        "armature=\"0.2\" | wobble=\"3\" | line 7: <joint a>: the attribute wobble=\"3\" is not supported",
        "<default> | <option><flag diagexact=\"enable\"/></option><default> | the attribute diagexact=\"enable\" is not supported",
        "<default> | <compiler passthrough=\"true\"/><default> | the attribute passthrough=\"true\" is not supported",
        "<actuator> | <tendon><rope/></tendon><actuator> | <rope> in <tendon> is not supported",
        "<motor joint=\"a\"/> | <rocket joint=\"a\"/> | <rocket> in <actuator> is not supported",
        "mass=\"1\" | mass=\"-1\" | <body lower>: masses and moments of inertia must not be negative, not -1.0",
        "<default> | <compiler balanceinertia=\"true\"/><default> | balanceinertia must be false",
        "<default> | <compiler settotalmass=\"3\"/><default> | settotalmass must be -1",
        "<default> | <compiler boundmass=\"3\"/><default> | boundmass=\"3\" is not supported",
        "<default> | <option><flag quantum=\"enable\"/></option><default> | the attribute quantum=\"enable\" is not supported",
        "<actuator> | <tendon><fixed stiffness=\"1\"><joint joint=\"a\" coef=\"1\"/></fixed></tendon><actuator> | stiffness=\"1\" is not supported",
        "<actuator> | <equality><joint joint1=\"a\"/></equality><actuator> | <joint> in <equality> is not supported",
        "<actuator> | <equality><weld body1=\"upper\"/></equality><actuator> | <weld> in <equality> is not supported",
        "<actuator> | <include file=\"x.xml\"/><actuator> | <include file=\"x.xml\"> is not supported",
        "<actuator> | <extension/><actuator> | <extension> in <mujoco> is not supported",
        "<motor joint=\"a\"/> | <motor joint=\"a\" armature=\"1\"/> | armature=\"1\" is not supported; write it at the joint",
        "<motor joint=\"a\"/> | <motor joint=\"z\"/> | <motor>: there is no joint z",
        "<joint name=\"a\" armature=\"0.2\"/> | <freejoint/> | <freejoint> in <body upper> is not supported",
        "type=\"slide\" | type=\"ball\" | <joint b>: type must be hinge or slide, not \"ball\"",
        "<site pos=\"0 0 -1\"/> | <composite/> | <composite> in <body lower> is not supported",
        // Masses that are not known.
        "<inertial mass=\"1\" pos=\"0 0 0\" quat=\"1 1 0 0\" diaginertia=\"0.1 0.1 0.1\"/> | <geom type=\"mesh\" mesh=\"m\"/> | <geom> gives its body a mass, and meshes are not read",
        "<inertial mass=\"1\" pos=\"0 0 0\" quat=\"1 1 0 0\" diaginertia=\"0.1 0.1 0.1\"/> | <geom size=\"1\" shellinertia=\"true\"/> | shellinertia=\"true\" is not supported",
        "<inertial mass=\"1\" pos=\"0 0 0\" quat=\"1 1 0 0\" diaginertia=\"0.1 0.1 0.1\"/> | <geom type=\"box\" size=\"1 0\"/> | size must hold 3 positive numbers, not \"1 0\"",
        "<inertial mass=\"1\" pos=\"0 0 0\" quat=\"1 1 0 0\" diaginertia=\"0.1 0.1 0.1\"/> | '' | line 8: <body lower> moves and has no mass",
        "pos=\"0 0 -0.1\" diaginertia=\"0.1 0.1 0.1\" | diaginertia=\"1 0.1 0.1\" | line 5: <body upper>: body upper: no mass has the moments",
        "mass=\"1\" | '' | <inertial> must have the attribute mass",
        // Values that do not fit.
        "mass=\"2\" | mass=\"two\" | mass must hold numbers, not \"two\"",
        "mass=\"2\" | mass=\"NaN\" | mass must be finite, not \"NaN\"",
        "pos=\"0 0 1\" | pos=\"0 1\" | <body upper>: pos must hold 3 numbers, not 2: \"0 1\"",
        "quat=\"0 0 0 2\" | quat=\"0 0 0 0\" | <body lower>: a rotation's quaternion must be finite and not zero",
        "quat=\"0 0 0 2\" | zaxis=\"0 0 0\" | <body lower>: zaxis must be a direction, not zero",
        "quat=\"0 0 0 2\" | euler=\"0 0 2\" quat=\"1 0 0 0\" | <body lower> has two orientations",
        "axis=\"1 0 0\" | axis=\"0 0 0\" | line 10: <joint b>: joint b: the axis must not be zero",
        "range=\"-2 3\" | range=\"3 -2\" | a joint's range must not be empty",
        "<default> | <compiler angle=\"turns\"/><default> | <compiler>: angle must be degree or radian, not \"turns\"",
        "<default> | <compiler autolimits=\"false\"/><default><joint range=\"1 2\"/></default><default> | with autolimits=\"false\" it must say whether it is limited",
        "pos=\"0 0 1\" | pos=\"1e308 1e308 1e308\" | line 1: <mujoco>: a vector must be finite",
        // Names.
        "name=\"c\" | name=\"b\" | two joints are called b",
        "<joint name=\"a\" | <joint class=\"x\" name=\"a\" | there is no default class \"x\"",
        "</worldbody> | <body name=\"x\"><inertial mass=\"1\" diaginertia=\"1 1 1\"/><joint/></body></worldbody> | line 15: <body x>: a second branch moves here",
        "<site pos=\"0 0 -1\"/> | <site name=\"s\"/><site name=\"t\"/> | several sites that may be the tip, s, t: name one",
        // XML.
        "<mujoco model | <robot model | line 17:",
        "<mujoco model=\"two\"> | <!DOCTYPE x><mujoco> | DOCTYPE",
        "<mujoco model=\"two\"> | <sdf/><mujoco> | line 1: The markup in the document following the root",
      })
  void whatWouldBeWrong_isNamed(String part, String replacement, String message) {
    String found = refused(edited(ARM, part, replacement), SPRUNG);
    assertTrue(found.contains(message), found);
    assertTrue(found.startsWith("arm.xml, line "), found);
    assertTrue(found.indexOf('\n') < 0, found);
  }

  @Test
  void limitedJoints_needStops() {
    String message = refused(ARM, Options.STRICT);
    assertTrue(message.contains("<joint b> is limited: give the stiffness"), message);
  }

  @Test
  void geomsThatMayTouch_needToBeWithoutContacts() {
    String geom = "<geom type=\"box\" size=\"1 1 1\"/>";
    String upper = edited(ARM, "<joint name=\"a\"", geom + "<joint name=\"a\"");
    assertEquals(chain(ARM), chain(upper)); // alone
    String both = edited(upper, "<site", geom + "<site");
    assertEquals(chain(ARM), chain(both)); // parent and child never touch
    String floor = edited(both, "<worldbody>", "<worldbody>" + geom);
    String message = refused(floor, SPRUNG);
    assertTrue(
        message.startsWith(
            "arm.xml, line 7: <geom> of <body upper> may touch that of line 4: contacts are not simulated"),
        message);
    assertEquals(chain(ARM), ChainModel.parse(floor, "x", SPRUNG.withoutContacts()).chain());
    assertEquals(
        chain(ARM),
        chain(
            edited(
                floor,
                "<default>",
                "<option gravity=\"0 0 -3\"><flag contact=\"disable\"/></option><default>")));
    String excluded =
        "<contact><exclude body1=\"world\" body2=\"upper\"/><exclude body1=\"lower\" body2=\"world\"/></contact>";
    assertEquals(chain(ARM), chain(edited(floor, "<actuator>", excluded + "<actuator>")));
    // Bits 2 of the one and 4 of the other have nothing in common.
    String masked =
        edited(
            both,
            "<worldbody>",
            "<worldbody>" + geom.replace("/>", " contype=\"2\" conaffinity=\"4\"/>"));
    assertEquals(chain(ARM), chain(masked));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gripper.urdf", "gripper.xml"})
  void oneArm_inBothFormats(String name) throws IOException {
    Options options = Options.STRICT.withTip("tool").withStops(100, 1);
    ChainModel model = ChainModel.read(resource(name), options);
    List<Joint> joints = model.chain().joints();
    assertEquals(
        List.of("pan", "lift", "reach", "roll"), joints.stream().map(Joint::name).toList());
    assertEquals(List.of(60.0, 50.0, 80.0, 10.0), model.forceLimits());
    if (name.endsWith("urdf")) {
      assertNull(model.home());
    } else {
      assertEquals(List.of(0.1, 0.2, 0.15, -0.3), model.home());
    }
    assertNull(joints.get(0).stop());
    assertEquals(new Joint.Stop(-2, 1.5, 100, 1), joints.get(1).stop());
    assertEquals(new Joint.Stop(0, 0.3, 100, 1), joints.get(2).stop());
    ChainDynamics dynamics = new ChainDynamics(model.chain());
    double[] qd = {1, -2, 0.5, 3};
    double[] tau = {3, -2, 10, 1};
    double[] qdd = new double[4];
    for (int i = 0; i < 4; i++) {
      tau[i] -= joints.get(i).damping() * qd[i];
    }
    dynamics.forward(new double[] {0.3, -0.5, 0.2, 0.7}, qd, tau, qdd);
    // By MuJoCo 4.0, of either file, the fingers' joints removed.
    double[] expected = {
      -4.09337708871694, -19.978809041465478, 16.234578827877964, 256.81497959052047
    };
    for (int i = 0; i < 4; i++) {
      assertEquals(expected[i], qdd[i], 1e-11 * Math.abs(expected[i]));
    }
    double[] tip = {dynamics.tip(0), dynamics.tip(1), dynamics.tip(2)};
    assertArrayEquals(
        new double[] {0.49547429466917736, 0.38646434743534397, 0.06939884631369364}, tip, 1e-12);
  }

  @Test
  void tip_decidesWhichJointsAreInTheChain() throws IOException {
    for (String name : List.of("gripper.xml", "gripper.urdf")) {
      String text = Files.readString(resource(name));
      Options options = Options.STRICT.withStops(100, 1);
      String message = refused(text, options);
      assertTrue(message.contains("right>: a second branch moves here"), message);
      message = refused(text, options.withTip("palm"));
      assertTrue(message.contains("there is no site or body palm; there are "), message);
      message = refused(text, options.withTip("base"));
      assertTrue(message.contains("base>: no joint moves it"), message);
      // Less than the whole arm: the rest is locked where it stands.
      Chain two = ChainModel.parse(text, name, options.withTip("upper")).chain();
      assertEquals(2, two.joints().size());
      assertEquals(3 + 2 + 1.2 + 0.4 + 0.2 + 0.1, mass(two), 1e-12);
      // The finger itself: what couples it with the other one then matters, or mimics it.
      message = refused(text, options.withTip("right"));
      assertTrue(message.contains("is not supported"), message);
    }
    Chain site =
        ChainModel.read(resource("gripper.xml"), Options.STRICT.withTip("grasp").withStops(1, 1))
            .chain();
    Chain body =
        ChainModel.read(resource("gripper.xml"), Options.STRICT.withTip("tool").withStops(1, 1))
            .chain();
    assertEquals(0.1, site.tip().minus(body.tip()).norm(), 1e-12);
  }

  private static double mass(Chain chain) {
    return chain.bodies().stream().mapToDouble(Body::mass).sum();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "type=\"continuous\" | type=\"floating\" | <joint pan>: type must be revolute, continuous, prismatic or fixed, not \"floating\"",
        "<child link=\"upper\"/> | <child link=\"fore\"/> | two joints carry the link fore",
        "<link name=\"base\"/> | <link name=\"base\"/><link name=\"other\"/> | one link must be the base, that no joint carries, not [base, other]",
        "<parent link=\"upper\"/> | <parent link=\"wrist\"/> | the joints must connect every link with the base",
        "<child link=\"upper\"/> | '' | <joint lift> must have a <child>",
        "<mass value=\"3\"/> | '' | <link shoulder>: <inertial> must have <mass> and <inertia>",
        "ixx=\"0.03\" | ixx=\"thirty\" | ixx must hold numbers, not \"thirty\"",
        "<limit lower=\"-2\" upper=\"1.5\" effort=\"50\" velocity=\"2\"/> | '' | <joint lift> must have a <limit>",
        "<material name=\"grey\"> | <sensor/><material name=\"grey\"> | <sensor> in <robot> is not supported",
        "damping=\"0.7\" | damping=\"0.7\" stiffness=\"1\" | the attribute stiffness=\"1\" is not supported",
        "<axis xyz=\"0 0 2\"/> | <axis xyz=\"0 0 2\" frame=\"world\"/> | the attribute frame=\"world\" is not supported",
        "<visual> | <collision/><visual> | contacts are not simulated",
        "rpy=\"0.2 -0.1 0.4\" | euler=\"0 0 0\" | the attribute euler=\"0 0 0\" is not supported",
      })
  void urdf_whatWouldBeWrong_isNamed(String part, String replacement, String message)
      throws IOException {
    String text = edited(Files.readString(resource("gripper.urdf")), part, replacement);
    String found = refused(text, Options.STRICT.withTip("tool").withStops(100, 1));
    assertTrue(found.contains(message), found);
    assertTrue(found.startsWith("arm.xml, line "), found);
  }

  @Test
  void damagedFile_isAModelOrAnError() throws IOException {
    Rng random = new Rng(3);
    int errors = 0;
    for (String name : List.of("gripper.xml", "gripper.urdf")) {
      byte[] bytes = Files.readAllBytes(resource(name));
      for (int k = 0; k < 1000; k++) {
        byte[] mutated = bytes.clone();
        for (int m = 0; m <= k % 4; m++) {
          int at = random.nextInt(mutated.length);
          mutated[at] =
              (byte)
                  (k % 2 == 0 ? 32 + random.nextInt(95) : mutated[random.nextInt(mutated.length)]);
        }
        String text = new String(mutated, StandardCharsets.UTF_8);
        try {
          ChainModel.parse(text, "arm.xml", Options.STRICT.withTip("tool").withStops(9, 1));
        } catch (IllegalArgumentException e) {
          assertTrue(e.getMessage().startsWith("arm.xml, line "), e.getMessage());
          errors++;
        }
      }
    }
    assertTrue(errors > 300, errors + " errors");
  }

  @Test
  void deepFiles_areRefused() {
    String body = "<body><inertial mass=\"1\" diaginertia=\"1 1 1\"/><joint/>";
    String text = "<mujoco><worldbody>" + body.repeat(15_000);
    String message = refused(text, Options.STRICT);
    assertTrue(message.contains("nested deeper than 500"), message);
    StringBuilder urdf = new StringBuilder("<robot><link name=\"0\"/>");
    for (int i = 1; i < 9000; i++) {
      urdf.append(
          "<link name=\"%d\"/><joint type=\"fixed\"><parent link=\"%d\"/><child link=\"%d\"/></joint>"
              .formatted(i, i - 1, i));
    }
    message = refused(urdf + "</robot>", Options.STRICT);
    assertTrue(message.contains("more than 500 links"), message);
  }

  @Test
  void hugeFiles_areNotRead() throws IOException {
    Path file = Files.writeString(folder.resolve("arm.xml"), " ".repeat(2 << 20));
    String message =
        assertThrows(StateFormatException.class, () -> ChainModel.read(file, Options.STRICT))
            .getMessage();
    assertTrue(message.contains("has more than 1048576 bytes"), message);
  }
}
