package org.deeprl4j.envs.dynamics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a model file holds, as a tree of links, and the {@link Chain} within it: the joints between
 * the world and a tip. Links without joints become parts of those that carry them.
 */
final class ModelTree {
  /** A body of the file. */
  static final class Link {
    final XmlNode node;
    final String name;
    final @Nullable Link parent; // null for the world
    final Vec3 position;
    final Rotation rotation;
    final List<Joint> joints = new ArrayList<>();

    /** The elements of the joints, in their order. */
    final List<XmlNode> jointNodes = new ArrayList<>();

    MassProperties mass = MassProperties.NONE;

    // Set by chain(): the moving link that this one is a part of, null for the world, and where
    // this one's frame is in that one's.
    private @Nullable Link carrier;
    private Vec3 carriedAt = Vec3.ZERO;
    private Rotation carriedTurn = Rotation.NONE;

    /**
     * A link without joints and mass.
     *
     * @param parent null for the world
     * @param position in the parent's frame, m
     */
    Link(XmlNode node, String name, @Nullable Link parent, Vec3 position, Rotation rotation) {
      this.node = node;
      this.name = name;
      this.parent = parent;
      this.position = position;
      this.rotation = rotation;
    }
  }

  /** A point of a link, in m. */
  private record Site(Link link, Vec3 position) {}

  private final List<Link> links = new ArrayList<>();
  private final Map<String, Link> linksByName = new HashMap<>();
  private final Map<String, Site> sites = new HashMap<>();
  private final Set<String> jointNames = new HashSet<>();
  private final Set<String> moving = new HashSet<>();

  /** The joints of every link with whether they are of the chain, in the file's order. */
  private final List<Boolean> inChain = new ArrayList<>();

  /** Adds a link, after its parent. */
  void add(Link link) {
    if (!link.name.isEmpty() && linksByName.put(link.name, link) != null) {
      throw link.node.error("two bodies are called " + link.name);
    }
    links.add(link);
  }

  /** Adds a joint to a link, with a name of its own if it has any. */
  void addJoint(Link link, Joint joint, XmlNode node) {
    if (!joint.name().isEmpty() && !jointNames.add(joint.name())) {
      throw node.error("two joints are called " + joint.name());
    }
    link.joints.add(joint);
    link.jointNodes.add(node);
  }

  /** Adds a point, without a name if that is empty. */
  void addSite(XmlNode node, String name, Link link, Vec3 position) {
    String key = name.isEmpty() ? "#" + sites.size() : name;
    if (sites.put(key, new Site(link, position)) != null) {
      throw node.error("two sites are called " + name);
    }
  }

  /**
   * The chain from the world to the tip.
   *
   * @param root for messages
   * @param tip the name of a site or body, null for what is last in a model that does not branch
   */
  Chain chain(XmlNode root, String name, Vec3 gravity, @Nullable String tip) {
    if (links.isEmpty()) {
      throw root.error("there is no body");
    }
    Site end = tip == null ? theOnlyEnd(root) : named(root, tip);
    Set<Link> path = new HashSet<>();
    for (Link link = end.link; link != null; link = link.parent) {
      path.add(link);
    }
    carry(path);
    List<Link> moved = links.stream().filter(l -> l.carrier == l).toList();
    if (moved.isEmpty()) {
      throw end.link.node.error(end.link.node.label() + ": no joint moves it");
    }
    List<Body> bodies = new ArrayList<>();
    for (Link link : moved) {
      bodies.add(body(link));
    }
    Link last = moved.get(moved.size() - 1);
    // The end's own carrier is the last moving link: every link of the path is before it.
    Vec3 at = end.link.carriedAt.plus(end.link.carriedTurn.apply(end.position));
    if (end.link.carrier != last) {
      throw new IllegalStateException("the tip is not on the last link");
    }
    return new Chain(name, bodies, at, gravity);
  }

  /** Whether a joint of this name is of the chain; after {@link #chain}. */
  boolean moves(String joint) {
    return moving.contains(joint);
  }

  /** Whether the file has a joint of this name. */
  boolean hasJoint(String joint) {
    return jointNames.contains(joint);
  }

  /** Which of the file's joints are of the chain; after {@link #chain}. */
  List<Boolean> inChain() {
    return inChain;
  }

  /** Whether two bodies cannot move against each other; after {@link #chain}. */
  boolean rigid(XmlNode node, String one, String other) {
    return carrierOf(node, one) == carrierOf(node, other);
  }

  private @Nullable Link carrierOf(XmlNode node, String name) {
    if (name.isEmpty() || name.equals("world")) {
      return null;
    }
    Link link = linksByName.get(name);
    if (link == null) {
      throw node.error(node.label() + ": there is no body " + name);
    }
    return link.carrier;
  }

