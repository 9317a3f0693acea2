package org.deeprl4j.envs.gym;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The bytes to and from a Python process. A thread that is interrupted goes on waiting, and stays
 * interrupted: an exchange that is cut off could not be taken up again. Closing ends a wait.
 */
interface Wire extends AutoCloseable {
  /**
   * Reads some bytes, at least one.
   *
   * @param into Modified.
   * @return how many, or −1 at the end
   */
  int read(ByteBuffer into) throws IOException;

  /** Writes all bytes, and passes them on at once. */
  void write(ByteBuffer bytes) throws IOException;

  @Override
  void close() throws IOException;
}
