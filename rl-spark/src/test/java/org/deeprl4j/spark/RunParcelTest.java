package org.deeprl4j.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.deeprl4j.state.StateFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RunParcelTest {
  private static final ExecutorRun.Request HEAD =
      new ExecutorRun.Request("ppo", 100, List.of("--python", "python3"), null);

  @TempDir Path folder;

  private Path run() throws IOException {
    Path run = Files.createDirectory(folder.resolve("seed-1"));
    Files.writeString(run.resolve("config.json"), "{}");
    Files.write(run.resolve("policy.bin"), new byte[] {1, 2, 3});
    return run;
  }

  private Path empty() throws IOException {
    return Files.createTempDirectory(folder, "into");
  }

  private static List<String> names(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static byte[] zip(String name, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry(name));
      zip.write(content);
    }
    return bytes.toByteArray();
  }

  @Test
  void whatIsPacked_isUnpacked() throws Exception {
    byte[] parcel = RunParcel.pack(HEAD, run(), Set.of());
    assertEquals(HEAD, RunParcel.head(parcel, ExecutorRun.Request.class));
    Path into = empty();
    RunParcel.unpack(parcel, into);
    assertEquals(List.of("config.json", "policy.bin"), names(into));
    assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(into.resolve("policy.bin")));
  }

  /** The seal is this user's, the lock this machine's, and a link could lead anywhere. */
  @Test
  void whatBelongsHere_doesNotTravel() throws Exception {
    Path run = run();
    for (String name : List.of("lock", "origin", "policy.bin.tmp", "checkpoint.new", ".hidden")) {
      Files.writeString(run.resolve(name), "here");
    }
    Files.createSymbolicLink(run.resolve("best.bin"), run.resolve("policy.bin"));
    Files.createDirectory(run.resolve("directory"));
    Path into = empty();
    RunParcel.unpack(RunParcel.pack(HEAD, run, Set.of("policy.bin")), into);
    assertEquals(List.of("config.json"), names(into));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run/../evil",
        "run//etc/evil",
        "/evil",
        "evil",
        "run/a/b",
        "run/..",
        "run/",
        "run/origin",
        "run/lock",
        "run/.hidden",
        "run/a\\b"
      })
  void namesThatLeadElsewhere_areRefused(String name) throws Exception {
    byte[] parcel = zip(name, new byte[1]);
    Path into = empty();
    assertThrows(StateFormatException.class, () -> RunParcel.unpack(parcel, into));
    assertEquals(List.of(), names(into));
  }

  /** Zeros are a thousandth of themselves on their way. */
  @Test
  void whatGrowsBeyondTheBound_isRefused() throws Exception {
    byte[] parcel = zip("run/checkpoint.bin", new byte[1_000_000]);
    assertTrue(parcel.length < 2000);
    Path into = empty();
    RunParcel.unpack(parcel, into, 1_000_000);
    assertEquals(1_000_000, Files.size(into.resolve("checkpoint.bin")));
    Path other = empty();
    assertThrows(StateFormatException.class, () -> RunParcel.unpack(parcel, other, 999_999));
  }

  @Test
  void whatIsTooLarge_isNotPacked() throws Exception {
    Path run = run();
    try (RandomAccessFile file =
        new RandomAccessFile(run.resolve("checkpoint.bin").toFile(), "rw")) {
      file.setLength(RunParcel.MOST_BYTES);
    }
    FileSystemException tooLarge =
        assertThrows(FileSystemException.class, () -> RunParcel.pack(HEAD, run, Set.of()));
    assertEquals("has 1024 MB, more than the 1024 that travel", tooLarge.getReason());
    Path into = empty();
    RunParcel.unpack(RunParcel.pack(HEAD, run, Set.of("checkpoint.bin")), into);
    assertFalse(Files.exists(into.resolve("checkpoint.bin")));
  }

  @Test
  void aHeadOfAnotherKind_isRefused() throws Exception {
    byte[] parcel = RunParcel.pack(HEAD, null, Set.of());
    assertThrows(
        StateFormatException.class, () -> RunParcel.head(parcel, ExecutorRun.Answer.class));
    byte[] without = zip("run/config.json", "{}".getBytes(StandardCharsets.UTF_8));
    assertThrows(
        StateFormatException.class, () -> RunParcel.head(without, ExecutorRun.Request.class));
    assertTrue(parcel.length > 0);
  }
}
