package org.deeprl4j.envs.dynamics;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/**
 * Reads a {@link Chain} from a subset of MJCF, MuJoCo's model files:
 *
 * <ul>
 *   <li>{@code <compiler angle="degree|radian">}; without it angles are in degrees, as in MJCF;
 *   <li>{@code <option gravity>}, whose other attributes and flags, the integrator's, are ignored;
 *   <li>{@code <default><joint ...>}, without classes;
 *   <li>{@code <worldbody>} with one {@code <body name pos quat>} in another, each with an {@code
 *       <inertial mass pos quat diaginertia>}, at least one {@code <joint name type axis pos
 *       armature damping limited range>} of type hinge or slide, and in the last one a {@code <site
 *       pos>}, which is the chain's tip;
 *   <li>{@code <actuator>} and {@code <sensor>} are ignored.
 * </ul>
 *
 * <p>Everything else is an error that names it, since a chain without it would move differently. A
 * joint's range becomes a {@link Joint.Stop} only where the caller gives its stiffness and damping:
 * MuJoCo's stops are soft constraints of another kind.
 */
public final class Mjcf {
  /** Far more than any chain needs. */
  private static final long MOST_BYTES = 1 << 20;

  private static final Set<String> JOINT_ATTRIBUTES =
      Set.of("name", "type", "axis", "pos", "armature", "damping", "limited", "range");

  private final String source;
  private final double stiffness;
  private final double stopDamping;
  private boolean degrees = true;
  private Vec3 gravity = Chain.EARTH;
  private @Nullable Vec3 tip;
  private final Map<String, String> jointDefaults = new HashMap<>();
  private final Set<String> names = new HashSet<>();

  private Mjcf(String source, double stiffness, double stopDamping) {
    this.source = source;
    this.stiffness = stiffness;
    this.stopDamping = stopDamping;
  }

  /**
   * Reads a file; limited joints are an error.
   *
   * @throws IOException if it cannot be read, or is larger than a megabyte
   * @throws IllegalArgumentException if it is not of the subset
   */
  public static Chain read(Path file) throws IOException {
    return read(file, 0, 0);
  }

  /**
   * Reads a file.
   *
   * @param stiffness of the stops of limited joints, N m/rad or N/m; 0 makes limited joints an
   *     error
   * @param stopDamping of the stops, N m s/rad or N s/m
   * @throws IOException if it cannot be read, or is larger than a megabyte
   * @throws IllegalArgumentException if it is not of the subset
   */
  public static Chain read(Path file, double stiffness, double stopDamping) throws IOException {
    long size = Files.size(file);
    if (size > MOST_BYTES) {
      throw new IOException(
          file + " has " + size + " bytes; a chain's model has at most " + MOST_BYTES);
    }
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    return new Mjcf(file.toString(), stiffness, stopDamping).chain(text);
  }

  /**
   * Reads a model from a text; limited joints are an error.
   *
   * @param source what messages call it
   * @throws IllegalArgumentException if it is not of the subset
   */
  public static Chain parse(String text, String source) {
    return new Mjcf(source, 0, 0).chain(text);
  }

  private Chain chain(String text) {
    Element root = root(text);
    if (!root.getTagName().equals("mujoco")) {
      throw error("the root must be <mujoco>, not <" + root.getTagName() + ">");
    }
    String name = root.hasAttribute("model") ? root.getAttribute("model") : source;
    List<Body> bodies = new ArrayList<>();
    List<Element> worlds = new ArrayList<>();
    for (Element child : children(root)) {
      switch (child.getTagName()) {
        case "compiler" -> compiler(child);
        case "option" -> {
          if (child.hasAttribute("gravity")) {
            gravity = vector(child, "gravity", Vec3.ZERO);
          }
        }
        case "default" -> defaults(child);
        case "worldbody" -> worlds.add(child);
        case "actuator", "sensor" -> {}
        default -> throw unsupported(child, root);
      }
    }
    // After the rest, wherever in the file it stands: defaults and the unit of angles count.
    for (Element world : worlds) {
      onlyBody(world, bodies);
    }
    if (bodies.isEmpty()) {
      throw error("there is no <body> in a <worldbody>");
    }
    return new Chain(name, bodies, tip == null ? Vec3.ZERO : tip, gravity);
  }

