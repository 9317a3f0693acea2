package org.deeprl4j.envs.gym;

import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Space;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Python process with the environments of one id, and the conversation with it (bridge.py says in
 * which words). One question is under way at a time; all methods may be called by any thread.
 *
 * <p>A thread of its own keeps watch: it ends a process that does not answer in time, which ends
 * the wait for the answer, and one whose environments are all closed.
 */
final class GymProcess {
  private static final Logger LOG = LoggerFactory.getLogger(GymProcess.class);
  private static final String SCRIPT = "bridge.py";

  // The codes of bridge.py.
  private static final int RESET = 1;
  private static final int STEP = 2;
  private static final int ADD = 3;
  private static final int CLOSE = 4;
  private static final int RENDER = 5;
  private static final int GET_STATE = 6;
  private static final int SET_STATE = 7;
  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final int TERMINATED = 1;
  private static final int TRUNCATED = 2;
  private static final int SUCCESS_DEFINED = 4;
  private static final int SUCCESS = 8;

  /** Imports may come from a cold disk. */
  private static final Duration START_PATIENCE = Duration.ofSeconds(120);

  /** How long a process without environments waits for the next one. */
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long WATCH_MILLIS = 200;
  private static final int KEPT_LINES = 20;

  /** The longest path that fits into a socket's address everywhere. */
  private static final int MOST_PATH = 100;

  /** No frame is larger than 8k by 8k. */
  private static final int MOST_BYTES = 1 << 28;

  /** One environment of the process. */
  static final class Slot {
    final int index;
    final float[] action;
    final float[] observation;
    boolean announced;
    boolean answered;
    double reward;
    int flags;

    Slot(int index, int actionSize, int observationSize) {
      this.index = index;
      action = new float[actionSize];
      observation = new float[observationSize];
    }
  }

  private final String id;
  private final boolean rendering;
  private final Duration patience;
  private final Process child;
  private final Thread hook;
  private final Deque<String> lastLines = new ArrayDeque<>();
  private final Thread drain;
  private volatile @Nullable AutoCloseable connection;
  private @Nullable ReadableByteChannel in;
  private @Nullable WritableByteChannel out;
  private @Nullable OutputStream flush; // of a pipe, whose writes are buffered
  private ByteBuffer question = buffer(1 << 12);
  private ByteBuffer answer = buffer(1 << 12);

  private int maxSteps;
  private double framesPerSecond;
  private @Nullable Space observationSpace;
  private @Nullable Space actionSpace;

  private final List<@Nullable Slot> slots = new ArrayList<>();
  private final List<Slot> announced = new ArrayList<>();
  private boolean unusedFirst = true;
  // Read by the watch without the lock.
  private volatile int used;
  private volatile long unusedSince;
  private volatile boolean ended;
  private volatile @Nullable String fault;

  // When the answer that is waited for is due, in nanoTime; 0 while none is.
  private volatile long deadline;

