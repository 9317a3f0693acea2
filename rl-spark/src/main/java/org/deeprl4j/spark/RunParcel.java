package org.deeprl4j.spark;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.deeprl4j.state.JsonFiles;
import org.deeprl4j.state.StateFormatException;
import org.jspecify.annotations.Nullable;

/**
 * A run as bytes, which is all that travels between the driver and executors: a zip archive of a
 * head, which says what is asked or how it ended, and the files of the run's directory. Whoever
 * opens one believes nothing of it: names are plain and sizes bounded.
 */
final class RunParcel {
  /** The most that a run's files may take, together. */
  static final long MOST_BYTES = 1L << 30;

  private static final int MOST_HEAD = 1 << 24;
  private static final int MOST_FILES = 10_000;
  private static final String HEAD = "head.json";
  private static final String FILES = "run/";
  private static final Pattern NAME = Pattern.compile("\\w[\\w.-]{0,199}");

  /** What belongs to a directory where it is, and what a killed writer leaves. */
  private static final Pattern STAYS = Pattern.compile("lock|origin|.*\\.tmp|checkpoint\\.new");

  private static final JsonMapper JSON = JsonFiles.strict().build();

  private RunParcel() {}

  /**
   * Packs a run.
   *
   * @param head a record that JSON can hold
   * @param directory of the run, null for none
   * @param without files that are left out
   * @throws FileSystemException if the files are larger than {@link #MOST_BYTES}
   */
  static byte[] pack(Record head, @Nullable Path directory, Set<String> without)
      throws IOException {
    List<Path> files = directory == null ? List.of() : files(directory, without);
    long size = 0;
    for (Path file : files) {
      size += Files.size(file);
    }
    if (size > MOST_BYTES) {
      throw new FileSystemException(
          String.valueOf(directory),
          null,
          "has %d MB, more than the %d that travel".formatted(size >> 20, MOST_BYTES >> 20));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setLevel(Deflater.BEST_SPEED);
      zip.putNextEntry(new ZipEntry(HEAD));
      zip.write(JSON.writeValueAsBytes(head));
      for (Path file : files) {
        zip.putNextEntry(new ZipEntry(FILES + file.getFileName()));
        Files.copy(file, zip);
      }
    }
    return bytes.toByteArray();
  }

  /** The files of a run that travel, in the order of their names. */
  private static List<Path> files(Path directory, Set<String> without) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory)) {
      for (Path file : found) {
        String name = String.valueOf(file.getFileName());
        if (travels(name)
            && !without.contains(name)
            && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          files.add(file);
        }
      }
    }
    Collections.sort(files);
    return files;
  }

  private static boolean travels(String name) {
    return NAME.matcher(name).matches() && !STAYS.matcher(name).matches();
  }

  /**
   * Reads the head.
   *
   * @throws StateFormatException if there is none of this type
   */
  static <T extends Record> T head(byte[] parcel, Class<T> type) throws IOException {
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(parcel))) {
      ZipEntry first = zip.getNextEntry();
      if (first == null || !first.getName().equals(HEAD)) {
        throw new StateFormatException("a parcel of a run must begin with " + HEAD);
      }
      return JsonFiles.parse("the head of a run", JSON, zip.readNBytes(MOST_HEAD), type);
    }
  }

  /**
   * Writes the files into an empty directory, and forces them to the disk.
   *
   * @throws StateFormatException if a name is not plain, or there is too much
   */
  static void unpack(byte[] parcel, Path directory) throws IOException {
    unpack(parcel, directory, MOST_BYTES);
  }

  /** As above, with another bound. */
  static void unpack(byte[] parcel, Path directory, long most) throws IOException {
    long left = most;
    int count = 0;
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(parcel))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String name = entry.getName();
        if (name.equals(HEAD)) {
          continue;
        }
        String file = name.startsWith(FILES) ? name.substring(FILES.length()) : "";
        if (!travels(file) || ++count > MOST_FILES) {
          throw new StateFormatException(
              "a parcel of a run holds at most %d files of plain names, not '%s'"
                  .formatted(MOST_FILES, name));
        }
        left -= write(zip, directory.resolve(file), left);
      }
    }
  }

  private static long write(ZipInputStream zip, Path file, long most) throws IOException {
    long written = 0;
    byte[] buffer = new byte[1 << 16];
    Files.createFile(file);
    try (FileOutputStream out = new FileOutputStream(file.toFile())) {
      for (int n = zip.read(buffer); n >= 0; n = zip.read(buffer)) {
        written += n;
        if (written > most) {
          throw new StateFormatException(
              "a parcel of a run holds more than it may, from " + file.getFileName() + " on");
        }
        out.write(buffer, 0, n);
      }
      out.getFD().sync();
    }
    return written;
  }
}
