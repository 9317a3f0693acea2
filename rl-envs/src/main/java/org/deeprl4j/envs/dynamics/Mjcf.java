package org.deeprl4j.envs.dynamics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads MJCF, MuJoCo's own format, as MuJoCo 4.0 understands it. */
final class Mjcf {
  private static final Set<String> ORIENTATIONS =
      Set.of("quat", "axisangle", "xyaxes", "zaxis", "euler");

  private static final Set<String> ACTUATORS =
      Set.of(
          "general",
          "motor",
          "position",
          "velocity",
          "intvelocity",
          "orientation",
          "pid",
          "damper",
          "cylinder",
          "muscle",
          "adhesion",
          "dcmotor");

  /** What may stand in a default class. Those of actuators are one: each overrides the others. */
  private static final Set<String> DEFAULTS =
      union(
          ACTUATORS,
          "mesh texture material joint geom site camera light pair equality tendon plugin skin");

  private static final Set<String> COMPILER =
      Set.of(
          // Of pictures, meshes, and how MuJoCo keeps and writes a model.
          "alignfree",
          "assetdir",
          "discardvisual",
          "fitaabb",
          "fusestatic",
          "meshdir",
          "savecanonical",
          "savecompiled",
          "saveinertial",
          "strippath",
          "texturedir",
          "usethread",
          "exactmeshinertia",
          "convexhull",
          // Read.
          "angle",
          "autolimits",
          "balanceinertia",
          "boundinertia",
          "boundmass",
          "coordinate",
          "eulerseq",
          "inertiafromgeom",
          "inertiagrouprange",
          "settotalmass");

  private static final Set<String> OPTION =
      Set.of(
          // Of the integrator, which is the caller's, and of the solver of constraints and
          // contacts.
          "actuatorgroupdisable",
          "apirate",
          "ccd_iterations",
          "ccd_tolerance",
          "collision",
          "cone",
          "impratio",
          "integrator",
          "iterations",
          "jacobian",
          "ls_iterations",
          "ls_tolerance",
          "magnetic",
          "mpr_iterations",
          "mpr_tolerance",
          "noslip_iterations",
          "noslip_tolerance",
          "o_friction",
          "o_margin",
          "o_solimp",
          "o_solref",
          "sdf_initpoints",
          "sdf_iterations",
          "sleep_tolerance",
          "solver",
          "timestep",
          "tolerance",
          "wind", // nothing without a density and a viscosity
          // Read.
          "density",
          "gravity",
          "viscosity");

  private static final Set<String> FLAGS =
      Set.of(
          // Of the solver, the integrator, contacts, actuators and sensors.
          "actuation",
          "autoreset",
          "clampctrl",
          "diagexact",
          "energy",
          "eulerdamp",
          "fwdinv",
          "invdiscrete",
          "ipc",
          "island",
          "midphase",
          "multiccd",
          "nativeccd",
          "refsafe",
          "sensor",
          "sleep",
          "speculative",
          "warmstart",
          // Read.
          "constraint",
          "contact",
          "damper",
          "equality",
          "filterparent",
          "frictionloss",
          "gravity",
          "limit",
          "override",
          "passive",
          "spring");

  private static final Set<String> BODY =
      union(ORIENTATIONS, "name childclass pos gravcomp mocap sleep user");

  private static final Set<String> INERTIAL =
      union(ORIENTATIONS, "mass pos diaginertia fullinertia");

  private static final Set<String> JOINT =
      words(
          // Of pictures, actuators, and MuJoCo's own stops.
          "group user margin solimplimit solreflimit actuatorgravcomp "
              + "class name type axis pos ref springref stiffness springdamper springyield armature "
              + "damping frictionloss solreffriction solimpfriction limited range "
              + "actuatorfrclimited actuatorfrcrange");

  private static final Set<String> GEOM =
      union(
          ORIENTATIONS,
          // Of pictures, contacts and fluids.
          "adhesion castshadow condim fitscale fluidcoef fluidshape friction gap hfield margin "
              + "material priority rgba solimp solmix solref surfacevel user "
              + "class name type pos size fromto mass density shellinertia mesh group contype "
              + "conaffinity");

  private static final Set<String> SITE =
      union(ORIENTATIONS, "class name pos fromto group material mesh rgba size type user");

  private static final Set<String> TENDON =
      words(
          "class name group material rgba width user springlength solimplimit solreflimit margin "
              + "solimpfriction solreffriction actuatorfrclimited actuatorfrcrange "
              + "stiffness damping frictionloss armature springyield limited range");

