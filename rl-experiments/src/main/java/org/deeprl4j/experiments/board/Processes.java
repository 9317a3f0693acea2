package org.deeprl4j.experiments.board;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The processes that hold locks on files, and their memory, as Linux tells them; on other systems
 * nothing is known.
 */
final class Processes {
  private static final Path LOCKS = Path.of("/proc/locks");
  private static final int MOST_LINES = 100_000;

  /** Process ids by device and inode. */
  private final Map<String, String> holders = new HashMap<>();

  private final Map<String, Long> memory = new HashMap<>();

  /** The locks of this moment. */
  static Processes now() {
    Processes now = new Processes();
    try (BufferedReader lines = Files.newBufferedReader(LOCKS, StandardCharsets.US_ASCII)) {
      int count = 0;
      for (String line = lines.readLine();
          line != null && count < MOST_LINES;
          line = lines.readLine()) {
        String[] part =
            line.trim().split(" +", -1); // 1: POSIX ADVISORY WRITE 4242 fe:00:1033 0 EOF
        if (part.length == 8 && part[1].equals("POSIX")) {
          now.holders.put(part[5], part[4]);
        }
        count++;
      }
    } catch (IOException e) {
      // Another system, or one that hides its processes: their memory is not known.
    }
    return now;
  }

  /**
   * The memory of the process that holds the lock on a file.
   *
   * @return bytes in the machine's memory, −1 if it is not known
   */
  long memoryOfHolder(Path lock) {
    if (holders.isEmpty()) {
      return -1;
    }
    try {
      Map<String, Object> file =
          Files.readAttributes(lock, "unix:dev,ino", LinkOption.NOFOLLOW_LINKS);
      if (!(file.get("dev") instanceof Number dev) || !(file.get("ino") instanceof Number inode)) {
        return -1;
      }
      long device = dev.longValue();
      long major = ((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL);
      long minor = (device & 0xff) | ((device >>> 12) & 0xffffff00L);
      String process = holders.get("%02x:%02x:%d".formatted(major, minor, inode.longValue()));
      return process == null ? -1 : memory.computeIfAbsent(process, Processes::memoryOf);
    } catch (IOException | RuntimeException e) { // no such file, no such attributes
      return -1;
    }
  }

  private static long memoryOf(String process) {
    try (BufferedReader lines =
        Files.newBufferedReader(Path.of("/proc", process, "status"), StandardCharsets.US_ASCII)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("VmRSS:")) { // VmRSS:      123456 kB
          return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    } catch (IOException | NumberFormatException e) {
      // It has ended.
    }
    return -1;
  }
}
