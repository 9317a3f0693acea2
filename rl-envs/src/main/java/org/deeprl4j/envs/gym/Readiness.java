package org.deeprl4j.envs.gym;

import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * Waits until a channel can go on. A channel that waits itself is closed by an interrupt of the
 * thread; here the thread stays interrupted, and goes on waiting.
 */
final class Readiness implements AutoCloseable {
  private final SelectableChannel channel;
  private final Selector selector;
  private final SelectionKey key;

  /** Takes over a channel, which does not wait itself any more. */
  Readiness(SelectableChannel channel, int operation) throws IOException {
    this.channel = channel;
    channel.configureBlocking(false);
    selector = Selector.open();
    key = channel.register(selector, operation);
  }

  /**
   * Waits.
   *
   * @param operation of {@link SelectionKey}
   * @throws AsynchronousCloseException if the channel is closed meanwhile
   */
  void await(int operation) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      if (key.interestOps() != operation) {
        key.interestOps(operation);
      }
      while (selector.select(ready -> {}) == 0) {
        interrupted |= Thread.interrupted();
      }
    } catch (ClosedSelectorException | CancelledKeyException e) {
      throw new AsynchronousCloseException();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Closes the channel, and ends a wait. */
  @Override
  public void close() throws IOException {
    channel.close();
    selector.close();
  }
}
