package org.deeprl4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code rl record}, of a policy that is hardly trained. */
final class RecordTest {
  @TempDir Path folder;
  private Path run;

  @BeforeEach
  void train() {
    run = folder.resolve("run");
    Cli result = Cli.run("train", "ppo", "--env", "CartPole-v1", "--steps", 256, "--out", run);
    assertEquals(0, result.exitCode(), result.err());
  }

  /** Records and returns how many frames there are, by what is printed. */
  private int record(Path out, Object... more) {
    Object[] arguments =
        Stream.concat(Stream.of("record", run, "--out", out), Arrays.stream(more)).toArray();
    Cli result = Cli.run(arguments);
    assertEquals(0, result.exitCode(), result.err());
    assertTrue(result.out().strip().endsWith(" frames in " + out), result.out());
    return Integer.parseInt(result.out().substring(0, result.out().indexOf(' ')));
  }

  private List<String> files(Path where) throws Exception {
    try (Stream<Path> list = Files.list(where)) {
      return list.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void gif() throws Exception {
    Path out = folder.resolve("new/episode.gif");
    int frames = record(out);
    // What evaluate says of the same episode: a frame a step, and one before the first.
    Cli evaluated = Cli.run("evaluate", run, "--episodes", 1);
    assertTrue(
        evaluated.out().contains("mean length %.1f".formatted(frames - 1.0)),
        frames + " frames; " + evaluated.out());
    ImageReader reader = ImageIO.getImageReadersByFormatName("gif").next();
    try (ImageInputStream in = ImageIO.createImageInputStream(out.toFile())) {
      reader.setInput(in);
      assertEquals(frames, reader.getNumImages(true));
    } finally {
      reader.dispose();
    }
    assertEquals(List.of("episode.gif"), files(out.getParent()));
    assertTrue(record(out, "--episodes", 2) > frames); // in the old one's place
  }

  @Test
  void folderOfPictures() throws Exception {
    Path out = folder.resolve("frames");
    int frames = record(out);
    List<String> names = files(out);
    assertEquals(frames, names.size());
    assertEquals("00000.png", names.get(0));
    assertEquals(600, ImageIO.read(out.resolve(names.get(1)).toFile()).getWidth());
    Cli again = Cli.run("record", run, "--out", out);
    assertEquals(2, again.exitCode());
    assertTrue(again.err().contains("--out: " + out + " exists"), again.err());
  }

  /** A recording that was killed has left frames, more than there are this time. */
  @Test
  void framesOfAKilledRecording_areNoneOfTheNewOne() throws Exception {
    Path left = Files.createDirectories(folder.resolve("frames.tmp"));
    Files.writeString(left.resolve("09999.png"), "old");
    Files.writeString(left.resolve("10000.png.tmp"), "half");
    Path out = folder.resolve("frames");
    int frames = record(out);
    assertEquals(frames, files(out).size());
    assertFalse(Files.exists(left));
    Files.writeString(folder.resolve("a.gif.tmp"), "half");
    record(folder.resolve("a.gif"));
    assertFalse(Files.exists(folder.resolve("a.gif.tmp")));
  }

  @Test
  void video() throws Exception {
    boolean ffmpeg =
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(place -> Files.isExecutable(Path.of(place, "ffmpeg")));
    assumeTrue(ffmpeg, "no ffmpeg on the path: skipped");
    Path out = folder.resolve("episode.mp4");
    record(out);
    byte[] bytes = Files.readAllBytes(out);
    assertEquals("ftyp", new String(bytes, 4, 4, StandardCharsets.US_ASCII));
    assertFalse(files(folder).stream().anyMatch(name -> name.endsWith(".part")));
  }

  @Test
  void badInput() {
    Cli none = Cli.run("record", run, "--out", folder.resolve("a.gif"), "--episodes", 0);
    assertEquals(2, none.exitCode());
    assertTrue(none.err().contains("--episodes must be at least 1, not 0"), none.err());
    assertFalse(Files.exists(folder.resolve("a.gif")));
    Cli unknown = Cli.run("record", run, "--out", folder.resolve("x.webm"));
    assertEquals(2, unknown.exitCode());
    assertTrue(
        unknown.err().contains("--out must be NAME.gif, NAME.mp4 or a folder"), unknown.err());
    assertFalse(Files.exists(folder.resolve("x.webm")));
    Cli missing = Cli.run("record", folder.resolve("nothing"), "--out", folder.resolve("a.gif"));
    assertEquals(2, missing.exitCode());
    assertTrue(missing.err().contains("there is no run in"), missing.err());
  }
}
