package org.deeprl4j.state;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Parts of a state, by their paths: the names under which objects save one another, as {@code
 * learner/model/network}. What one object has learned can so go into another one that shares some
 * of its parts.
 */
public final class StateParts {
  private StateParts() {}

  /**
   * The parts of an object, in the order in which it saves them.
   *
   * @param wanted which of them; nothing is looked for within a part that is wanted
   * @return by paths; the parts are live
   */
  public static Map<String, Stateful> of(Stateful object, Predicate<Stateful> wanted) {
    Map<String, Stateful> found = new LinkedHashMap<>();
    object.save(new Search(wanted, found));
    return Collections.unmodifiableMap(found);
  }

  /**
   * Reads parts of a state file and passes over everything else.
   *
   * @param kind the kind that the file was written with
   * @param parts by the paths that they have in the file. Modified, also where this fails.
   * @return the paths that the file has
   * @throws IOException if the file cannot be read
   * @throws StateFormatException as {@link StateFile#read}
   */
  public static Set<String> read(Path file, String kind, Map<String, Stateful> parts)
      throws IOException {
    return StateFile.readParts(file, kind, parts);
  }

  private static final class Search extends ForgetfulWriter {
    private final Predicate<Stateful> wanted;
    private final Map<String, Stateful> found;
    private final Deque<String> path = new ArrayDeque<>();

    Search(Predicate<Stateful> wanted, Map<String, Stateful> found) {
      this.wanted = wanted;
      this.found = found;
    }

    @Override
    public void put(String name, Stateful part) {
      path.addLast(name);
      if (wanted.test(part)) {
        found.put(String.join("/", path), part);
      } else {
        part.save(this);
      }
      path.removeLast();
    }
  }
}
