package org.deeprl4j.algorithms.run;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.deeprl4j.state.StateFormatException;
import org.deeprl4j.state.WholeFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a run directory comes from. What it says of programs to run (the environment, its class
 * path, its interpreter) is sealed when the directory is made, with a key that only this user has:
 * the file {@code origin} holds an HMAC-SHA256 of it. A directory that somebody else made, or
 * changed, has no seal that fits; one that was moved still has.
 */
final class Origin {
  /** Names the directory of the key, instead of deeprl4j in the user's configuration. */
  static final String PROPERTY = "org.deeprl4j.config";

  private static final Logger LOG = LoggerFactory.getLogger(Origin.class);
  static final String FILE = "origin";
  private static final String KEY = "run.key";
  private static final String ALGORITHM = "HmacSHA256";
  private static final int KEY_BYTES = 32;

  private Origin() {}

  /** Seals a directory. One that cannot be sealed, as there is no home, is as one of others. */
  static void seal(Path directory, RunConfig config) throws IOException {
    byte[] key;
    try {
      key = key(true);
    } catch (IOException | StateFormatException e) {
      LOG.warn(
          "{} will not be known as yours: its environment must be named anew ({})",
          directory,
          e.getMessage());
      return;
    }
    String seal = HexFormat.of().formatHex(seal(key, config));
    WholeFile.write(directory.resolve(FILE), (seal + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Whether a directory has this user's seal on its configuration. */
  static boolean isSealed(Path directory, RunConfig config) {
    try {
      byte[] found = WholeFile.read(directory.resolve(FILE), 100);
      byte[] seal = HexFormat.of().parseHex(new String(found, StandardCharsets.UTF_8).strip());
      return MessageDigest.isEqual(seal, seal(key(false), config));
    } catch (IOException | StateFormatException | IllegalArgumentException e) {
      LOG.debug("{} has no seal: {}", directory, e.getMessage());
      return false;
    }
  }

  private static byte[] seal(byte[] key, RunConfig config) {
    // As JSON, so that no two configurations give the same text.
    String text =
        JsonNodeFactory.instance
            .arrayNode()
            .add("deeprl4j run 1")
            .add(config.environment())
            .add(config.classpath())
            .add(config.python())
            .toString();
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  /** The user's key, made when it is first needed. */
  private static byte[] key(boolean make) throws IOException {
    Path file = home().resolve(KEY);
    if (make && !Files.exists(file)) {
      make(file);
    }
    byte[] key = WholeFile.read(file, KEY_BYTES);
    if (key.length != KEY_BYTES) {
      throw new StateFormatException(
          "%s has %d bytes, not %d: delete it for a new one"
              .formatted(file, key.length, KEY_BYTES));
    }
    return key;
  }

  /** Whoever comes first decides the key; nobody sees half of one. */
  private static void make(Path file) throws IOException {
    Path folder = Files.createDirectories(Objects.requireNonNull(file.getParent()));
    WholeFile.deleteStale(folder, "run*.part");
    // Readable by the user alone, where the file system knows users.
    Path temporary = Files.createTempFile(folder, "run", ".part");
    try {
      byte[] key = new byte[KEY_BYTES];
      new SecureRandom().nextBytes(key);
      Files.write(temporary, key);
      try {
        Files.createLink(file, temporary);
      } catch (FileAlreadyExistsException e) {
        LOG.debug("{} has just been made", file);
      } catch (UnsupportedOperationException | FileSystemException e) {
        Files.move(temporary, file); // a file system without links
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static Path home() {
    String named = System.getProperty(PROPERTY);
    if (named != null) {
      return Path.of(named);
    }
    for (String variable : List.of("XDG_CONFIG_HOME", "APPDATA")) {
      String directory = System.getenv(variable);
      if (directory != null && Path.of(directory).isAbsolute()) {
        return Path.of(directory, "deeprl4j");
      }
    }
    return Path.of(System.getProperty("user.home"), ".config", "deeprl4j");
  }
}
