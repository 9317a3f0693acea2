package org.deeprl4j.cli;

import java.io.PrintWriter;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Says every few seconds how far long work is. */
final class StatusLine {
  private static final long BETWEEN_NANOS = 5_000_000_000L;

  private final PrintWriter err;
  private final LongSupplier clock;
  private long last;

  StatusLine(PrintWriter err) {
    this(err, System::nanoTime);
  }

  /** As above, with a clock that counts nanoseconds. */
  StatusLine(PrintWriter err, LongSupplier clock) {
    this.err = err;
    this.clock = clock;
    last = clock.getAsLong();
  }

  /** Called whenever there is something new to say. */
  void say(Supplier<String> how) {
    long now = clock.getAsLong();
    if (now - last >= BETWEEN_NANOS) {
      last = now;
      err.println(how.get());
      err.flush();
    }
  }
}
