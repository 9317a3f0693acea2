package org.deeprl4j.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatePartsTest {
  @TempDir Path folder;

  /** One of every type of field, around the parts. */
  private static final class Whole implements Stateful {
    final Part first;
    final Part second;

    Whole(int first, int second) {
      this.first = new Part(first);
      this.second = new Part(second);
    }

    @Override
    public void save(StateWriter out) {
      out.put("boolean", true);
      out.put("first", first);
      out.put("int", 1);
      out.put("long", 2L);
      out.put("double", 3.0);
      out.put("string", "four");
      out.put("bytes", new byte[5]);
      out.put("booleans", new boolean[6]);
      out.put("ints", new int[7]);
      out.put("longs", new long[100_000]); // more than a buffer
      out.put("floats", new float[9]);
      out.put("doubles", new double[10]);
      out.put(
          "inner",
          new Stateful() {
            @Override
            public void save(StateWriter inner) {
              inner.put("second", second);
              inner.put("after", new float[0]);
            }

            @Override
            public void load(StateReader in) {}
          });
    }

    @Override
    public void load(StateReader in) {}
  }

  private static final class Part implements Stateful {
    private int value;

    Part(int value) {
      this.value = value;
    }

    @Override
    public void save(StateWriter out) {
      out.put("value", value);
    }

    @Override
    public void load(StateReader in) {
      value = in.getInt("value");
    }
  }

  @Test
  void parts_areFoundByTheirPaths() {
    Whole whole = new Whole(1, 2);
    Map<String, Stateful> parts = StateParts.of(whole, part -> part instanceof Part);
    assertEquals(List.of("first", "inner/second"), List.copyOf(parts.keySet()));
    assertSame(whole.second, parts.get("inner/second"));
  }

  @Test
  void parts_areReadAmongEverythingElse() throws Exception {
    Path file = folder.resolve("whole");
    StateFile.write(file, "whole", new Whole(1, 2));
    Part first = new Part(0);
    Part second = new Part(0);
    Part missing = new Part(7);
    Set<String> found =
        StateParts.read(
            file, "whole", Map.of("first", first, "inner/second", second, "second", missing));
    assertEquals(Set.of("first", "inner/second"), found);
    assertEquals(List.of(1, 2, 7), List.of(first.value, second.value, missing.value));
    assertEquals(Set.of(), StateParts.read(file, "whole", Map.of()));
  }

  @Test
  void anotherKind_andAPartThatDoesNotFit_areNamed() throws Exception {
    Path file = folder.resolve("whole");
    StateFile.write(file, "whole", new Whole(1, 2));
    String kind =
        assertThrows(StateFormatException.class, () -> StateParts.read(file, "half", Map.of()))
            .getMessage();
    assertTrue(kind.contains("holds the state of \"whole\", not of \"half\""), kind);
    String unfit =
        assertThrows(
                StateFormatException.class,
                () -> StateParts.read(file, "whole", Map.of("inner", new Part(0))))
            .getMessage();
    assertTrue(unfit.startsWith(file.toString()), unfit);
  }

  /** Nobody writes such a file, but somebody may forge one. */
  @Test
  void objectsWithoutEnd_areRefused() throws Exception {
    Path file = folder.resolve("deep");
    StateFile.write(file, "deep", nested(1000));
    String message =
        assertThrows(StateFormatException.class, () -> StateParts.read(file, "deep", Map.of()))
            .getMessage();
    assertTrue(message.contains("more than 100 deep"), message);
  }

  private static Stateful nested(int depth) {
    return new Stateful() {
      @Override
      public void save(StateWriter out) {
        if (depth > 0) {
          out.put("one", nested(depth - 1));
        }
      }

      @Override
      public void load(StateReader in) {}
    };
  }
}
