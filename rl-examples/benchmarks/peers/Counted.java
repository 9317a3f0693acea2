package peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.MdpWrapper;
import org.deeprl4j.mdp.Step;

/**
 * The environment named by PEERS_ENVIRONMENT ("Cheap" is {@link Cheap}), which writes the steps of all its instances to the first
 * eight bytes of the file PEERS_COUNT, for another process to read.
 */
public final class Counted extends MdpWrapper {
  private static final AtomicLong STEPS = new AtomicLong();
  private static final ByteBuffer COUNT = map(Path.of(System.getenv("PEERS_COUNT")));

  public Counted() {
    super(make(System.getenv("PEERS_ENVIRONMENT")));
  }

  private static Mdp make(String id) {
    return id.equals("Cheap") ? new Cheap() : Environments.make(id);
  }

  private static ByteBuffer map(Path file) {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return channel
          .map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES)
          .order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void step(float[] action, Step next) {
    super.step(action, next);
    COUNT.putLong(0, STEPS.incrementAndGet());
  }
}