  /** A default class: the attributes of each kind of element, those of its parents included. */
  private record Defaults(Map<String, Map<String, String>> of) {
    static final Defaults NONE = new Defaults(Map.of());

    Map<String, String> attributes(String tag) {
      return of.getOrDefault(kind(tag), Map.of());
    }

    private static String kind(String tag) {
      return ACTUATORS.contains(tag) ? "actuator" : tag;
    }
  }

  /** A geom that may touch others. */
  private record Collider(XmlNode node, ModelTree.Link link, int type, int affinity) {}

  private final XmlNode root;
  private final ChainModel.Options options;
  private final ModelTree tree = new ModelTree();
  private final ModelTree.Link world;
  private final Map<String, Defaults> classes = new HashMap<>();
  private final List<Collider> colliders = new ArrayList<>();
  private final Map<String, Double> driveLimits = new HashMap<>();
  private final Set<String> disabled = new HashSet<>();
  private boolean degrees = true;
  private boolean autoLimits = true;
  private String eulerOrder = "xyz";
  private String inertiaFromGeom = "auto";
  private double[] inertiaGroups = {0, 5};
  private Vec3 gravity = Chain.EARTH;

  Mjcf(XmlNode root, ChainModel.Options options) {
    this.root = root;
    this.options = options;
    world = new ModelTree.Link(root, "world", null, Vec3.ZERO, Rotation.NONE);
  }

  ChainModel model() {
    root.requireAttributes(Set.of("model"));
    // In this order, whatever the file's: settings and defaults hold for what stands before them.
    sections("compiler", this::compiler);
    sections("option", this::option);
    sections("default", node -> defaults(node, null));
    sections("worldbody", node -> contents(node, world, Vec3.ZERO, Rotation.NONE, "main"));
    for (XmlNode child : root.children()) {
      switch (child.tag()) {
        case "compiler", "option", "default", "worldbody" -> {}
        // Nothing of these moves the chain; what they refer to, they only show, store or measure.
        case "size", "statistic", "visual", "asset", "custom", "sensor", "keyframe" -> {}
        case "actuator", "tendon", "equality", "contact" -> {} // below, once the chain is known
        case "include" ->
            throw child.error(
                "<include file=\"%s\"> is not supported: write what it holds in its place, or let MuJoCo save the model as one file"
                    .formatted(child.text("file", "")));
        default -> throw unsupported(child, root);
      }
    }
    Chain chain = tree.chain(root, root.text("model", root.source()), gravity, options.tip());
    sections("tendon", this::tendons);
    sections("equality", this::equalities);
    requireNoContacts();
    sections("actuator", this::actuators);
    List<Double> limits =
        chain.joints().stream().map(j -> driveLimits.getOrDefault(j.name(), Double.NaN)).toList();
    return new ChainModel(chain, limits, home());
  }

  private interface Reader {
    void read(XmlNode node);
  }

  private void sections(String tag, Reader reader) {
    for (XmlNode child : root.children()) {
      if (child.tag().equals(tag)) {
        reader.read(child);
      }
    }
  }

  private void compiler(XmlNode node) {
    node.requireAttributes(COMPILER);
    for (XmlNode child : node.children()) {
      if (!child.tag().equals("lengthrange")) { // of muscles
        throw unsupported(child, node);
      }
    }
    degrees =
        switch (node.text("angle", degrees ? "degree" : "radian")) {
          case "degree" -> true;
          case "radian" -> false;
          default -> throw oneOf(node, "angle", "degree or radian");
        };
    autoLimits = node.flag("autolimits", autoLimits);
    eulerOrder = node.text("eulerseq", eulerOrder);
    if (!eulerOrder.matches("[xyzXYZ]{3}")) {
      throw oneOf(node, "eulerseq", "three of x, y, z, X, Y and Z");
    }
    inertiaFromGeom = node.text("inertiafromgeom", inertiaFromGeom);
    if (!Set.of("auto", "true", "false").contains(inertiaFromGeom)) {
      throw oneOf(node, "inertiafromgeom", "auto, true or false");
    }
    if (node.has("inertiagrouprange")) {
      inertiaGroups = node.numbers("inertiagrouprange", 2);
    }
    if (!node.text("coordinate", "local").equals("local")) {
      throw oneOf(node, "coordinate", "local");
    }
    if (node.flag("balanceinertia", false)) {
      throw oneOf(node, "balanceinertia", "false: write the balanced inertia");
    }
    node.requireNeutral("boundmass", 0, "write the masses as they shall be");
    node.requireNeutral("boundinertia", 0, "write the inertias as they shall be");
    if (node.number("settotalmass", -1) > 0) {
      throw oneOf(node, "settotalmass", "-1: write the masses as they shall be");
    }
  }

