package org.deeprl4j.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

final class VectorTilesTest {
  @Test
  void committedTiles_areWhatTheGeneratorWrites() throws IOException {
    List<String> written = VectorTilesGenerator.generate().lines().toList();
    List<String> committed = Files.readAllLines(VectorTilesGenerator.FILE);
    for (int i = 0; i < Math.min(written.size(), committed.size()); i++) {
      assertEquals(written.get(i), committed.get(i), "line " + (i + 1));
    }
    assertEquals(written.size(), committed.size(), "lines");
  }
}
