package org.deeprl4j.envs.dynamics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads URDF. A link's frame is that of the joint that moves it. */
final class Urdf {
  private final XmlNode root;
  private final ChainModel.Options options;
  private final ModelTree tree = new ModelTree();
  private final Map<String, XmlNode> links = new LinkedHashMap<>();

  /** The joints by the link that they carry, and those links by the link that carries the joint. */
  private final Map<String, XmlNode> jointOf = new HashMap<>();

  private final Map<String, List<String>> childrenOf = new HashMap<>();
  private final Map<String, Double> efforts = new HashMap<>();

  Urdf(XmlNode root, ChainModel.Options options) {
    this.root = root;
    this.options = options;
  }

  ChainModel model() {
    for (XmlNode child : root.children()) {
      switch (child.tag()) {
        case "link" -> {
          if (links.put(child.required("name"), child) != null) {
            throw child.error("two links are called " + child.required("name"));
          }
        }
        case "joint" -> {
          String carried = end(child, "child");
          if (jointOf.put(carried, child) != null) {
            throw child.error("two joints carry the link " + carried);
          }
          childrenOf.computeIfAbsent(end(child, "parent"), k -> new ArrayList<>()).add(carried);
        }
        // None of them moves anything: looks, drives, and settings of a simulator.
        case "material", "transmission", "ros2_control", "gazebo" -> {}
        default -> throw child.error(child.label() + " in <robot> is not supported");
      }
    }
    List<String> bases = links.keySet().stream().filter(l -> !jointOf.containsKey(l)).toList();
    if (bases.size() != 1) {
      throw root.error("one link must be the base, that no joint carries, not " + bases);
    }
    int added = add(bases.get(0), null, 0);
    if (added != links.size() || jointOf.size() != links.size() - 1) {
      for (Map.Entry<String, XmlNode> joint : jointOf.entrySet()) {
        if (!links.containsKey(joint.getKey())) {
          throw joint.getValue().error("there is no link " + joint.getKey());
        }
      }
      throw root.error("the joints must connect every link with the base " + bases.get(0));
    }
    Chain chain = tree.chain(root, root.text("name", root.source()), Chain.EARTH, options.tip());
    for (XmlNode joint : jointOf.values()) {
      XmlNode mimic = joint.only("mimic");
      if (mimic != null && tree.moves(joint.required("name"))) {
        throw mimic.error(joint.label() + ": a joint that mimics another one is not supported");
      }
    }
    List<Double> limits =
        chain.joints().stream().map(j -> efforts.getOrDefault(j.name(), Double.NaN)).toList();
    return new ChainModel(chain, limits, null);
  }

  private static String end(XmlNode joint, String which) {
    XmlNode node = joint.only(which);
    if (node == null) {
      throw joint.error(joint.label() + " must have a <" + which + ">");
    }
    node.requireAttributes(Set.of("link"));
    return node.required("link");
  }

  /** Adds a link and those that it carries; returns their number. */
  private int add(String name, ModelTree.@Nullable Link parent, int depth) {
    XmlNode node = links.get(name);
    if (node == null) {
      throw root.error("there is no link " + name);
    }
    if (depth > XmlNode.DEEPEST) {
      throw node.error("more than " + XmlNode.DEEPEST + " links are one on the other");
    }
    XmlNode joint = jointOf.get(name);
    XmlNode origin = joint == null ? null : joint.only("origin");
    ModelTree.Link link =
        new ModelTree.Link(node, name, parent, position(origin), rotation(origin));
    tree.add(link);
    link(node, link);
    if (joint != null) {
      joint(joint, link);
    }
    int added = 1;
    for (String child : childrenOf.getOrDefault(name, List.of())) {
      added += add(child, link, depth + 1);
    }
    return added;
  }