  private void option(XmlNode node) {
    node.requireAttributes(OPTION);
    gravity = node.vector("gravity", gravity);
    node.requireNeutral("density", 0, "there is no fluid here: it must be 0");
    node.requireNeutral("viscosity", 0, "there is no fluid here: it must be 0");
    for (XmlNode child : node.children()) {
      if (!child.tag().equals("flag")) {
        throw unsupported(child, node);
      }
      child.requireAttributes(FLAGS);
      for (Map.Entry<String, String> flag : child.attributes().entrySet()) {
        switch (flag.getValue()) {
          case "enable" -> {
            if (flag.getKey().equals("diagexact")) { // dry friction is by the approximate ones
              throw child.unsupported("diagexact");
            }
            disabled.remove(flag.getKey());
          }
          case "disable" -> disabled.add(flag.getKey());
          default -> throw oneOf(child, flag.getKey(), "enable or disable");
        }
      }
    }
    if (disabled.contains("gravity")) {
      gravity = Vec3.ZERO;
    }
  }

  // ---- Default classes ----

  private void defaults(XmlNode node, @Nullable Defaults parent) {
    node.requireAttributes(Set.of("class"));
    String name = parent == null ? node.text("class", "main") : node.required("class");
    Map<String, Map<String, String>> of = new HashMap<>();
    Defaults base = parent == null ? classes.getOrDefault("main", Defaults.NONE) : parent;
    base.of.forEach((kind, attributes) -> of.put(kind, new LinkedHashMap<>(attributes)));
    for (XmlNode child : node.children()) {
      if (child.tag().equals("default")) {
        continue;
      }
      if (!DEFAULTS.contains(child.tag())) {
        throw unsupported(child, node);
      }
      switch (child.tag()) {
        case "joint" -> child.requireAttributes(JOINT);
        case "geom" -> child.requireAttributes(GEOM);
        case "site" -> child.requireAttributes(SITE);
        case "tendon" -> child.requireAttributes(TENDON);
        default -> {} // what uses it says what of it has an effect
      }
      of.computeIfAbsent(Defaults.kind(child.tag()), k -> new LinkedHashMap<>())
          .putAll(child.attributes());
    }
    Defaults made = new Defaults(of);
    classes.put(name, made);
    if (parent == null) {
      classes.put("main", made); // whatever the outermost one is called
    }
    for (XmlNode child : node.children()) {
      if (child.tag().equals("default")) {
        defaults(child, made);
      }
    }
  }

  /** The element with the attributes of its class, or of the one that holds where it stands. */
  private XmlNode complete(XmlNode node, String childClass) {
    String name = node.text("class", childClass);
    Defaults defaults = classes.get(name);
    if (defaults == null) {
      if (name.equals("main")) {
        return node;
      }
      throw node.error("%s: there is no default class \"%s\"".formatted(node.label(), name));
    }
    return node.withDefaults(defaults.attributes(node.tag()));
  }

  // ---- Bodies ----

  /**
   * Reads what is in a body, the world or a frame.
   *
   * @param position of the frame in the body, m
   */
  private void contents(
      XmlNode node, ModelTree.Link link, Vec3 position, Rotation rotation, String childClass) {
    boolean ofWorld = link == world;
    boolean inFrame = node.tag().equals("frame");
    for (XmlNode child : node.children()) {
      switch (child.tag()) {
        case "body" -> body(child, ofWorld ? null : link, position, rotation, childClass);
        case "frame" -> {
          child.requireAttributes(union(ORIENTATIONS, "name pos childclass"));
          contents(
              child,
              link,
              position.plus(rotation.apply(child.vector("pos", Vec3.ZERO))),
              rotation.times(rotation(child)),
              child.text("childclass", childClass));
        }
        case "geom" -> {
          XmlNode geom = complete(child, childClass);
          collider(geom, link);
        }
        case "site" -> {
          XmlNode site = complete(child, childClass);
          site.requireAttributes(SITE);
          if (!ofWorld) {
            Vec3 at = site.has("fromto") ? middle(site) : site.vector("pos", Vec3.ZERO);
            tree.addSite(site, site.text("name", ""), link, position.plus(rotation.apply(at)));
          }
        }
        case "camera", "light" -> {}
        case "joint" -> {
          if (ofWorld) {
            throw unsupported(child, node);
          }
          joint(complete(child, childClass), link, position, rotation);
        }
        case "inertial" -> {
          if (ofWorld || inFrame) {
            throw unsupported(child, node);
          }
        }
        case "freejoint" ->
            throw child.error(
                "<freejoint> in %s is not supported: a chain stands on the world"
                    .formatted(node.label()));
        default -> throw unsupported(child, node);
      }
    }
  }

