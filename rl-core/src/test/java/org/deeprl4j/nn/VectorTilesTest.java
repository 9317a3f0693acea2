package org.deeprl4j.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

final class VectorTilesTest {
  @Test
  void committedTiles_areWhatTheGeneratorWrites() throws IOException {
    assertEquals(VectorTilesGenerator.generate(), Files.readString(VectorTilesGenerator.FILE));
  }
}
