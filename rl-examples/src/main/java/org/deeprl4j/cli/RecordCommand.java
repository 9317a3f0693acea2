package org.deeprl4j.cli;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.deeprl4j.envs.rendering.AnimatedGif;
import org.deeprl4j.envs.rendering.Renderer;
import org.deeprl4j.state.WholeFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rl record}. */
@Command(
    name = "record",
    description = "Records episodes of a run's policy, without a display.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class RecordCommand implements Callable<Integer> {
  /** An ending of a file's name. */
  private static final Pattern OTHER_FORMAT = Pattern.compile("\\.[A-Za-z][A-Za-z0-9]{1,4}$");

  private static final Logger LOG = LoggerFactory.getLogger(RecordCommand.class);

  @Spec private CommandSpec spec;

  @Mixin private final Playback playback = new Playback();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description =
          "Writes NAME.gif, NAME.mp4 (needs ffmpeg on the path), or a new folder with one PNG per frame.")
  private Path out;

  @Option(
      names = "--episodes",
      paramLabel = "N",
      description = "Records N episodes. Default: ${DEFAULT-VALUE}.")
  private int episodes = 1;

  /** Where frames go. */
  private interface Film extends Closeable {
    void add(BufferedImage image) throws IOException;

    /** Completes the film; a film that is closed without it is discarded. */
    void finish() throws IOException;
  }

  @Override
  public Integer call() throws IOException {
    String name = out.toString();
    boolean video = name.endsWith(".mp4");
    boolean gif = name.endsWith(".gif");
    if (!gif && !video && Files.exists(out)) {
      throw new UserError("--out: " + out + " exists; name a new folder, or NAME.gif or NAME.mp4");
    }
    if (!gif && !video && OTHER_FORMAT.matcher(name).find()) {
      throw new UserError(
          "--out must be NAME.gif, NAME.mp4 or a folder without such an ending, not " + out);
    }
    int[] frames = {0};
    StatusLine status = new StatusLine(spec.commandLine().getErr());
    Film[] film = new Film[1];
    Thread discard = new Thread(() -> discard(film[0]), "record-end");
    Runtime.getRuntime().addShutdownHook(discard); // Ctrl-C and SIGTERM run no finally
    try {
      playback.play(
          episodes,
          (renderer, step) -> {
            BufferedImage image = renderer.image();
            if (film[0] == null) {
              film[0] = gif ? gif(renderer) : video ? video(renderer, image) : new Folder(out);
            }
            film[0].add(image);
            frames[0]++;
            status.say(() -> "%d frames so far".formatted(frames[0]));
          });
      film[0].finish();
    } finally {
      if (film[0] != null) {
        film[0].close();
      }
      forget(discard);
    }
    spec.commandLine().getOut().println("%d frames in %s".formatted(frames[0], out));
    spec.commandLine().getOut().flush();
    return 0;
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      LOG.debug("already shutting down", e);
    }
  }

  private static void discard(@Nullable Film film) {
    if (film != null) {
      try {
        film.close();
      } catch (IOException | RuntimeException e) {
        LOG.debug("discarding a film", e);
      }
    }
  }

  private WholeFile whole() throws IOException {
    Path parent = out.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    return WholeFile.replacing(out);
  }

  private Film gif(Renderer renderer) throws IOException {
    WholeFile whole = whole();
    AnimatedGif gif = new AnimatedGif(whole.temporary(), renderer.framesPerSecond());
    return new Film() {
      private boolean open = true;

      @Override
      public void add(BufferedImage image) throws IOException {
        gif.add(image);
      }

      @Override
      public void finish() throws IOException {
        open = false;
        gif.close();
        whole.commit();
      }

      @Override
      public void close() throws IOException {
        try (whole) {
          if (open) {
            gif.close();
          }
        }
      }
    };
  }

  private Film video(Renderer renderer, BufferedImage first) throws IOException {
    WholeFile whole = whole();
    List<String> command =
        List.of(
            "ffmpeg",
            "-y",
            "-loglevel",
            "error",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            "-s",
            first.getWidth() + "x" + first.getHeight(),
            "-r",
            Double.toString(renderer.framesPerSecond()),
            "-i",
            "-",
            "-vf", // the format needs even sizes
            "pad=ceil(iw/2)*2:ceil(ih/2)*2",
            "-pix_fmt",
            "yuv420p",
            "-f",
            "mp4",
            whole.temporary().toString());
    Process ffmpeg;
    try {
      ffmpeg =
          new ProcessBuilder(command)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
    } catch (IOException e) {
      whole.close();
      throw new UserError("--out: MP4 needs ffmpeg on the path; GIF and PNG need nothing");
    }
    OutputStream frames = ffmpeg.getOutputStream();
    return new Film() {
      @Override
      public void add(BufferedImage image) throws IOException {
        frames.write(Renderer.rgb(image));
      }

      @Override
      public void finish() throws IOException {
        frames.close();
        try {
          if (ffmpeg.waitFor() != 0) {
            throw new IOException("ffmpeg ended with exit code " + ffmpeg.exitValue());
          }
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted", e);
        }
        whole.commit();
      }

      @Override
      public void close() throws IOException {
        ffmpeg.destroy();
        whole.close();
      }
    };
  }

  /**
   * PNG files, numbered from 00000, in a folder that appears when it is complete. Until then it is
   * NAME.tmp, and empty at first, whatever a recording that was killed has left there.
   */
  private static final class Folder implements Film {
    private final Path folder;
    private final Path partial;
    private int count;
    private boolean closed;

    Folder(Path folder) throws IOException {
      this.folder = folder.toAbsolutePath();
      partial = Files.createDirectories(this.folder.resolveSibling(folder.getFileName() + ".tmp"));
      try (DirectoryStream<Path> left =
          Files.newDirectoryStream(partial, "[0-9][0-9][0-9][0-9][0-9].png{,.tmp}")) {
        for (Path file : left) {
          Files.delete(file);
        }
      }
    }

    @Override
    public synchronized void add(BufferedImage image) throws IOException {
      if (closed) {
        throw new IOException("the program ends");
      }
      ByteArrayOutputStream png = new ByteArrayOutputStream();
      ImageIO.write(image, "png", png);
      WholeFile.write(partial.resolve("%05d.png".formatted(count++)), png.toByteArray());
    }

    @Override
    public void finish() throws IOException {
      Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public synchronized void close() throws IOException {
      closed = true;
      if (!Files.exists(partial)) {
        return;
      }
      for (int i = 0; i < count; i++) {
        Files.deleteIfExists(partial.resolve("%05d.png".formatted(i)));
      }
      Files.delete(partial);
    }
  }
}