  private void body(
      XmlNode node,
      ModelTree.@Nullable Link parent,
      Vec3 position,
      Rotation rotation,
      String outerClass) {
    node.requireAttributes(BODY);
    node.requireNeutral("gravcomp", 0, "it must be 0: gravity acts on every body in full");
    if (node.flag("mocap", false)) {
      throw node.unsupported("mocap");
    }
    ModelTree.Link link =
        new ModelTree.Link(
            node,
            node.text("name", ""),
            parent,
            position.plus(rotation.apply(node.vector("pos", Vec3.ZERO))),
            rotation.times(rotation(node)));
    tree.add(link);
    String childClass = node.text("childclass", outerClass);
    XmlNode inertial = node.only("inertial");
    if (inertial != null && !inertiaFromGeom.equals("true")) {
      link.mass = inertial(inertial);
    } else if (!inertiaFromGeom.equals("false")) {
      link.mass = geoms(node, Vec3.ZERO, Rotation.NONE, childClass);
    }
    contents(node, link, Vec3.ZERO, Rotation.NONE, childClass);
  }

  private MassProperties inertial(XmlNode node) {
    node.requireAttributes(INERTIAL);
    node.required("mass");
    double mass = node.number("mass", 0);
    Vec3 com = node.vector("pos", Vec3.ZERO);
    if (node.has("fullinertia")) {
      if (node.has("diaginertia") || ORIENTATIONS.stream().anyMatch(node::has)) {
        throw node.error(
            "<inertial>: fullinertia goes with neither diaginertia nor an orientation");
      }
      return MassProperties.of(mass, com, node.numbers("fullinertia", 6));
    }
    return new MassProperties(mass, com, node.vector("diaginertia"), rotation(node));
  }

  private void joint(XmlNode node, ModelTree.Link link, Vec3 position, Rotation rotation) {
    node.requireAttributes(JOINT);
    String name = node.text("name", "");
    String kind = node.text("type", "hinge");
    Joint.Type type =
        switch (kind) {
          case "hinge" -> Joint.Type.REVOLUTE;
          case "slide" -> Joint.Type.PRISMATIC;
          default -> throw oneOf(node, "type", "hinge or slide");
        };
    double unit = type == Joint.Type.REVOLUTE && degrees ? Math.PI / 180 : 1;
    node.requireNeutral("springdamper", 0, "write stiffness and damping instead");
    node.requireNeutral("springyield", 0, "springs do not yield here");
    double stiffness = linear(node, "stiffness");
    double damping = linear(node, "damping");
    double frictionLoss = node.number("frictionloss", 0);
    if (disabled.contains("passive") || disabled.contains("spring")) {
      stiffness = 0;
    }
    if (disabled.contains("passive") || disabled.contains("damper")) {
      damping = 0;
    }
    if (disabled.contains("constraint") || disabled.contains("frictionloss")) {
      frictionLoss = 0;
    }
    if (frictionLoss > 0) {
      requireDefault(node, "solreffriction", 0.02, 1);
      requireDefault(node, "solimpfriction", 0.9, 0.95, 0.001, 0.5, 2);
    }
    double reference = node.number("ref", 0) * unit;
    Joint joint;
    try {
      joint =
          new Joint(
              name,
              type,
              rotation.apply(node.vector("axis", Vec3.Z)),
              position.plus(rotation.apply(node.vector("pos", Vec3.ZERO))),
              reference,
              node.number("armature", 0),
              damping,
              frictionLoss,
              stiffness == 0
                  ? null
                  : new Joint.Spring(stiffness, node.number("springref", 0) * unit),
              stop(node, unit));
    } catch (IllegalArgumentException e) {
      throw node.error(e);
    }
    tree.addJoint(link, joint, node);
    double[] forces = range(node, "actuatorfrcrange", "actuatorfrclimited");
    if (forces != null) {
      limitDrive(name, Math.max(Math.abs(forces[0]), Math.abs(forces[1])));
    }
  }

