package org.deeprl4j.envs.gym;

import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.deeprl4j.mdp.Step;
import org.deeprl4j.space.Space;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Python process that holds environments of one id, and the conversation with it, whose messages
 * are described in bridge.py. One question is under way at a time; all methods may be called by any
 * thread. Steps are sent to all processes of a group before the first answer is awaited, so that
 * the processes work side by side.
 *
 * <p>A thread of its own keeps watch: it ends a process that does not answer in time, which ends
 * the wait for the answer, and one whose environments are all closed.
 */
final class GymProcess {
  private static final Logger LOG = LoggerFactory.getLogger(GymProcess.class);
  private static final String SCRIPT = "bridge.py";
  private static final String FOLDER = "deeprl4j-gym";
  private static final Duration STALE = Duration.ofHours(1);

  // The codes of bridge.py.
  private static final int RESET = 1;
  private static final int STEP = 2;
  private static final int ADD = 3;
  private static final int CLOSE = 4;
  private static final int RENDER = 5;
  private static final int GET_STATE = 6;
  private static final int SET_STATE = 7;
  private static final int JUDGE = 8;
  private static final int OK = 0;
  private static final int FAILED = 1;
  private static final int MISTAKE = 2;
  private static final int WORKING = 4;
  private static final int TERMINATED = 1;
  private static final int TRUNCATED = 2;
  private static final int SUCCESS_DEFINED = 4;
  private static final int SUCCESS = 8;
  private static final int STEP_FAILED = 16;
  private static final int STEP_FAULT = 32;
  private static final int GOALS = 1;
  private static final int GOALS_END = 2;

  /** The least that making an environment may take: imports may come from a cold disk. */
  private static final Duration START_PATIENCE = Duration.ofMinutes(2);

  /** How long a process at work may hold up the end of the program. */
  private static final long END_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** How long a process without environments waits for the next one. */
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long WATCH_MILLIS = 200;
  private static final int KEPT_LINES = 20;

  /** How long environments may take to close when their process is let go. */
  private static final long CLOSE_SECONDS = 5;

  /**
   * Keeps Ctrl-C, which a terminal sends to a whole process group, from a Python that has not yet
   * come to its first line; from there on the script sees to it.
   */
  private static final List<String> SHIELD =
      List.of("/bin/sh", "-c", "trap '' INT TERM HUP; exec \"$@\"", "sh");

  private static final boolean SHIELDED = Files.isExecutable(Path.of("/bin/sh"));

  /** Exit codes of a shell that could not run its command. */
  private static final List<Integer> NOT_RUN = List.of(126, 127);

  /** The longest path that fits into a socket's address everywhere. */
  private static final int MOST_PATH = 100;

  /** No frame is larger than 8k by 8k. */
  private static final int MOST_BYTES = 1 << 28;

  /** How far the step of an environment is. */
  private enum Stage {
    NONE,
    ANNOUNCED,
    SENT,
    ANSWERED
  }

  /** One environment of the process, guarded by the process. */
  static final class Slot {
    private final int index;
    private final float[] action;
    private final float[] observation; // and the mask behind it
    private Stage stage = Stage.NONE;
    private double reward;
    private int flags;
    private @Nullable RuntimeException failure;

    Slot(int index, int actionSize, int observationSize) {
      this.index = index;
      action = new float[actionSize];
      observation = new float[observationSize];
    }
  }

  private final String id;
  private final boolean rendering;
  private final Duration patience;
  private final Duration startPatience;
  private final AtomicReference<List<GymProcess>> group;
  private final Process child;
  private final Thread hook;
  private final Deque<String> lastLines = new ArrayDeque<>();
  private final Thread drain;
  private volatile @Nullable AutoCloseable connection;
  private @Nullable Wire wire;
  private ByteBuffer question = buffer(1 << 12);
  private ByteBuffer answer = buffer(1 << 12);

  private int maxSteps;
  private int goals;
  private int maskSize; // of the flags behind each observation
  private double framesPerSecond;
  private @Nullable Space observationSpace;
  private @Nullable Space actionSpace;

  private final List<@Nullable Slot> slots = new ArrayList<>();
  private List<Slot> announced = new ArrayList<>();
  private List<Slot> sent = new ArrayList<>(); // those of the step that is under way
  private volatile boolean pending; // whether anything is announced
  private boolean unusedFirst = true;
  // Read by the watch and the hook without the lock.
  private volatile boolean started;
  private volatile int used;
  private volatile long unusedSince;
  private volatile boolean ended;
  private volatile @Nullable String fault;

