package org.deeprl4j.spark;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.algorithms.training.RolloutWorkers;
import org.deeprl4j.experiments.execution.ClusterProvider;
import org.deeprl4j.experiments.execution.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Spark for the command line: {@code spark://host:7077}, several masters after one another as Spark
 * writes them, or {@code local[4]}. Settings of Spark's own, {@code spark.*}, are those of its
 * properties; what is not set there is chosen for runs.
 */
public final class SparkProvider implements ClusterProvider {
  private static final String MASTERS = "spark://";
  private static final Pattern LOCAL = Pattern.compile("local(\\[(\\d+|\\*)])?");
  private static final int CONNECT_MILLIS = 5000;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Made by the {@link java.util.ServiceLoader}. */
  public SparkProvider() {}

  @Override
  public boolean accepts(String address) {
    return address.startsWith(MASTERS) || LOCAL.matcher(address).matches();
  }

  @Override
  public Scheduler scheduler(
      String address, List<String> environment, Path out, @Nullable Path shared)
      throws IOException {
    return new SparkScheduler(connect(address), environment, out, shared);
  }

  @Override
  public RolloutWorkers rolloutWorkers(String address, RunConfig run, List<String> environment)
      throws IOException {
    return new SparkRolloutWorkers(connect(address), run, environment);
  }

  private static JavaSparkContext connect(String address) throws IOException {
    boolean isLocal = LOCAL.matcher(address).matches();
    List<InetSocketAddress> masters = isLocal ? List.of() : masters(address);
    if (!isLocal) {
      requireMaster(address, masters);
    }
    boolean onThisMachine = masters.stream().allMatch(SparkProvider::isLoopback);
    SparkConf conf = configuration(address, isLocal, onThisMachine);
    try {
      return new JavaSparkContext(conf);
    } catch (RuntimeException e) { // whatever stops the context meanwhile
      throw new IOException("%s: Spark does not start: %s".formatted(address, e.getMessage()), e);
    }
  }

  /**
   * Spark's properties, with what runs need.
   *
   * @param isLocal whether executors are threads of this program
   * @param onThisMachine whether all masters are at a loopback address
   */
  static SparkConf configuration(String address, boolean isLocal, boolean onThisMachine) {
    SparkConf conf = new SparkConf().setMaster(address).setAppName("DeepRL4J");
    conf.setIfMissing("spark.ui.enabled", "false"); // a page for everyone who reaches this machine
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    // A crash of an executor counts against all that it was doing.
    conf.setIfMissing("spark.task.maxFailures", "8");
    conf.setIfMissing("spark.driver.maxResultSize", "2g");
    conf.set("spark.speculation", "false"); // a run takes as long as it takes
    if (onThisMachine) {
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
      conf.setIfMissing("spark.driver.host", "127.0.0.1");
    }
    if (isLocal) {
      conf.remove("spark.jars"); // they are here
      return conf;
    }
    if (conf.contains("spark.jars")) {
      // Our libraries are newer than Spark's.
      conf.setIfMissing("spark.executor.userClassPathFirst", "true");
    }
    conf.setIfMissing("spark.executorEnv.OMP_NUM_THREADS", "1");
    conf.setIfMissing("spark.executorEnv.MALLOC_ARENA_MAX", "2");
    conf.set(
        "spark.executor.extraJavaOptions",
        (conf.get("spark.executor.extraJavaOptions", "")
                + " --add-modules=jdk.incubator.vector -Dorg.nd4j.log.initialization=false")
            .strip());
    return conf;
  }

  private static List<InetSocketAddress> masters(String address) {
    List<InetSocketAddress> masters = new ArrayList<>();
    for (String one : address.substring(MASTERS.length()).split(",", -1)) {
      URI uri;
      try {
        uri = URI.create(MASTERS + one);
      } catch (IllegalArgumentException e) {
        throw notAnAddress(address, e);
      }
      if (uri.getHost() == null || uri.getPort() < 1 || !uri.getRawPath().isEmpty()) {
        throw notAnAddress(address, null);
      }
      masters.add(new InetSocketAddress(uri.getHost(), uri.getPort()));
    }
    return masters;
  }

  private static IllegalArgumentException notAnAddress(String address, @Nullable Exception e) {
    return new IllegalArgumentException(
        "Spark's master must be spark://HOST:PORT or local[N], not '%s'".formatted(address), e);
  }

  private static boolean isLoopback(InetSocketAddress master) {
    InetAddress address = master.getAddress();
    return address != null && address.isLoopbackAddress();
  }

  /**
   * A master that was started with this program may need a moment; Spark would try for a minute.
   */
  private static void requireMaster(String address, List<InetSocketAddress> masters)
      throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        connectToAny(masters);
        return;
      } catch (IOException e) {
        if (System.nanoTime() > end) {
          throw new IOException(
              "no Spark master answers at %s: %s".formatted(address, e.getMessage()), e);
        }
      }
      try {
        Thread.sleep(200);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while waiting for a Spark master");
      }
    }
  }

  private static void connectToAny(List<InetSocketAddress> masters) throws IOException {
    IOException last = new IOException("no address");
    for (InetSocketAddress master : masters) {
      try (Socket socket = new Socket()) {
        socket.connect(master, CONNECT_MILLIS);
        return;
      } catch (IOException e) { // also of a host that has no address
        last = e;
      }
    }
    throw last;
  }
}