  /** The coefficient of a polynomial that must be linear. */
  private static double linear(XmlNode node, String attribute) {
    if (!node.has(attribute)) {
      return 0;
    }
    double[] values = node.numbers(attribute);
    for (int i = 1; i < values.length; i++) {
      if (values[i] != 0) {
        throw node.error(
            "%s: %s=\"%s\" is not supported: it must be linear, with one number"
                .formatted(node.label(), attribute, node.text(attribute, "")));
      }
    }
    if (values.length == 0) {
      throw oneOf(node, attribute, "a number");
    }
    return values[0];
  }

  private static void requireDefault(XmlNode node, String attribute, double... values) {
    if (!node.has(attribute)) {
      return;
    }
    double[] found = node.numbers(attribute);
    for (int i = 0; i < found.length; i++) {
      if (i >= values.length || found[i] != values[i]) {
        throw node.error(
            "%s: %s=\"%s\" is not supported: dry friction has MuJoCo's default there"
                .formatted(node.label(), attribute, node.text(attribute, "")));
      }
    }
  }

  private Joint.@Nullable Stop stop(XmlNode node, double unit) {
    double[] range = range(node, "range", "limited");
    if (range == null || disabled.contains("constraint") || disabled.contains("limit")) {
      return null;
    }
    if (options.stopStiffness() == 0) {
      throw node.error(
          node.label()
              + " is limited: give the stiffness and damping of its stops, or write limited=\"false\"");
    }
    return new Joint.Stop(
        range[0] * unit, range[1] * unit, options.stopStiffness(), options.stopDamping());
  }

  /** The two limits, null where they do not hold. */
  private double @Nullable [] range(XmlNode node, String attribute, String switchedBy) {
    double[] range = node.has(attribute) ? node.numbers(attribute, 2) : new double[2];
    boolean given = range[0] != 0 || range[1] != 0;
    boolean limited =
        switch (node.text(switchedBy, "auto")) {
          case "true" -> true;
          case "false" -> false;
          case "auto" -> {
            if (given && !autoLimits) {
              throw node.error(
                  "%s has a %s: with autolimits=\"false\" it must say whether it is %s"
                      .formatted(node.label(), attribute, switchedBy));
            }
            yield given;
          }
          default -> throw oneOf(node, switchedBy, "true, false or auto");
        };
    if (limited && !given) {
      throw node.error("%s must have a %s".formatted(node.label(), attribute));
    }
    return limited ? range : null;
  }

  private Rotation rotation(XmlNode node) {
    Rotation found = null;
    for (String attribute : node.attributes().keySet()) {
      if (!ORIENTATIONS.contains(attribute)) {
        continue;
      }
      if (found != null) {
        throw node.error(node.label() + " has two orientations; it must have one");
      }
      try {
        found = rotation(node, attribute);
      } catch (IllegalArgumentException e) {
        throw node.error(e);
      }
    }
    return found == null ? Rotation.NONE : found;
  }

  private Rotation rotation(XmlNode node, String attribute) {
    double unit = degrees ? Math.PI / 180 : 1;
    switch (attribute) {
      case "quat" -> {
        double[] q = node.numbers(attribute, 4);
        return new Rotation(q[0], q[1], q[2], q[3]);
      }
      case "axisangle" -> {
        double[] a = node.numbers(attribute, 4);
        return Rotation.about(direction(node, attribute, a, 0), a[3] * unit);
      }
      case "zaxis" -> {
        return Rotation.zTo(direction(node, attribute, node.numbers(attribute, 3), 0));
      }
      case "xyaxes" -> {
        double[] a = node.numbers(attribute, 6);
        Vec3 x = direction(node, attribute, a, 0);
        Vec3 y = new Vec3(a[3], a[4], a[5]);
        y = y.minus(x.times(x.dot(y)));
        if (!(y.norm() > 1e-9)) {
          throw oneOf(node, attribute, "two directions that differ");
        }
        y = y.times(1 / y.norm());
        return Rotation.ofAxes(x, y, x.cross(y));
      }
      case "euler" -> {
        double[] angles = node.numbers(attribute, 3);
        Rotation all = Rotation.NONE;
        for (int i = 0; i < 3; i++) {
          char axis = eulerOrder.charAt(i);
          Vec3 about =
              switch (Character.toLowerCase(axis)) {
                case 'x' -> Vec3.X;
                case 'y' -> Vec3.Y;
                default -> Vec3.Z;
              };
          Rotation turn = Rotation.about(about, angles[i] * unit);
          // Small letters turn about the axes as they have become, large ones about the parent's.
          all = Character.isLowerCase(axis) ? all.times(turn) : turn.times(all);
        }
        return all;
      }
      default -> throw new IllegalStateException(attribute);
    }
  }

