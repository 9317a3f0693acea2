package org.deeprl4j.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FlatDirectoryTest {
  @TempDir Path folder;

  private Path directory(String name, String content) throws IOException {
    Path directory = Files.createDirectory(folder.resolve(name));
    Files.writeString(directory.resolve("file"), content);
    return directory;
  }

  private String content(String name) throws IOException {
    return Files.readString(folder.resolve(name).resolve("file"));
  }

  @Test
  void replace_leavesTheNewOneAlone() throws Exception {
    FlatDirectory.replace(directory("run", "before"), directory(".run.part", "after"));
    assertEquals("after", content("run"));
    try (var files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }

  /** Killed after the first of the two moves. */
  @Test
  void recover_takesTheOldOneBack() throws Exception {
    directory(".run.old", "before");
    directory(".run.part", "after");
    FlatDirectory.recover(folder.resolve("run"));
    assertEquals("before", content("run"));
    assertFalse(Files.exists(folder.resolve(".run.part")));
  }

  /** Killed after the second. */
  @Test
  void recover_keepsTheNewOne() throws Exception {
    directory(".run.old", "before");
    directory("run", "after");
    FlatDirectory.recover(folder.resolve("run"));
    assertEquals("after", content("run"));
    assertFalse(Files.exists(folder.resolve(".run.old")));
  }
}