  // When the answer that is waited for is due, in nanoTime; 0 while none is.
  private volatile long deadline;

  private GymProcess(
      GymEnvironments.Launch launch,
      AtomicReference<List<GymProcess>> group,
      Process child,
      InputStream printed) {
    id = launch.id();
    rendering = launch.rendering();
    patience = launch.patience();
    startPatience = patience.compareTo(START_PATIENCE) > 0 ? patience : START_PATIENCE;
    this.group = group;
    this.child = child;
    hook = new Thread(this::endWithProgram, "gym-hook");
    Runtime.getRuntime().addShutdownHook(hook);
    drain = new Thread(() -> drain(printed), "gym-output");
    drain.setDaemon(true);
    drain.start();
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

  /**
   * Starts a process and its first environment.
   *
   * @param group those to step side by side, whoever joins them
   */
  static GymProcess start(GymEnvironments.Launch launch, AtomicReference<List<GymProcess>> group) {
    Path folder = null;
    try {
      folder = Files.createTempDirectory(FOLDER);
      deleteStale(folder);
      Path script = folder.resolve(SCRIPT);
      try (InputStream resource = GymProcess.class.getResourceAsStream(SCRIPT)) {
        if (resource == null) {
          throw new IllegalStateException(SCRIPT + " is missing in this library");
        }
        Files.copy(resource, script);
      }
      Path socket = folder.resolve("s");
      boolean pipes = launch.pipes() || socket.toString().length() > MOST_PATH;
      List<String> command = new ArrayList<>();
      if (SHIELDED) {
        command.addAll(SHIELD);
      }
      command.addAll(List.of(launch.python(), "-u", script.toString()));
      command.add(pipes ? "-" : socket.toString());
      command.addAll(List.of(launch.id(), launch.rendering() ? "1" : "0"));
      launch.arguments().forEach((name, value) -> command.add(name + "=" + value));
      return pipes
          ? startWithPipes(launch, group, command)
          : startWithSocket(launch, group, command, socket);
    } catch (IOException e) {
      throw new UncheckedIOException("gym:" + launch.id() + ": " + e.getMessage(), e);
    } finally {
      delete(folder);
    }
  }

  /** Deletes the folders of starts that were killed, if they are of this folder's owner. */
  private static void deleteStale(Path folder) throws IOException {
    FileTime before = FileTime.from(Instant.now().minus(STALE));
    UserPrincipal user = Files.getOwner(folder);
    try (DirectoryStream<Path> found =
        Files.newDirectoryStream(folder.resolveSibling(""), FOLDER + "*")) {
      for (Path other : found) {
        try {
          if (Files.getLastModifiedTime(other, LinkOption.NOFOLLOW_LINKS).compareTo(before) < 0
              && Files.getOwner(other, LinkOption.NOFOLLOW_LINKS).equals(user)) {
            delete(other);
          }
        } catch (IOException e) {
          LOG.debug("{} has just gone", other, e);
        }
      }
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

  private static Process run(String python, ProcessBuilder builder) {
    try {
      return builder.start();
    } catch (IOException e) {
      throw noPython(python, e.getMessage());
    }
  }

  private static IllegalArgumentException noPython(String python, @Nullable String why) {
    return new IllegalArgumentException(
        "Python cannot be started as '%s': %s; name an interpreter by --python or RL_PYTHON"
            .formatted(python, why));
  }

  private static GymProcess startWithPipes(
      GymEnvironments.Launch launch,
      AtomicReference<List<GymProcess>> group,
      List<String> command) {
    String python = launch.python();
    Process child = run(python, new ProcessBuilder(command));
    GymProcess process = new GymProcess(launch, group, child, child.getErrorStream());
    process.wire = new PipeWire(child);
    process.connection = process.wire;
    process.greet(python);
    return process;
  }

  private static GymProcess startWithSocket(
      GymEnvironments.Launch launch,
      AtomicReference<List<GymProcess>> group,
      List<String> command,
      Path socket)
      throws IOException {
    String python = launch.python();
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Readiness readiness = new Readiness(server, SelectionKey.OP_ACCEPT)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      // What environments print goes the way of their errors.
      Process child = run(python, new ProcessBuilder(command).redirectErrorStream(true));
      GymProcess process = new GymProcess(launch, group, child, child.getInputStream());
      process.connection = readiness; // closed by the watch, too
      // It may end without ever connecting.
      child.onExit().thenRun(() -> closeQuietly(readiness));
      process.deadline = System.nanoTime() + process.startPatience.toNanos();
      try {
        SocketChannel accepted = server.accept();
        while (accepted == null) {
          readiness.await(SelectionKey.OP_ACCEPT);
          accepted = server.accept();
        }
        process.wire = new SocketWire(accepted);
        process.connection = process.wire;
      } catch (IOException e) {
        throw process.unstarted(
            python, process.broken("start of " + python, process.startPatience));
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

  /** What to say of a process that ended before its first word. */
  private RuntimeException unstarted(String python, GymException broken) {
    if (SHIELDED && !child.isAlive() && NOT_RUN.contains(child.exitValue())) {
      synchronized (lastLines) {
        return noPython(python, lastLines.peekLast());
      }
    }
    return broken;
  }

  /** Reads what the process says of itself. */
  private synchronized void greet(String python) {
    try {
      receive("start of " + python, startPatience);
      maxSteps = answer.getInt();
      goals = answer.getInt();
      maskSize = answer.getInt();
      framesPerSecond = answer.getDouble();
      observationSpace = readSpace("observation");
      actionSpace = readSpace("action");
      slots.add(null); // the environment it started with
      unusedSince = System.nanoTime();
      started = true;
    } catch (GymException e) {
      end();
      throw unstarted(python, e);
    } catch (RuntimeException e) {
      end();
      throw e;
    }
  }

  private Space readSpace(String role) {
    try {
      return SpaceReader.read(answer);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "gym:%s: the %s space: %s".formatted(id, role, e.getMessage()), e);
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
      if (started && used == 0 && now - unusedSince > LINGER_NANOS) {
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
      if (!child.waitFor(CLOSE_SECONDS, TimeUnit.SECONDS)) {
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

  /**
   * The end of the program. A run that was asked to stop still has its iteration to finish, and the
   * process has a part in that: it ends by itself when the conversation does. Only one that keeps
   * the program waiting is killed.
   */
  private void endWithProgram() {
    long due = deadline;
    long start = System.nanoTime();
    while (due != 0 && deadline == due && child.isAlive()) {
      if (System.nanoTime() - start > END_PATIENCE_NANOS) {
        kill();
        return;
      }
      try {
        Thread.sleep(WATCH_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
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

  /** Whether it can {@link #judge}. */
  boolean hasGoals() {
    return (goals & GOALS) != 0;
  }

  /** Whether a goal that is achieved may end an episode. */
  boolean goalsEnd() {
    return (goals & GOALS_END) != 0;
  }

  /** Flags of an action mask; 0 without masks. */
  int maskSize() {
    return maskSize;
  }

  /** How many of its environments are open. */
  int used() {
    return used;
  }

  boolean ended() {
    return ended;
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

  /** Floats that an environment sends: an observation and its mask. */
  private int rowSize() {
    return observationSpace().size() + maskSize;
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
      tell("making an environment", startPatience);
    }
    unusedFirst = false;
    Slot slot = new Slot(index, actionSpace().size(), rowSize());
    if (index == slots.size()) {
      slots.add(slot);
    } else {
      slots.set(index, slot);
    }
    used = used + 1;
    return slot;
  }

  synchronized void release(Slot slot) {
    if (!ended) {
      try {
        forget(slot);
        ask(CLOSE, 4).putInt(slot.index);
        tell("close", patience);
      } catch (GymException e) {
        LOG.warn("{}", brief(e));
      }
    }
    slots.set(slot.index, null);
    used = used - 1;
    unusedSince = System.nanoTime();
  }

  /** A message without the traceback in its middle. */
  private static String brief(GymException e) {
    List<String> lines = String.valueOf(e.getMessage()).lines().toList();
    String first = lines.get(0);
    return lines.size() == 1 ? first : first + " " + lines.get(lines.size() - 1).strip();
  }

  synchronized void reset(Slot slot, int seed, float[] observation) {
    forget(slot);
    ask(RESET, 12).putInt(slot.index).putLong(seed);
    tell("reset", patience);
    require(4L * rowSize());
    answer.asFloatBuffer().get(slot.observation);
    System.arraycopy(slot.observation, 0, observation, 0, observation.length);
  }

  /** Drops what was announced or already answered: a reset or a new state goes over it. */
  private void forget(Slot slot) {
    settle();
    if (slot.stage == Stage.ANNOUNCED) {
      announced.remove(slot);
    }
    slot.stage = Stage.NONE;
    slot.failure = null;
  }

  synchronized void announce(Slot slot, float[] action) {
    if (slot.stage == Stage.NONE) {
      System.arraycopy(action, 0, slot.action, 0, action.length);
      slot.stage = Stage.ANNOUNCED;
      announced.add(slot);
      pending = true;
    }
  }

  /** Steps one environment, and with it all those announced, in all processes of the group. */
  void step(Slot slot, float[] action, Step next) {
    if (!isUnderWay(slot, action)) {
      List<GymProcess> processes = Objects.requireNonNull(group.get());
      for (int i = 0; i < processes.size(); i++) {
        // Without the lock, which is held where an answer is waited for.
        if (processes.get(i).pending) {
          processes.get(i).send();
        }
      }
    }
    take(slot, next);
  }

  /** Whether the step of an environment was sent already; if not, it is announced after this. */
  private synchronized boolean isUnderWay(Slot slot, float[] action) {
    if (slot.stage != Stage.NONE && !Arrays.equals(action, slot.action)) {
      throw new IllegalStateException(
          "gym:%s: the action %s was announced, but %s is taken"
              .formatted(id, Arrays.toString(slot.action), Arrays.toString(action)));
    }
    announce(slot, action);
    return slot.stage != Stage.ANNOUNCED;
  }

  /** Sends what was announced, unless an earlier step is still under way. */
  private synchronized void send() {
    if (announced.isEmpty() || !sent.isEmpty()) {
      return;
    }
    pending = false;
    List<Slot> now = announced;
    announced = sent;
    sent = now;
    int count = now.size();
    for (int i = 0; i < count; i++) {
      now.get(i).stage = Stage.SENT;
    }
    int actionSize = actionSpace().size();
    try {
      ByteBuffer words = ask(STEP, 4 + count * (4 + 4 * actionSize)).putInt(count);
      for (int i = 0; i < count; i++) {
        words.putInt(now.get(i).index);
      }
      for (int i = 0; i < count; i++) {
        float[] action = now.get(i).action;
        for (int k = 0; k < actionSize; k++) {
          words.putFloat(action[k]);
        }
      }
      say("step", patience);
    } catch (GymException e) {
      failSent(e); // for those to hear whose steps these are
    }
  }

  /** Every environment of a message that was not answered. */
  private void failSent(RuntimeException e) {
    for (int i = 0; i < sent.size(); i++) {
      sent.get(i).failure = e;
      sent.get(i).stage = Stage.ANSWERED;
    }
    sent.clear();
  }

  /** Receives the answer to the step that is under way, if one is. */
  private void settle() {
    if (sent.isEmpty()) {
      return;
    }
    try {
      receive("step", patience);
      readSteps();
      sent.clear();
    } catch (RuntimeException e) {
      failSent(e);
    }
  }

  private void readSteps() {
    int count = sent.size();
    int observationSize = rowSize();
    int start = answer.position();
    int rows = start + 8 * count;
    int flags = rows + 4 * observationSize * count;
    int texts = flags + count;
    if (answer.limit() < texts) {
      require((long) texts - start);
    }
    answer.position(texts);
    for (int i = 0; i < count; i++) {
      Slot slot = sent.get(i);
      slot.stage = Stage.ANSWERED;
      slot.reward = answer.getDouble(start + 8 * i);
      slot.flags = answer.get(flags + i);
      int row = rows + 4 * observationSize * i;
      for (int k = 0; k < observationSize; k++) {
        slot.observation[k] = answer.getFloat(row + 4 * k);
      }
      if ((slot.flags & (STEP_FAILED | STEP_FAULT)) != 0) {
        byte[] text = new byte[Math.max(0, Math.min(answer.getInt(), answer.remaining()))];
        answer.get(text);
        slot.failure = failure("step", (slot.flags & STEP_FAILED) != 0, text);
      }
    }
  }

  /** What a step gave. */
  private synchronized void take(Slot slot, Step next) {
    if (slot.stage == Stage.ANNOUNCED) {
      settle(); // an earlier step, whose answer nobody has fetched
      send();
    }
    if (slot.stage == Stage.SENT) {
      settle();
    }
    slot.stage = Stage.NONE;
    RuntimeException failure = slot.failure;
    if (failure != null) {
      slot.failure = null;
      throw failure;
    }
    System.arraycopy(slot.observation, 0, next.observation(), 0, next.observation().length);
    next.setReward(slot.reward);
    next.setTerminated((slot.flags & TERMINATED) != 0);
    next.setTruncated((slot.flags & TRUNCATED) != 0);
    if ((slot.flags & SUCCESS_DEFINED) != 0) {
      next.setSuccess((slot.flags & SUCCESS) != 0);
    }
  }

  /** As {@link org.deeprl4j.mdp.MaskedMdp#actionMask} has it. */
  synchronized void actionMask(Slot slot, boolean[] legal) {
    int start = slot.observation.length - maskSize;
    for (int i = 0; i < maskSize; i++) {
      legal[i] = slot.observation[start + i] != 0;
    }
  }

  /** As {@link org.deeprl4j.mdp.GoalMdp#judge} has it. */
  synchronized void judge(
      Slot slot,
      int count,
      int size,
      float[] achieved,
      float[] desired,
      double[] rewards,
      boolean[] terminated) {
    settle();
    ByteBuffer words = ask(JUDGE, Math.addExact(8, Math.multiplyExact(8, count * size)));
    words.putInt(slot.index).putInt(count);
    for (int i = 0; i < count * size; i++) {
      words.putFloat(achieved[i]);
    }
    for (int i = 0; i < count * size; i++) {
      words.putFloat(desired[i]);
    }
    tell("compute_reward", patience);
    require(9L * count);
    for (int i = 0; i < count; i++) {
      rewards[i] = answer.getDouble();
    }
    for (int i = 0; i < count; i++) {
      terminated[i] = answer.get() != 0;
    }
  }

  synchronized BufferedImage render(Slot slot) {
    if (!rendering) {
      throw new IllegalStateException("gym:" + id + " was made without rendering");
    }
    settle();
    ask(RENDER, 4).putInt(slot.index);
    tell("render", patience);
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
    settle();
    ask(GET_STATE, 4).putInt(slot.index);
    tell("state", patience);
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
    tell("setting the state", patience);
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
  private void tell(String what, Duration allowed) {
    say(what, allowed);
    receive(what, allowed);
  }

  /** Sends the question. */
  private void say(String what, Duration allowed) {
    question.flip();
    deadline = System.nanoTime() + allowed.toNanos();
    try {
      known(wire).write(question);
    } catch (IOException e) {
      deadline = 0;
      throw broken(what, allowed);
    }
  }

  /** Waits for an answer, whose payload is then in {@link #answer}. */
  private void receive(String what, Duration allowed) {
    deadline = System.nanoTime() + allowed.toNanos();
    try {
      answer.clear();
      while (true) {
        if (!isWhole()) {
          if (known(wire).read(answer) < 0) {
            throw new IOException("end");
          }
        } else if (answer.getInt(4) == WORKING) {
          // One environment of several is done, and the next has as much time.
          answer.flip().position(8);
          answer.compact();
          deadline = System.nanoTime() + allowed.toNanos();
        } else {
          break;
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
      if (status == MISTAKE) {
        throw new IllegalArgumentException(
            "gym:" + id + ": " + new String(text, StandardCharsets.UTF_8).strip());
      }
      throw failure(what, status == FAILED, text);
    }
  }

  /** Whether a message is there from its first byte to its last; makes room for the rest of it. */
  private boolean isWhole() throws IOException {
    if (answer.position() < 8) {
      return false;
    }
    int length = answer.getInt(0);
    if (length < 4 || length > MOST_BYTES) {
      throw new IOException("a message of " + length + " bytes");
    }
    int need = 4 + length;
    if (need > answer.capacity()) {
      ByteBuffer larger = buffer(need);
      answer.flip();
      larger.put(answer);
      answer = larger;
    }
    return answer.position() >= need;
  }

  /** An exception in Python, with its traceback, or a fault that one line says all about. */
  private GymException failure(String what, boolean exception, byte[] text) {
    String message = new String(text, StandardCharsets.UTF_8).strip();
    return new GymException(
        exception
            ? "gym:%s: %s failed in Python:%n%s".formatted(id, what, message)
            : "gym:%s: %s: %s".formatted(id, what, message));
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