  private static Vec3 direction(XmlNode node, String attribute, double[] from, int at) {
    Vec3 v = new Vec3(from[at], from[at + 1], from[at + 2]);
    if (!(v.norm() > 0)) {
      throw oneOf(node, attribute, "a direction, not zero");
    }
    return v.times(1 / v.norm());
  }

  // ---- Masses of geoms ----

  /** The masses of a body's geoms as one. */
  private MassProperties geoms(XmlNode node, Vec3 position, Rotation rotation, String childClass) {
    MassProperties sum = MassProperties.NONE;
    for (XmlNode child : node.children()) {
      if (child.tag().equals("geom")) {
        XmlNode geom = complete(child, childClass);
        geom.requireAttributes(GEOM);
        double group = geom.number("group", 0);
        if (group >= inertiaGroups[0] && group <= inertiaGroups[1]) {
          sum = sum.plus(geom(geom).in(position, rotation));
        }
      } else if (child.tag().equals("frame")) {
        sum =
            sum.plus(
                geoms(
                    child,
                    position.plus(rotation.apply(child.vector("pos", Vec3.ZERO))),
                    rotation.times(rotation(child)),
                    child.text("childclass", childClass)));
      }
    }
    return sum;
  }

  private MassProperties geom(XmlNode node) {
    String type = node.text("type", "sphere");
    boolean weightless =
        node.has("mass") ? node.number("mass", 0) == 0 : node.number("density", 1000) == 0;
    if (weightless || type.equals("plane") || type.equals("hfield")) {
      return MassProperties.NONE;
    }
    if (type.equals("mesh") || type.equals("sdf") || node.has("mesh")) {
      throw node.error(
          "%s gives its body a mass, and meshes are not read: give the body an <inertial>, or the geom mass=\"0\""
              .formatted(node.label()));
    }
    if (node.flag("shellinertia", false)) {
      throw node.unsupported("shellinertia");
    }
    double[] given = node.has("size") ? node.numbers("size") : new double[0];
    Vec3 at = node.vector("pos", Vec3.ZERO);
    Rotation turn;
    double length = Double.NaN;
    if (node.has("fromto") && !type.equals("sphere")) {
      double[] ends = node.numbers("fromto", 6);
      at = middle(node);
      Vec3 along = new Vec3(ends[3] - ends[0], ends[4] - ends[1], ends[5] - ends[2]);
      length = along.norm() / 2;
      if (!(length > 0)) {
        throw oneOf(node, "fromto", "two points that differ");
      }
      turn = Rotation.zTo(along);
    } else {
      turn = rotation(node);
    }
    double[] size =
        switch (type) {
          case "sphere" -> sizes(node, given, 1);
          case "capsule", "cylinder" ->
              Double.isNaN(length)
                  ? sizes(node, given, 2)
                  : new double[] {sizes(node, given, 1)[0], length};
          case "ellipsoid", "box" -> {
            if (Double.isNaN(length)) {
              yield sizes(node, given, 3);
            }
            double[] across = sizes(node, given, 1);
            yield new double[] {
              across[0], given.length > 1 && given[1] > 0 ? given[1] : across[0], length
            };
          }
          default ->
              throw oneOf(
                  node, "type", "plane, hfield, sphere, capsule, ellipsoid, cylinder, box or mesh");
        };
    return solid(node, type, size).in(at, turn);
  }

  private static double[] sizes(XmlNode node, double[] given, int count) {
    for (int i = 0; i < count; i++) {
      if (given.length < count || !(given[i] > 0)) {
        throw node.error(
            "%s: size must hold %d positive numbers, not \"%s\""
                .formatted(node.label(), count, node.text("size", "")));
      }
    }
    return given;
  }

