package org.deeprl4j.envs.dynamics;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/**
 * An element of a model file that knows its line, so that errors can name it.
 *
 * @param source what messages call the file
 * @param line where the element's start tag ends, from 1 on
 * @param tag its name, without a namespace's prefix
 * @param attributes by name, without those of other namespaces
 * @param children the elements within
 */
record XmlNode(
    String source, int line, String tag, Map<String, String> attributes, List<XmlNode> children) {
  /** No model nests deeper; without a bound a file could exhaust the stack. */
  static final int DEEPEST = 500;

  /** The root of a document. */
  static XmlNode parse(String text, String source) {
    try {
      XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
      // No document types, and so no entities: nothing is fetched, nothing expands.
      factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
      factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
      XMLStreamReader reader = factory.createXMLStreamReader(new StringReader(text));
      while (reader.next() != XMLStreamConstants.START_ELEMENT) {
        if (reader.getEventType() == XMLStreamConstants.DTD) {
          throw new IllegalArgumentException(
              source
                  + ", line "
                  + reader.getLocation().getLineNumber()
                  + ": a DOCTYPE is not supported");
        }
      }
      XmlNode root = element(reader, source, 0);
      while (reader.hasNext()) {
        reader.next();
      }
      return root;
    } catch (XMLStreamException e) {
      String message = String.valueOf(e.getMessage());
      int from = message.indexOf("Message: ");
      throw new IllegalArgumentException(
          "%s, line %d: %s"
              .formatted(
                  source,
                  e.getLocation() == null ? 1 : e.getLocation().getLineNumber(),
                  from < 0 ? message : message.substring(from + "Message: ".length())),
          e);
    }
  }

  private static XmlNode element(XMLStreamReader reader, String source, int depth)
      throws XMLStreamException {
    Map<String, String> attributes = new LinkedHashMap<>();
    for (int i = 0; i < reader.getAttributeCount(); i++) {
      if (reader.getAttributeNamespace(i) == null || reader.getAttributeNamespace(i).isEmpty()) {
        attributes.put(reader.getAttributeLocalName(i), reader.getAttributeValue(i));
      }
    }
    List<XmlNode> children = new ArrayList<>();
    XmlNode node =
        new XmlNode(
            source,
            reader.getLocation().getLineNumber(),
            reader.getLocalName(),
            Collections.unmodifiableMap(attributes),
            Collections.unmodifiableList(children));
    if (depth > DEEPEST) {
      throw node.error("elements are nested deeper than " + DEEPEST);
    }
    while (reader.next() != XMLStreamConstants.END_ELEMENT) {
      if (reader.isStartElement()) {
        children.add(element(reader, source, depth + 1));
      }
    }
    return node;
  }

  /** The element's tag and name, as messages have it. */
  String label() {
    String name = attributes.getOrDefault("name", "");
    return "<" + tag + (name.isEmpty() ? "" : " " + name) + ">";
  }

  boolean has(String attribute) {
    return attributes.containsKey(attribute);
  }

  /** The same element with attributes for those that it does not have itself. */
  XmlNode withDefaults(Map<String, String> defaults) {
    if (defaults.isEmpty()) {
      return this;
    }
    Map<String, String> all = new LinkedHashMap<>(defaults);
    all.putAll(attributes);
    return new XmlNode(source, line, tag, Collections.unmodifiableMap(all), children);
  }

  /** The only child with a tag, null if there is none. */
  @Nullable XmlNode only(String childTag) {
    XmlNode found = null;
    for (XmlNode child : children) {
      if (child.tag.equals(childTag)) {
        if (found != null) {
          throw child.error("there is a second <" + childTag + "> in " + label());
        }
        found = child;
      }
    }
    return found;
  }

  String text(String attribute, String otherwise) {
    return attributes.getOrDefault(attribute, otherwise);
  }

  String required(String attribute) {
    String value = attributes.get(attribute);
    if (value == null) {
      throw error(label() + " must have the attribute " + attribute);
    }
    return value;
  }

  double number(String attribute, double otherwise) {
    return has(attribute) ? numbers(attribute, 1)[0] : otherwise;
  }

  Vec3 vector(String attribute, Vec3 otherwise) {
    return has(attribute) ? vector(attribute) : otherwise;
  }

  Vec3 vector(String attribute) {
    double[] v = numbers(attribute, 3);
    return new Vec3(v[0], v[1], v[2]);
  }

  /** The numbers of an attribute that must hold so many. */
  double[] numbers(String attribute, int count) {
    double[] values = numbers(attribute);
    if (values.length != count) {
      throw error(
          "%s: %s must hold %d numbers, not %d: \"%s\""
              .formatted(label(), attribute, count, values.length, attributes.get(attribute)));
    }
    return values;
  }

  /** The finite numbers of an attribute that must be there. */
  double[] numbers(String attribute) {
    String text = required(attribute);
    String[] parts = text.isBlank() ? new String[0] : text.strip().split("\\s+");
    double[] values = new double[parts.length];
    for (int i = 0; i < parts.length; i++) {
      try {
        values[i] = Double.parseDouble(parts[i]);
      } catch (NumberFormatException e) {
        throw error("%s: %s must hold numbers, not \"%s\"".formatted(label(), attribute, text));
      }
      if (!Double.isFinite(values[i])) {
        throw error("%s: %s must be finite, not \"%s\"".formatted(label(), attribute, text));
      }
    }
    return values;
  }

  /** An attribute that must be true or false. */
  boolean flag(String attribute, boolean otherwise) {
    String value = text(attribute, String.valueOf(otherwise));
    if (!value.equals("true") && !value.equals("false")) {
      throw error("%s: %s must be true or false, not \"%s\"".formatted(label(), attribute, value));
    }
    return value.equals("true");
  }

  /** Refuses every attribute that is not in a set. */
  void requireAttributes(Set<String> known) {
    for (Map.Entry<String, String> attribute : attributes.entrySet()) {
      if (!known.contains(attribute.getKey())) {
        throw unsupported(attribute.getKey());
      }
    }
  }

  /**
   * Refuses an attribute that would change the motion, unless it only holds a number without
   * effect.
   */
  void requireNeutral(String attribute, double neutral, String instead) {
    if (!has(attribute)) {
      return;
    }
    for (double value : numbers(attribute)) {
      if (value != neutral) {
        throw error(
            "%s: %s=\"%s\" is not supported; %s"
                .formatted(label(), attribute, attributes.get(attribute), instead));
      }
    }
  }

  IllegalArgumentException unsupported(String attribute) {
    return error(
        "%s: the attribute %s=\"%s\" is not supported"
            .formatted(label(), attribute, attributes.get(attribute)));
  }

  /** An error of what was made of this element, which may not name the element itself. */
  IllegalArgumentException error(IllegalArgumentException e) {
    String message = String.valueOf(e.getMessage());
    return message.startsWith(source + ", line ") ? e : error(label() + ": " + message);
  }

  IllegalArgumentException error(String what) {
    return new IllegalArgumentException("%s, line %d: %s".formatted(source, line, what));
  }
}