  private void link(XmlNode node, ModelTree.Link link) {
    node.requireAttributes(Set.of("name", "type"));
    for (XmlNode child : node.children()) {
      switch (child.tag()) {
        case "inertial" -> {}
        case "visual" -> {}
        case "collision" -> {
          if (options.contacts()) {
            throw child.error(
                node.label()
                    + ": contacts are not simulated: read it without contacts, or leave <collision> out");
          }
        }
        default -> throw child.error(child.label() + " in " + node.label() + " is not supported");
      }
    }
    XmlNode inertial = node.only("inertial");
    if (inertial == null) {
      return; // without mass, as URDF has it
    }
    XmlNode origin = inertial.only("origin");
    XmlNode mass = inertial.only("mass");
    XmlNode inertia = inertial.only("inertia");
    if (mass == null || inertia == null) {
      throw inertial.error(node.label() + ": <inertial> must have <mass> and <inertia>");
    }
    for (XmlNode child : inertial.children()) {
      if (!Set.of("origin", "mass", "inertia").contains(child.tag())) {
        throw child.error(child.label() + " in <inertial> is not supported");
      }
    }
    double[] i = new double[6];
    String[] names = {"ixx", "iyy", "izz", "ixy", "ixz", "iyz"};
    inertia.requireAttributes(Set.of(names));
    for (int k = 0; k < 6; k++) {
      inertia.required(names[k]);
      i[k] = inertia.number(names[k], 0);
    }
    mass.requireAttributes(Set.of("value"));
    mass.required("value");
    link.mass =
        MassProperties.of(mass.number("value", 0), Vec3.ZERO, i)
            .in(position(origin), rotation(origin));
  }

  private void joint(XmlNode node, ModelTree.Link link) {
    node.requireAttributes(Set.of("name", "type"));
    for (XmlNode child : node.children()) {
      switch (child.tag()) {
        case "origin", "parent", "child", "axis", "limit", "dynamics", "mimic" -> {}
        // They bound what a controller asks for, and say where a sensor has its marks.
        case "safety_controller", "calibration" -> {}
        default -> throw child.error(child.label() + " in " + node.label() + " is not supported");
      }
    }
    String kind = node.required("type");
    Joint.Type type;
    switch (kind) {
      case "revolute", "continuous" -> type = Joint.Type.REVOLUTE;
      case "prismatic" -> type = Joint.Type.PRISMATIC;
      case "fixed" -> {
        return;
      }
      default ->
          throw node.error(
              "%s: type must be revolute, continuous, prismatic or fixed, not \"%s\""
                  .formatted(node.label(), kind));
    }
    String name = node.required("name");
    XmlNode axis = node.only("axis");
    if (axis != null) {
      axis.requireAttributes(Set.of("xyz"));
    }
    XmlNode dynamics = node.only("dynamics");
    double damping = 0;
    double friction = 0;
    if (dynamics != null) {
      dynamics.requireAttributes(Set.of("damping", "friction"));
      damping = dynamics.number("damping", 0);
      friction = dynamics.number("friction", 0);
    }
    XmlNode limit = node.only("limit");
    Joint.Stop stop = null;
    if (limit != null) {
      limit.requireAttributes(Set.of("lower", "upper", "effort", "velocity"));
      double effort = limit.number("effort", 0);
      if (effort > 0) {
        efforts.put(name, effort);
      }
    }
    if (!kind.equals("continuous")) {
      if (limit == null || !(limit.has("lower") || limit.has("upper"))) {
        throw node.error(node.label() + " must have a <limit> with lower and upper");
      }
      if (options.stopStiffness() == 0) {
        throw limit.error(
            node.label()
                + " is limited: give the stiffness and damping of its stops, or make it continuous");
      }
      try {
        stop =
            new Joint.Stop(
                limit.number("lower", 0),
                limit.number("upper", 0),
                options.stopStiffness(),
                options.stopDamping());
      } catch (IllegalArgumentException e) {
        throw node.error(e);
      }
    }
    Joint made;
    try {
      made =
          new Joint(
              name,
              type,
              axis == null ? Vec3.X : axis.vector("xyz", Vec3.X),
              Vec3.ZERO,
              0,
              0,
              damping,
              friction,
              null,
              stop);
    } catch (IllegalArgumentException e) {
      throw node.error(e);
    }
    tree.addJoint(link, made, node);
  }

  private static Vec3 position(@Nullable XmlNode origin) {
    return origin == null ? Vec3.ZERO : origin.vector("xyz", Vec3.ZERO);
  }

  /** Roll, pitch and yaw about the parent's fixed axes. */
  private static Rotation rotation(@Nullable XmlNode origin) {
    if (origin == null) {
      return Rotation.NONE;
    }
    origin.requireAttributes(Set.of("xyz", "rpy"));
    Vec3 rpy = origin.vector("rpy", Vec3.ZERO);
    return Rotation.about(Vec3.Z, rpy.z())
        .times(Rotation.about(Vec3.Y, rpy.y()))
        .times(Rotation.about(Vec3.X, rpy.x()));
  }
}