  /** A solid of uniform density in its own frame; sizes are half ones, as in MJCF. */
  private static MassProperties solid(XmlNode node, String type, double[] size) {
    double r = size[0];
    double r2 = r * r;
    double volume =
        switch (type) {
          case "sphere" -> 4 * Math.PI / 3 * r2 * r;
          case "capsule" -> Math.PI * r2 * (2 * size[1] + 4 * r / 3);
          case "cylinder" -> Math.PI * r2 * 2 * size[1];
          case "ellipsoid" -> 4 * Math.PI / 3 * r * size[1] * size[2];
          default -> 8 * r * size[1] * size[2];
        };
    double mass = node.has("mass") ? node.number("mass", 0) : node.number("density", 1000) * volume;
    if (!(mass >= 0)) {
      throw node.error(
          "%s: its mass must not be negative, but is %s".formatted(node.label(), mass));
    }
    Vec3 moments;
    switch (type) {
      case "sphere" -> moments = new Vec3(0.4 * mass * r2, 0.4 * mass * r2, 0.4 * mass * r2);
      case "capsule", "cylinder" -> {
        double h = 2 * size[1];
        double caps = type.equals("capsule") ? mass * 4 * r / (4 * r + 3 * h) : 0;
        double tube = mass - caps;
        double across = tube * (3 * r2 + h * h) / 12 + caps * (0.4 * r2 + h * (3 * r + 2 * h) / 8);
        moments = new Vec3(across, across, tube * r2 / 2 + caps * 0.4 * r2);
      }
      default -> {
        double x = r2;
        double y = size[1] * size[1];
        double z = size[2] * size[2];
        double part = mass / (type.equals("box") ? 3 : 5);
        moments = new Vec3(part * (y + z), part * (x + z), part * (x + y));
      }
    }
    return new MassProperties(mass, Vec3.ZERO, moments, Rotation.NONE);
  }

  private static Vec3 middle(XmlNode node) {
    double[] ends = node.numbers("fromto", 6);
    return new Vec3((ends[0] + ends[3]) / 2, (ends[1] + ends[4]) / 2, (ends[2] + ends[5]) / 2);
  }

  // ---- What couples bodies ----

  private void collider(XmlNode node, ModelTree.Link link) {
    node.requireAttributes(GEOM);
    if (!node.children().isEmpty()) {
      throw unsupported(node.children().get(0), node);
    }
    int type = (int) node.number("contype", 1);
    int affinity = (int) node.number("conaffinity", 1);
    if (type != 0 || affinity != 0) {
      colliders.add(new Collider(node, link, type, affinity));
    }
  }

  /** Geoms touch as MuJoCo has it: of different bodies, not of parent and child, not excluded. */
  private void requireNoContacts() {
    if (!options.contacts() || disabled.contains("contact") || disabled.contains("constraint")) {
      return;
    }
    Set<Set<String>> excluded = new HashSet<>();
    sections(
        "contact",
        node -> {
          for (XmlNode child : node.children()) {
            switch (child.tag()) {
              case "exclude" ->
                  excluded.add(
                      new HashSet<>(List.of(child.required("body1"), child.required("body2"))));
              case "pair" ->
                  throw child.error(
                      "<pair> is not supported: contacts are not simulated: read the model without contacts");
              default -> throw unsupported(child, node);
            }
          }
        });
    for (int i = 0; i < colliders.size(); i++) {
      for (int j = 0; j < i; j++) {
        Collider a = colliders.get(i);
        Collider b = colliders.get(j);
        boolean masks = (a.type & b.affinity) != 0 || (b.type & a.affinity) != 0;
        if (masks
            && mayTouch(a.link, b.link)
            && !excluded.contains(new HashSet<>(List.of(a.link.name, b.link.name)))) {
          throw a.node.error(
              "%s of %s may touch that of line %d: contacts are not simulated: read the model without contacts, or give one of them contype=\"0\" conaffinity=\"0\""
                  .formatted(a.node.label(), a.link.node.label(), b.node.line()));
        }
      }
    }
  }

  private boolean mayTouch(ModelTree.Link a, ModelTree.Link b) {
    ModelTree.Link one = ModelTree.carrier(a);
    ModelTree.Link two = ModelTree.carrier(b);
    if (one == two) {
      return false; // they cannot move against each other
    }
    boolean parent =
        one != null && two != null && (carrierBefore(one) == two || carrierBefore(two) == one);
    return !parent || disabled.contains("filterparent");
  }

  private static ModelTree.@Nullable Link carrierBefore(ModelTree.Link moving) {
    return moving.parent == null ? null : ModelTree.carrier(moving.parent);
  }

