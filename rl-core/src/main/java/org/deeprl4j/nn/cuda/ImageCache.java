package org.deeprl4j.nn.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.deeprl4j.state.WholeFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled kernels in files, one for each compiler, options and source. A file holds the SHA-256 of
 * the image, then the image; one that does not match is as good as none. Files appear whole or not
 * at all, so that several programs may share the directory. What cannot be written is compiled
 * again next time.
 */
final class ImageCache {
  static final String PROPERTY = "org.deeprl4j.cuda.cache";

  private static final Logger LOG = LoggerFactory.getLogger(ImageCache.class);
  private static final int DIGEST_BYTES = 32;

  private final Path directory;

  ImageCache(Path directory) {
    this.directory = directory;
  }

  /**
   * In the directory of the system property {@value #PROPERTY}, else in deeprl4j/cuda of the user's
   * cache directory.
   */
  static ImageCache ofUser() {
    String named = System.getProperty(PROPERTY);
    if (named != null) {
      return new ImageCache(Path.of(named));
    }
    for (String variable : List.of("XDG_CACHE_HOME", "LOCALAPPDATA")) {
      String home = System.getenv(variable);
      if (home != null && Path.of(home).isAbsolute()) {
        return new ImageCache(Path.of(home, "deeprl4j", "cuda"));
      }
    }
    return new ImageCache(Path.of(System.getProperty("user.home"), ".cache", "deeprl4j", "cuda"));
  }

  /** The name of what a compiler makes of a source. */
  static String key(String compiler, List<String> options, String source) {
    MessageDigest digest = sha256();
    for (String part : options) {
      add(digest, part);
    }
    add(digest, compiler);
    add(digest, source);
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void add(MessageDigest digest, String text) {
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  Path file(String key) {
    return directory.resolve(key + ".image");
  }

  /** What was written under a key; null if nothing, or if it is damaged. */
  byte @Nullable [] read(String key) {
    Path file = file(key);
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try {
      byte[] content = Files.readAllBytes(file);
      if (content.length > DIGEST_BYTES) {
        byte[] image = Arrays.copyOfRange(content, DIGEST_BYTES, content.length);
        if (Arrays.equals(sha256().digest(image), Arrays.copyOf(content, DIGEST_BYTES))) {
          return image;
        }
      }
      LOG.debug("{} is damaged", file);
    } catch (IOException e) {
      LOG.debug("{} cannot be read: {}", file, e.toString());
    }
    return null;
  }

  void write(String key, byte[] image) {
    try {
      Files.createDirectories(directory);
      WholeFile.deleteStale(directory, "*.part");
      Path temporary = Files.createTempFile(directory, key.substring(0, 8), ".part");
      try {
        byte[] content = Arrays.copyOf(sha256().digest(image), DIGEST_BYTES + image.length);
        System.arraycopy(image, 0, content, DIGEST_BYTES, image.length);
        Files.write(temporary, content);
        Files.move(temporary, file(key), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.debug("{} cannot be written: {}", file(key), e.toString());
    }
  }
}