  private Element root(String text) {
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      // No document types, and so no entities: nothing is fetched, nothing expands.
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
      var builder = factory.newDocumentBuilder();
      builder.setErrorHandler(Silent.INSTANCE);
      return builder.parse(new InputSource(new StringReader(text))).getDocumentElement();
    } catch (SAXParseException e) {
      throw error("line " + e.getLineNumber() + ": " + e.getMessage());
    } catch (SAXException e) {
      throw error(String.valueOf(e.getMessage()));
    } catch (IOException | ParserConfigurationException e) {
      throw new IllegalStateException("a text can always be read", e);
    }
  }

  private void compiler(Element compiler) {
    requireAttributes(compiler, Set.of("angle", "autolimits"));
    if (compiler.hasAttribute("angle")) {
      degrees =
          switch (compiler.getAttribute("angle")) {
            case "degree" -> true;
            case "radian" -> false;
            default ->
                throw error(
                    "<compiler angle> must be degree or radian, not "
                        + compiler.getAttribute("angle"));
          };
    }
  }

  private void defaults(Element defaults) {
    requireAttributes(defaults, Set.of());
    for (Element child : children(defaults)) {
      if (!child.getTagName().equals("joint")) {
        throw unsupported(child, defaults);
      }
      requireAttributes(child, JOINT_ATTRIBUTES);
      for (int i = 0; i < child.getAttributes().getLength(); i++) {
        Node attribute = child.getAttributes().item(i);
        jointDefaults.put(attribute.getNodeName(), attribute.getNodeValue());
      }
    }
  }

  /** Reads the body within, if there is one, and those within it. */
  private void onlyBody(Element parent, List<Body> bodies) {
    Element found = null;
    for (Element child : children(parent)) {
      if (child.getTagName().equals("body")) {
        if (found != null || (parent.getTagName().equals("worldbody") && !bodies.isEmpty())) {
          throw error(
              "%s holds two bodies, %s and %s: only serial chains are supported"
                  .formatted(
                      label(parent),
                      found == null ? bodies.get(0).name() : found.getAttribute("name"),
                      child.getAttribute("name")));
        }
        found = child;
      } else if (parent.getTagName().equals("worldbody")) {
        throw unsupported(child, parent);
      }
    }
    if (found != null) {
      body(found, bodies);
    }
  }

  private void body(Element element, List<Body> bodies) {
    requireAttributes(element, Set.of("name", "pos", "quat"));
    Element inertial = null;
    List<Joint> joints = new ArrayList<>();
    Vec3 site = null;
    boolean last = true;
    for (Element child : children(element)) {
      switch (child.getTagName()) {
        case "inertial" -> inertial = child;
        case "joint" -> joints.add(joint(child, element));
        case "site" -> {
          requireAttributes(child, Set.of("name", "pos", "size", "rgba"));
          site = vector(child, "pos", Vec3.ZERO);
        }
        case "body" -> last = false;
        default -> throw unsupported(child, element);
      }
    }
    if (inertial == null) {
      throw error(label(element) + " has no <inertial>, and masses of geoms are not supported");
    }
    requireAttributes(inertial, Set.of("mass", "pos", "quat", "diaginertia"));
    if (site != null) {
      if (!last) {
        throw error(label(element) + ": a <site> is supported in the last body alone, as its tip");
      }
      tip = site;
    }
    bodies.add(
        new Body(
            element.getAttribute("name"),
            vector(element, "pos", Vec3.ZERO),
            rotation(element),
            joints,
            number(inertial, "mass", required(inertial, "mass")),
            vector(inertial, "pos", Vec3.ZERO),
            vector(inertial, "diaginertia", null),
            rotation(inertial)));
    onlyBody(element, bodies);
  }

  private Joint joint(Element element, Element body) {
    requireAttributes(element, JOINT_ATTRIBUTES);
    String name = element.getAttribute("name");
    String label = "joint " + (name.isEmpty() ? "of " + label(body) : name);
    if (!name.isEmpty() && !names.add(name)) {
      throw error("two joints are called " + name);
    }
    String kind = attribute(element, "type", "hinge");
    Joint.Type type =
        switch (kind) {
          case "hinge" -> Joint.Type.REVOLUTE;
          case "slide" -> Joint.Type.PRISMATIC;
          default -> throw error(label + ": type must be hinge or slide, not " + kind);
        };
    String limited = attribute(element, "limited", "auto");
    String range = attribute(element, "range", "");
    Joint.Stop stop = null;
    if (limited.equals("true") || (limited.equals("auto") && !range.isEmpty())) {
      if (stiffness == 0) {
        throw error(
            label
                + " is limited: give the stiffness and damping of its stops, or write limited=\"false\"");
      }
      double[] limits = numbers(label + ": range", range, 2);
      double unit = type == Joint.Type.REVOLUTE && degrees ? Math.PI / 180 : 1;
      stop = new Joint.Stop(limits[0] * unit, limits[1] * unit, stiffness, stopDamping);
    } else if (!limited.equals("false") && !limited.equals("auto")) {
      throw error(label + ": limited must be true, false or auto, not " + limited);
    }
    return new Joint(
        name,
        type,
        vector(label + ": axis", attribute(element, "axis", "0 0 1")),
        vector(label + ": pos", attribute(element, "pos", "0 0 0")),
        number(element, "armature", attribute(element, "armature", "0")),
        number(element, "damping", attribute(element, "damping", "0")),
        stop);
  }

  private String attribute(Element joint, String name, String otherwise) {
    return joint.hasAttribute(name)
        ? joint.getAttribute(name)
        : jointDefaults.getOrDefault(name, otherwise);
  }

  private Rotation rotation(Element element) {
    if (!element.hasAttribute("quat")) {
      return Rotation.NONE;
    }
    double[] q = numbers(label(element) + ": quat", element.getAttribute("quat"), 4);
    return new Rotation(q[0], q[1], q[2], q[3]);
  }

  private String required(Element element, String attribute) {
    if (!element.hasAttribute(attribute)) {
      throw error("<" + element.getTagName() + "> must have the attribute " + attribute);
    }
    return element.getAttribute(attribute);
  }

  private Vec3 vector(Element element, String attribute, @Nullable Vec3 otherwise) {
    return otherwise != null && !element.hasAttribute(attribute)
        ? otherwise
        : vector(label(element) + ": " + attribute, required(element, attribute));
  }

  private Vec3 vector(String what, String text) {
    double[] v = numbers(what, text, 3);
    return new Vec3(v[0], v[1], v[2]);
  }

  private double number(Element element, String attribute, String text) {
    return numbers(label(element) + ": " + attribute, text, 1)[0];
  }

  private double[] numbers(String what, String text, int count) {
    String[] parts = text.strip().split("\\s+");
    double[] values = new double[parts.length];
    try {
      for (int i = 0; i < parts.length; i++) {
        values[i] = Double.parseDouble(parts[i]);
      }
    } catch (NumberFormatException e) {
      throw error(what + " must hold numbers, not \"" + text + "\"");
    }
    if (values.length != count) {
      throw error(
          "%s must hold %d numbers, not %d: \"%s\"".formatted(what, count, values.length, text));
    }
    return values;
  }

  private void requireAttributes(Element element, Set<String> known) {
    for (int i = 0; i < element.getAttributes().getLength(); i++) {
      String name = element.getAttributes().item(i).getNodeName();
      if (!known.contains(name)) {
        throw error("%s: the attribute %s is not supported".formatted(label(element), name));
      }
    }
  }

  private static List<Element> children(Element parent) {
    List<Element> children = new ArrayList<>();
    for (Node n = parent.getFirstChild(); n != null; n = n.getNextSibling()) {
      if (n instanceof Element element) {
        children.add(element);
      }
    }
    return children;
  }

  private static String label(Element element) {
    String name = element.getAttribute("name");
    return "<" + element.getTagName() + (name.isEmpty() ? "" : " " + name) + ">";
  }

  private IllegalArgumentException unsupported(Element child, Element parent) {
    return error("%s in %s is not supported".formatted(label(child), label(parent)));
  }

  private IllegalArgumentException error(String what) {
    return new IllegalArgumentException(source + ": " + what);
  }

  /** Without it the parser prints to the error stream by itself. */
  private enum Silent implements ErrorHandler {
    INSTANCE;

    @Override
    public void warning(SAXParseException e) {}

    @Override
    public void error(SAXParseException e) throws SAXParseException {
      throw e;
    }

    @Override
    public void fatalError(SAXParseException e) throws SAXParseException {
      throw e;
    }
  }
}
