package org.deeprl4j.envs.gym;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** A process's standard input and output. Channels of them would be closed by an interrupt. */
final class PipeWire implements Wire {
  private final InputStream in;
  private final OutputStream out;
  private final byte[] bytes = new byte[1 << 13];

  PipeWire(Process process) {
    in = process.getInputStream();
    out = process.getOutputStream();
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    int got = in.read(bytes, 0, Math.min(bytes.length, into.remaining()));
    if (got > 0) {
      into.put(bytes, 0, got);
    }
    return got;
  }

  @Override
  public void write(ByteBuffer all) throws IOException {
    while (all.hasRemaining()) {
      int count = Math.min(bytes.length, all.remaining());
      all.get(bytes, 0, count);
      out.write(bytes, 0, count);
    }
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