  private void tendons(XmlNode section) {
    for (XmlNode child : section.children()) {
      if (!child.tag().equals("fixed") && !child.tag().equals("spatial")) {
        throw unsupported(child, section);
      }
      XmlNode tendon =
          child.withDefaults(
              classes
                  .getOrDefault(child.text("class", "main"), Defaults.NONE)
                  .attributes("tendon"));
      tendon.requireAttributes(TENDON);
      boolean ofChain = !child.tag().equals("fixed");
      for (XmlNode part : child.children()) {
        ofChain |= part.tag().equals("joint") && tree.moves(part.required("joint"));
      }
      if (!ofChain) {
        continue;
      }
      for (String attribute :
          List.of("stiffness", "damping", "frictionloss", "armature", "springyield", "range")) {
        tendon.requireNeutral(attribute, 0, "it must be 0: tendons do not act on the chain");
      }
    }
  }

  private void equalities(XmlNode section) {
    if (disabled.contains("equality") || disabled.contains("constraint")) {
      return;
    }
    for (XmlNode child : section.children()) {
      XmlNode equality =
          child.withDefaults(
              classes
                  .getOrDefault(child.text("class", "main"), Defaults.NONE)
                  .attributes("equality"));
      if (!equality.flag("active", true)) {
        continue;
      }
      boolean holds =
          switch (child.tag()) {
            case "joint" ->
                !tree.moves(child.required("joint1"))
                    && !(child.has("joint2") && tree.moves(child.required("joint2")));
            case "connect", "weld" ->
                child.has("body1")
                    && tree.rigid(child, child.required("body1"), child.text("body2", "world"));
            default -> false;
          };
      if (!holds) {
        throw child.error(
            "%s in <equality> is not supported: nothing but joints holds a chain's bodies; write active=\"false\" or leave it out"
                .formatted(child.label()));
      }
    }
  }

  // ---- Drives ----

  private void actuators(XmlNode section) {
    for (XmlNode child : section.children()) {
      if (!ACTUATORS.contains(child.tag()) && !child.tag().equals("plugin")) {
        throw unsupported(child, section);
      }
      XmlNode drive = complete(child, "main");
      String joint = drive.text("joint", drive.text("jointinparent", ""));
      if (joint.isEmpty()) {
        continue;
      }
      if (!tree.hasJoint(joint)) {
        throw child.error("%s: there is no joint %s".formatted(child.label(), joint));
      }
      if (tree.moves(joint)) {
        drive.requireNeutral("armature", 0, "write it at the joint");
        drive.requireNeutral("damping", 0, "write it at the joint");
        double gear = drive.has("gear") ? drive.numbers("gear")[0] : 1;
        double[] forces = range(drive, "forcerange", "forcelimited");
        if (forces != null) {
          limitDrive(joint, Math.abs(gear) * largest(forces));
        }
        if (drive.tag().equals("motor")) {
          double[] controls = range(drive, "ctrlrange", "ctrllimited");
          if (controls != null) {
            limitDrive(joint, Math.abs(gear) * largest(controls));
          }
        }
      }
    }
  }

  private static double largest(double[] range) {
    return Math.max(Math.abs(range[0]), Math.abs(range[1]));
  }

  private void limitDrive(String joint, double limit) {
    if (!joint.isEmpty()) {
      driveLimits.merge(joint, limit, Math::min);
    }
  }

  /** The chain's joints in the first keyframe. */
  private @Nullable List<Double> home() {
    for (XmlNode section : root.children()) {
      if (!section.tag().equals("keyframe")) {
        continue;
      }
      for (XmlNode key : section.children()) {
        if (key.has("qpos")) {
          double[] all = key.numbers("qpos", tree.inChain().size());
          List<Double> found = new ArrayList<>();
          for (int i = 0; i < all.length; i++) {
            if (tree.inChain().get(i)) {
              found.add(all[i]);
            }
          }
          return found;
        }
      }
    }
    return null;
  }

  // ---- Messages ----

  private static IllegalArgumentException unsupported(XmlNode child, XmlNode parent) {
    return child.error("%s in %s is not supported".formatted(child.label(), parent.label()));
  }

  private static IllegalArgumentException oneOf(XmlNode node, String attribute, String expected) {
    return node.error(
        "%s: %s must be %s, not \"%s\""
            .formatted(node.label(), attribute, expected, node.text(attribute, "")));
  }

  private static Set<String> words(String words) {
    return Set.of(words.split(" "));
  }

  private static Set<String> union(Set<String> first, String words) {
    Set<String> all = new HashSet<>(first);
    all.addAll(words(words));
    return Set.copyOf(all);
  }
}
