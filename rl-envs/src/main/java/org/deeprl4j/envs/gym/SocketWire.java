package org.deeprl4j.envs.gym;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** A connected socket. */
final class SocketWire implements Wire {
  private final SocketChannel channel;
  private final Readiness readiness;

  SocketWire(SocketChannel channel) throws IOException {
    this.channel = channel;
    readiness = new Readiness(channel, SelectionKey.OP_READ);
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    int got = channel.read(into);
    while (got == 0) {
      readiness.await(SelectionKey.OP_READ);
      got = channel.read(into);
    }
    return got;
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    channel.write(bytes);
    while (bytes.hasRemaining()) {
      readiness.await(SelectionKey.OP_WRITE);
      channel.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    readiness.close();
  }
}