  private GymProcess(
      String id, boolean rendering, Duration patience, Process child, InputStream printed) {
    this.id = id;
    this.rendering = rendering;
    this.patience = patience;
    this.child = child;
    hook = new Thread(this::kill);
    Runtime.getRuntime().addShutdownHook(hook);
    drain = new Thread(() -> drain(printed), "gym-output");
    drain.setDaemon(true);
    drain.start();
    unusedSince = System.nanoTime();
    Thread watch = new Thread(this::watch, "gym-watch");
    watch.setDaemon(true);
    watch.start();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Whether Unix domain sockets can be used with Python here. */
  static boolean socketsWork() {
    return !System.getProperty("os.name").startsWith("Windows");
  }

  // ---- Start and end ----

  /** Starts a process and its first environment. */
  static GymProcess start(
      String id, String python, boolean rendering, boolean pipes, Duration patience) {
    Path folder = null;
    try {
      folder = Files.createTempDirectory("deeprl4j-gym");
      Path script = folder.resolve(SCRIPT);
      try (InputStream resource = GymProcess.class.getResourceAsStream(SCRIPT)) {
        if (resource == null) {
          throw new IllegalStateException(SCRIPT + " is missing in this library");
        }
        Files.copy(resource, script);
      }
      Path socket = folder.resolve("s");
      boolean usePipes = pipes || socket.toString().length() > MOST_PATH;
      List<String> command =
          List.of(
              python,
              "-u",
              script.toString(),
              usePipes ? "-" : socket.toString(),
              id,
              rendering ? "1" : "0");
      return usePipes
          ? startWithPipes(id, python, rendering, patience, command)
          : startWithSocket(id, python, rendering, patience, command, socket);
    } catch (IOException e) {
      throw new UncheckedIOException("gym:" + id + ": " + e.getMessage(), e);
    } finally {
      delete(folder);
    }
  }

  private static void delete(@Nullable Path folder) {
    if (folder == null) {
      return;
    }
    for (Path path : List.of(folder.resolve("s"), folder.resolve(SCRIPT), folder)) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        LOG.debug("{} stays behind", path, e);
      }
    }
  }

  private static Process launch(String python, ProcessBuilder builder) {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Python cannot be started as '%s': %s; name an interpreter by --python or RL_PYTHON"
              .formatted(python, e.getMessage()),
          e);
    }
  }

  private static GymProcess startWithPipes(
      String id, String python, boolean rendering, Duration patience, List<String> command) {
    Process child = launch(python, new ProcessBuilder(command));
    GymProcess process = new GymProcess(id, rendering, patience, child, child.getErrorStream());
    process.in = Channels.newChannel(child.getInputStream());
    OutputStream stream = child.getOutputStream();
    process.out = Channels.newChannel(stream);
    process.flush = stream;
    process.connection = stream;
    process.greet(python);
    return process;
  }

  private static GymProcess startWithSocket(
      String id,
      String python,
      boolean rendering,
      Duration patience,
      List<String> command,
      Path socket)
      throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      // What environments print goes the way of their errors.
      Process child = launch(python, new ProcessBuilder(command).redirectErrorStream(true));
      GymProcess process = new GymProcess(id, rendering, patience, child, child.getInputStream());
      process.connection = server; // closed by the watch, too
      child.onExit().thenRun(() -> closeQuietly(server)); // it may end without ever connecting
      process.deadline = System.nanoTime() + START_PATIENCE.toNanos();
      try {
        SocketChannel accepted = server.accept();
        process.connection = accepted;
        process.in = accepted;
        process.out = accepted;
      } catch (IOException e) {
        throw process.broken("start of " + python, START_PATIENCE);
      }
      process.greet(python);
      return process;
    }
  }

  private static void closeQuietly(@Nullable AutoCloseable closeable) {
    if (closeable != null) {
      try {
        closeable.close();
      } catch (Exception e) {
        LOG.debug("closing", e);
      }
    }
  }

  /** Reads what the process says of itself. */
  private synchronized void greet(String python) {
    try {
      receive("start of " + python, START_PATIENCE);
      maxSteps = answer.getInt();
      framesPerSecond = answer.getDouble();
      observationSpace = SpaceReader.read(answer);
      actionSpace = SpaceReader.read(answer);
      slots.add(null); // the environment it started with
    } catch (RuntimeException e) {
      end();
      throw e;
    }
  }

  /** Passes on what the process prints, and keeps the last of it for reports. */
  private void drain(InputStream printed) {
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(printed, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        synchronized (lastLines) {
          if (line.equals(lastLines.peekLast())) {
            continue; // once is enough
          }
          LOG.info("{}", line);
          lastLines.addLast(line);
          if (lastLines.size() > KEPT_LINES) {
            lastLines.removeFirst();
          }
        }
      }
    } catch (IOException e) {
      LOG.debug("the output of the process ended", e);
    }
  }

  private void watch() {
    while (!ended) {
      try {
        Thread.sleep(WATCH_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
      long due = deadline;
      long now = System.nanoTime();
      if (due != 0 && now - due > 0) {
        fault = "it did not answer in time";
        kill();
        closeQuietly(connection); // which ends the wait
        return;
      }
      if (used == 0 && now - unusedSince > LINGER_NANOS) {
        // Not by this thread, which must not wait for a conversation that it keeps watch over.
        Thread farewell = new Thread(this::endIfUnused, "gym-end");
        farewell.setDaemon(true);
        farewell.start();
      }
    }
  }

  private synchronized void endIfUnused() {
    if (used == 0 && System.nanoTime() - unusedSince > LINGER_NANOS) {
      end();
    }
  }

  /** Lets the process go: it ends by itself at the end of the conversation, or is made to. */
  private synchronized void end() {
    if (ended) {
      return;
    }
    ended = true;
    closeQuietly(connection);
    try {
      if (!child.waitFor(1, TimeUnit.SECONDS)) {
        kill();
      }
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      LOG.debug("already shutting down", e);
    }
  }

  private void kill() {
    child.descendants().forEach(ProcessHandle::destroyForcibly);
    child.destroyForcibly();
  }

  /** The report of a conversation that broke. */
  private GymException broken(String what, Duration allowed) {
    String why = fault;
    if (why == null) {
      why = "its process ended";
      try {
        if (child.waitFor(2, TimeUnit.SECONDS)) {
          why += " with exit code " + child.exitValue();
        }
        drain.join(500); // for its last words
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    } else {
      why += " (%d s); its process was ended".formatted(allowed.toSeconds());
    }
    end();
    StringBuilder message = new StringBuilder("gym:%s: %s: %s".formatted(id, what, why));
    synchronized (lastLines) {
      lastLines.forEach(line -> message.append(System.lineSeparator()).append(line));
    }
    return new GymException(message.toString());
  }

  // ---- What it is ----

  String id() {
    return id;
  }

  /** Where its episodes are truncated, 0 for nowhere. */
  int maxSteps() {
    return maxSteps;
  }

  double framesPerSecond() {
    return framesPerSecond;
  }

  Space observationSpace() {
    return known(observationSpace);
  }

  Space actionSpace() {
    return known(actionSpace);
  }

  private static <T> T known(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("not connected");
    }
    return value;
  }

  // ---- Environments ----

  /** A new environment of this process, or nothing if it has ended. */
  synchronized @Nullable Slot claim() {
    if (!child.isAlive()) {
      end();
    }
    if (ended) {
      return null;
    }
    int index = 0;
    while (index < slots.size() && slots.get(index) != null) {
      index++;
    }
    // The first one was made by the start, and is made anew only once it was closed.
    boolean first = index == 0 && slots.size() == 1 && unusedFirst;
    if (!first) {
      ask(ADD, 4).putInt(index);
      tell("making an environment");
    }
    unusedFirst = false;
    Slot slot = new Slot(index, actionSpace().size(), observationSpace().size());
    if (index == slots.size()) {
      slots.add(slot);
    } else {
      slots.set(index, slot);
    }
    used = used + 1;
    return slot;
  }

  synchronized void release(Slot slot) {
    announced.remove(slot);
    slots.set(slot.index, null);
    used = used - 1;
    unusedSince = System.nanoTime();
    if (!ended) {
      try {
        ask(CLOSE, 4).putInt(slot.index);
        tell("close");
      } catch (GymException e) {
        LOG.warn("{}", e.getMessage());
      }
    }
  }

  synchronized void reset(Slot slot, int seed, float[] observation) {
    forget(slot);
    ask(RESET, 12).putInt(slot.index).putLong(seed);
    tell("reset");
    require(4L * observation.length);
    answer.asFloatBuffer().get(observation);
  }

  /** Drops what was announced or already answered: a reset or a new state goes over it. */
  private void forget(Slot slot) {
    if (slot.announced) {
      announced.remove(slot);
      slot.announced = false;
      slot.answered = false;
    }
  }

  synchronized void announce(Slot slot, float[] action) {
    if (!slot.announced) {
      System.arraycopy(action, 0, slot.action, 0, action.length);
      slot.announced = true;
      slot.answered = false;
      announced.add(slot);
    }
  }

  /** Steps one environment, and with it all those announced. */
  synchronized void step(Slot slot, float[] action, Step next) {
    announce(slot, action);
    if (!slot.answered) {
      stepAnnounced();
    }
    slot.announced = false;
    System.arraycopy(slot.observation, 0, next.observation(), 0, slot.observation.length);
    next.setReward(slot.reward);
    next.setTerminated((slot.flags & TERMINATED) != 0);
    next.setTruncated((slot.flags & TRUNCATED) != 0);
    if ((slot.flags & SUCCESS_DEFINED) != 0) {
      next.setSuccess((slot.flags & SUCCESS) != 0);
    }
  }

  private void stepAnnounced() {
    int count = announced.size();
    int actionSize = actionSpace().size();
    int observationSize = observationSpace().size();
    ByteBuffer words = ask(STEP, 4 + count * (4 + 4 * actionSize)).putInt(count);
    for (int i = 0; i < count; i++) {
      words.putInt(announced.get(i).index);
    }
    for (int i = 0; i < count; i++) {
      float[] action = announced.get(i).action;
      for (int k = 0; k < actionSize; k++) {
        words.putFloat(action[k]);
      }
    }
    try {
      tell("step");
      require((long) count * (8 + 4L * observationSize + 1));
    } catch (RuntimeException e) {
      // Which of them failed is not known, and some have moved on: none may go on as if nothing
      // was.
      for (int i = 0; i < count; i++) {
        announced.get(i).announced = false;
      }
      announced.clear();
      throw e;
    }
    int start = answer.position();
    int rows = start + 8 * count;
    int flags = rows + 4 * observationSize * count;
    for (int i = 0; i < count; i++) {
      Slot slot = announced.get(i);
      slot.reward = answer.getDouble(start + 8 * i);
      slot.flags = answer.get(flags + i);
      int row = rows + 4 * observationSize * i;
      for (int k = 0; k < observationSize; k++) {
        slot.observation[k] = answer.getFloat(row + 4 * k);
      }
      slot.answered = true;
    }
    announced.clear();
  }

  synchronized BufferedImage render(Slot slot) {
    if (!rendering) {
      throw new IllegalStateException("gym:" + id + " was made without rendering");
    }
    ask(RENDER, 4).putInt(slot.index);
    tell("render");
    int width = answer.getInt();
    int height = answer.getInt();
    if (width < 1 || height < 1) {
      throw new GymException("gym:%s: a picture of %d x %d".formatted(id, width, height));
    }
    require(3L * width * height);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int red = answer.get() & 0xff;
        int green = answer.get() & 0xff;
        int blue = answer.get() & 0xff;
        row[x] = (red << 16) | (green << 8) | blue;
      }
      image.setRGB(0, y, width, 1, row, 0, width);
    }
    return image;
  }

  synchronized double[] state(Slot slot) {
    ask(GET_STATE, 4).putInt(slot.index);
    tell("state");
    double[] state = new double[answer.remaining() / 8];
    answer.asDoubleBuffer().get(state);
    return state;
  }

  synchronized void setState(Slot slot, double[] state) {
    forget(slot);
    ByteBuffer words = ask(SET_STATE, 4 + 8 * state.length).putInt(slot.index);
    for (double value : state) {
      words.putDouble(value);
    }
    tell("setting the state");
  }

  // ---- The conversation ----

  /** Begins a question. */
  private ByteBuffer ask(int operation, int bytes) {
    if (ended) {
      throw new GymException("gym:" + id + ": its process has ended");
    }
    if (question.capacity() < 8 + bytes) {
      question = buffer(8 + bytes);
    }
    question.clear();
    return question.putInt(4 + bytes).putInt(operation);
  }

  /** Sends the question and waits for the answer. */
  private void tell(String what) {
    question.flip();
    deadline = System.nanoTime() + patience.toNanos();
    try {
      while (question.hasRemaining()) {
        known(out).write(question);
      }
      if (flush != null) {
        flush.flush();
      }
    } catch (IOException e) {
      deadline = 0;
      throw broken(what, patience);
    }
    receive(what, patience);
  }

  /** Waits for an answer, whose payload is then in {@link #answer}. */
  private void receive(String what, Duration allowed) {
    deadline = System.nanoTime() + allowed.toNanos();
    try {
      answer.clear();
      int need = 4;
      while (answer.position() < need) {
        if (known(in).read(answer) < 0) {
          throw new IOException("end");
        }
        if (need == 4 && answer.position() >= 4) {
          int length = answer.getInt(0);
          if (length < 4 || length > MOST_BYTES) {
            throw new IOException("a message of " + length + " bytes");
          }
          need = 4 + length;
          if (need > answer.capacity()) {
            ByteBuffer larger = buffer(need);
            answer.flip();
            larger.put(answer);
            answer = larger;
          }
        }
      }
      answer.flip();
    } catch (IOException e) {
      deadline = 0;
      throw broken(what, allowed);
    }
    deadline = 0;
    answer.getInt();
    int status = answer.getInt();
    if (status != OK) {
      byte[] text = new byte[answer.remaining()];
      answer.get(text);
      String message = new String(text, StandardCharsets.UTF_8).strip();
      if (status == FAILED) {
        throw new GymException("gym:%s: %s failed in Python:%n%s".formatted(id, what, message));
      }
      throw new IllegalArgumentException("gym:" + id + ": " + message);
    }
  }

  private void require(long bytes) {
    if (answer.remaining() != bytes) {
      GymException e =
          new GymException(
              "gym:%s: an answer of %d bytes, where %d were due"
                  .formatted(id, answer.remaining(), bytes));
      end();
      throw e;
    }
  }
}