  /** The link that a link is a part of, null for the world; after {@link #chain}. */
  static @Nullable Link carrier(Link link) {
    return link.carrier;
  }

  private void carry(Set<Link> path) {
    for (Link link : links) {
      boolean moves = path.contains(link) && !link.joints.isEmpty();
      for (Joint joint : link.joints) {
        inChain.add(moves);
        if (moves) {
          moving.add(joint.name());
        }
      }
      if (moves) {
        link.carrier = link;
        continue;
      }
      Link parent = link.parent;
      if (parent == null) {
        link.carriedAt = link.position;
        link.carriedTurn = link.rotation;
      } else {
        link.carrier = parent.carrier;
        link.carriedAt = parent.carriedAt.plus(parent.carriedTurn.apply(link.position));
        link.carriedTurn = parent.carriedTurn.times(link.rotation);
      }
    }
  }

  /** A moving link with all that it carries. */
  private Body body(Link link) {
    Vec3 position = link.position;
    Rotation rotation = link.rotation;
    Link parent = link.parent;
    if (parent != null) {
      position = parent.carriedAt.plus(parent.carriedTurn.apply(position));
      rotation = parent.carriedTurn.times(rotation);
    }
    MassProperties mass = MassProperties.NONE;
    for (Link part : links) {
      if (part.carrier == link) {
        Vec3 m = part.mass.moments();
        if (part.mass.mass() < 0 || Math.min(m.x(), Math.min(m.y(), m.z())) < 0) {
          throw part.node.error(
              "%s: masses and moments of inertia must not be negative, not %s and (%s, %s, %s)"
                  .formatted(part.node.label(), part.mass.mass(), m.x(), m.y(), m.z()));
        }
        mass = mass.plus(part == link ? part.mass : part.mass.in(part.carriedAt, part.carriedTurn));
      }
    }
    if (mass.mass() == 0) {
      throw link.node.error(
          link.node.label() + " moves and has no mass: give it an <inertial> with one");
    }
    try {
      return new Body(
          link.name,
          position,
          rotation,
          link.joints,
          mass.mass(),
          mass.com(),
          mass.moments(),
          mass.axes());
    } catch (IllegalArgumentException e) {
      throw link.node.error(e);
    }
  }

  private Site named(XmlNode root, String name) {
    Site site = sites.get(name);
    Link link = linksByName.get(name);
    if (site != null && link != null && site.link != link) {
      throw root.error("both a site and a body are called " + name);
    }
    if (site != null) {
      return site;
    }
    if (link != null) {
      return new Site(link, Vec3.ZERO);
    }
    List<String> known =
        new ArrayList<>(sites.keySet().stream().filter(s -> !s.startsWith("#")).sorted().toList());
    known.addAll(links.stream().map(l -> l.name).filter(n -> !n.isEmpty()).toList());
    throw root.error(
        "there is no site or body %s; there are %s".formatted(name, String.join(", ", known)));
  }

  /** The site, or else the body without others in it, that is carried by the last moving link. */
  private Site theOnlyEnd(XmlNode root) {
    Link last = null;
    for (Link link : links) {
      if (link.joints.isEmpty()) {
        continue;
      }
      Link before = link.parent;
      while (before != null && before.joints.isEmpty()) {
        before = before.parent;
      }
      if (before != last) {
        throw link.node.error(
            "%s: a second branch moves here; a chain has one: name the site or body that is its tip, and the joints that do not move it are locked"
                .formatted(link.node.label()));
      }
      last = link;
    }
    if (last == null) {
      throw root.error("there is no joint");
    }
    Link end = last;
    List<Map.Entry<String, Site>> points =
        sites.entrySet().stream()
            .filter(e -> hangsOn(e.getValue().link, end))
            .sorted(Map.Entry.comparingByKey())
            .toList();
    if (points.size() == 1) {
      return points.get(0).getValue();
    }
    if (points.size() > 1) {
      throw last.node.error(
          "%s: there are several sites that may be the tip, %s: name one"
              .formatted(
                  last.node.label(),
                  String.join(", ", points.stream().map(Map.Entry::getKey).toList())));
    }
    Set<Link> parents = new HashSet<>();
    links.forEach(l -> parents.add(l.parent));
    List<Link> ends = links.stream().filter(l -> hangsOn(l, end) && !parents.contains(l)).toList();
    if (ends.size() > 1) {
      throw last.node.error(
          "%s: there are several bodies that may be the tip, %s: name one"
              .formatted(
                  last.node.label(), String.join(", ", ends.stream().map(l -> l.name).toList())));
    }
    return new Site(ends.get(0), Vec3.ZERO);
  }

  private static boolean hangsOn(Link link, Link moving) {
    for (Link at = link; at != null; at = at.parent) {
      if (at == moving) {
        return true;
      }
    }
    return false;
  }
}
