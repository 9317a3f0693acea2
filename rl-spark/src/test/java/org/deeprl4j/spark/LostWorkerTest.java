package org.deeprl4j.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.deeprl4j.algorithms.run.RunConfig;
import org.deeprl4j.experiments.execution.RunOutcome;
import org.deeprl4j.experiments.execution.ThreadScheduler;
import org.deeprl4j.experiments.study.Study;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** A master and two workers as processes of this machine, on its loopback address. */
@EnabledIfEnvironmentVariable(
    named = "RL_SLOW",
    matches = "1",
    disabledReason = "takes minutes; RL_SLOW=1 runs it, as .ci/run does")
final class LostWorkerTest {
  private static final String HOST = "127.0.0.1";
  private static final int PATIENCE_SECONDS = 60;

  /** What the processes write, and stays for whoever wants to know why they failed. */
  private static final Path LOGS = Path.of("target", "cluster").toAbsolutePath();

  @TempDir Path folder;
  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void end() throws Exception {
    for (Process process : processes) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private static List<String> classPath() {
    String tests = System.getProperty("surefire.test.class.path");
    String all = tests == null ? System.getProperty("java.class.path") : tests;
    return Arrays.asList(all.split(File.pathSeparator));
  }

  /** A worker starts its executors with the jars of a Spark home. */
  private static Path home() throws IOException {
    Path jars = Files.createDirectories(LOGS.resolve("home/jars"));
    for (String entry : classPath()) {
      Path jar = Path.of(entry).toAbsolutePath();
      if (entry.endsWith(".jar") && !Files.exists(jars.resolve(jar.getFileName()))) {
        Files.createSymbolicLink(jars.resolve(jar.getFileName()), jar);
      }
    }
    return jars.getParent();
  }

  private Process start(Path home, String name, String... command) throws IOException {
    List<String> line = new ArrayList<>();
    line.add(ProcessHandle.current().info().command().orElse("java"));
    line.addAll(Arrays.asList(JavaModuleOptions.defaultModuleOptionArray()));
    line.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-cp", home.resolve("jars/*").toString()));
    line.addAll(Arrays.asList(command));
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("SPARK_LOCAL_IP", HOST);
    builder.environment().put("SPARK_SCALA_VERSION", "2.13"); // in place of Spark's own scripts
    builder.redirectOutput(LOGS.resolve(name + ".log").toFile());
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private Process worker(Path home, String name, int master) throws IOException {
    return start(
        home,
        name,
        "org.apache.spark.deploy.worker.Worker",
        "--host",
        HOST,
        "--cores",
        "1",
        "--memory",
        "512m",
        "--webui-port",
        "0",
        "--work-dir",
        LOGS.resolve(name).toString(),
        "spark://" + HOST + ":" + master);
  }

  private boolean answers(int port) throws InterruptedException {
    for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        System.nanoTime() < end; ) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(HOST, port), 1000);
        return true;
      } catch (IOException e) {
        Thread.sleep(100);
      }
    }
    return false;
  }

  /** What is done on Spark while a worker of two is lost. */
  private interface Work {
    void on(JavaSparkContext context) throws Exception;
  }

  @Test
  void aWorkerKilledInTheMiddle_changesNoByteOfAStudy() throws Exception {
    Study study = Studies.study("1-8", 40_000, 0);
    Path out = folder.resolve("spark");
    whileAWorkerIsLost(
        context -> {
          List<RunOutcome> outcomes =
              Studies.execute(
                  new SparkScheduler(context, List.of(), out, null),
                  out,
                  study,
                  () -> false,
                  any -> {});
          for (RunOutcome outcome : outcomes) {
            assertEquals(RunOutcome.Status.COMPLETE, outcome.status(), outcome.toString());
          }
        });
    Path local = folder.resolve("local");
    Studies.execute(new ThreadScheduler(2), local, study, () -> false, any -> {});
    assertArrayEquals(Studies.summary(local), Studies.summary(out));
  }

  @Test
  void aWorkerKilledInTheMiddle_changesNoBitOfARun() throws Exception {
    RunConfig run = Runs.run(100_000, 1);
    whileAWorkerIsLost(
        context ->
            Runs.train(
                folder.resolve("spark"), run, new SparkRolloutWorkers(context, run, List.of())));
    Runs.train(folder.resolve("local"), run, null);
    Runs.requireSame(folder.resolve("local"), folder.resolve("spark"));
  }

  private void whileAWorkerIsLost(Work work) throws Exception {
    Path home = home();
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    start(
        home,
        "master",
        "org.apache.spark.deploy.master.Master",
        "--host",
        HOST,
        "--port",
        String.valueOf(port),
        "--webui-port",
        "0");
    assumeTrue(answers(port), "a Spark master does not start here as a process");
    worker(home, "worker-1", port);
    Process lost = worker(home, "worker-2", port);

    SparkConf conf =
        SparkProvider.configuration("spark://" + HOST + ":" + port, false, true)
            .set("spark.executor.memory", "512m")
            .set("spark.executor.extraClassPath", String.join(File.pathSeparator, classPath()));
    AtomicInteger lostExecutors = new AtomicInteger();
    AtomicBoolean killed = new AtomicBoolean();
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      context
          .sc()
          .addSparkListener(
              new SparkListener() {
                @Override
                public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
                  lostExecutors.incrementAndGet();
                }
              });
      Thread killer =
          new Thread(
              () -> {
                try {
                  // Both workers are busy a moment after they have an executor each.
                  while (context.sc().getExecutorMemoryStatus().size() < 3) {
                    Thread.sleep(20);
                  }
                  Thread.sleep(1500);
                } catch (InterruptedException e) {
                  return;
                }
                List<ProcessHandle> executors = lost.descendants().toList();
                lost.destroyForcibly();
                executors.forEach(ProcessHandle::destroyForcibly);
                killed.set(true);
              });
      killer.setDaemon(true);
      killer.start();
      work.on(context);
      killer.interrupt();
    }
    assertTrue(killed.get(), "all was done before the worker was killed");
    assertTrue(lostExecutors.get() > 0, "no executor was lost with the worker");
  }
}
