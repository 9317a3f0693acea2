import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.deeprl4j.algorithms.configuration.LogStd;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.sac.SacConfig;
import org.deeprl4j.algorithms.sac.SacConfigBuilder;
import org.deeprl4j.algorithms.sac.SacUpdates;
import org.deeprl4j.algorithms.training.OffPolicyLearner;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.CudaSacUpdate;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.random.Rng;

/**
 * Microseconds of what training spends its time in, on one kind of kernels: {@code GpuBenchmark CUDA|VECTOR|BLAS
 * threads [seconds each]}. Prints JSON.
 */
public final class GpuBenchmark {
  private static final int OBSERVATIONS = 17;
  private static final int ACTIONS = 6;

  private final Compute compute;
  private final double seconds;
  private final Map<String, String> results = new LinkedHashMap<>();

  private GpuBenchmark(Compute compute, double seconds) {
    this.compute = compute;
    this.seconds = seconds;
  }

  public static void main(String[] arguments) {
    Compute.Kernels kernels = Compute.Kernels.valueOf(arguments[0]);
    int threads = Integer.parseInt(arguments[1]);
    double seconds = arguments.length > 2 ? Double.parseDouble(arguments[2]) : 2;
    try (Compute compute = Compute.create(kernels, threads)) {
      GpuBenchmark benchmark = new GpuBenchmark(compute, seconds);
      System.err.println(compute.describe());
      benchmark.run(kernels == Compute.Kernels.CUDA);
      System.out.println(
          "{\"kernels\": \""
              + compute.describe()
              + "\", \"microseconds\": {"
              + benchmark.results.entrySet().stream()
                  .map(e -> "\"" + e.getKey() + "\": " + e.getValue())
                  .collect(Collectors.joining(", "))
              + "}}");
    }
  }

  private void run(boolean onDevice) {
    if (onDevice) {
      attempt("sac update, whole on the device", () -> wholeUpdate(256, 256, false));
      attempt(
          "sac update, whole on the device, waiting for each", () -> wholeUpdate(256, 256, true));
      attempt(
          "sac update 1024x1024 batch 1024, whole on the device",
          () -> wholeUpdate(1024, 1024, false));
    }
    attempt("sac update, as Sac makes it", () -> update(256, 256, LogStd.STATE_DEPENDENT));
    attempt(
        "sac update 1024x1024 batch 1024, as Sac makes it",
        () -> update(1024, 1024, LogStd.STATE_DEPENDENT));
    // a head of its own for log sigma, which no device kernel knows
    attempt("sac update, losses in Java", () -> update(256, 256, LogStd.FREE));
    attempt(
        "sac update 1024x1024 batch 1024, losses in Java",
        () -> update(1024, 1024, LogStd.FREE));
    for (int[] size : new int[][] {{64, 64}, {256, 256}, {512, 512}, {1024, 1024}}) {
      attempt("fit %1$dx%1$d batch %2$d".formatted(size[0], size[1]), () -> fit(size[0], size[1]));
    }
    for (int width : new int[] {64, 256, 1024}) {
      attempt("act %1$dx%1$d, 1 row".formatted(width), () -> act(width, 1));
    }
    attempt("act 64x64, 16 rows", () -> act(64, 16));
    attempt("fit 64x64 batch 64, waiting for each", () -> fit(64, 64));
  }

  private interface Measurement {
    double run();
  }

  private void attempt(String name, Measurement measurement) {
    String result;
    try {
      result = String.format(Locale.ROOT, "%.1f", measurement.run());
    } catch (RuntimeException e) {
      e.printStackTrace();
      result = "\"" + String.valueOf(e.getMessage()).replace('"', '\'') + "\"";
    }
    results.put(name, result);
    System.err.println(name + ": " + result);
  }

  /**
   * Microseconds of a step: the median of ten rounds, or of as many as fit into twice the time, each
   * of which ends by {@code finish}.
   */
  private double time(Runnable step, Runnable finish) {
    long warm = System.nanoTime() + (long) (1.5e9 * seconds);
    int count = 0;
    long start = System.nanoTime();
    while (System.nanoTime() < warm || count < 1) {
      step.run();
      count++;
    }
    finish.run();
    double each = (System.nanoTime() - start) / 1e9 / count;
    int steps = (int) Math.max(1, Math.min(5000, seconds / 10 / each));
    double[] rounds = new double[10];
    int done = 0;
    long end = System.nanoTime() + (long) (2e9 * seconds);
    while (done < rounds.length && (done == 0 || System.nanoTime() < end)) {
      start = System.nanoTime();
      for (int j = 0; j < steps; j++) {
        step.run();
      }
      finish.run();
      rounds[done++] = (System.nanoTime() - start) / 1e3 / steps;
    }
    Arrays.sort(rounds, 0, done);
    return (rounds[(done - 1) / 2] + rounds[done / 2]) / 2;
  }

  /** Forward, backward and Adam. */
  private double fit(int width, int rows) {
    Mlp spec = Mlp.of(width, width, width).withActivation(Activation.RELU);
    Network network = compute.network(spec, new Rng(1));
    Adam adam = new Adam(0.9, 0.999, 1e-8);
    Tensor x = random(rows, width);
    Tensor dy = random(rows, width);
    return time(
        () -> {
          network.gradient().fill(0);
          network.forward(x);
          network.backward(dy);
          adam.step(network.parameters(), network.gradient(), 1e-6);
        },
        () -> network.parameters().dot(network.parameters()));
  }

  /** From observations to what the policy says, on the host. */
  private double act(int width, int rows) {
    Network network = compute.network(Mlp.of(OBSERVATIONS, ACTIONS, width, width), new Rng(1));
    Tensor x = random(rows, OBSERVATIONS);
    float[] sink = new float[1];
    return time(
        () -> {
          x.floatsForWriting()[0] += 1e-3f;
          sink[0] += network.predict(x).floats()[0];
        },
        () -> {});
  }

  private Tensor random(int rows, int columns) {
    Tensor x = compute.tensor(rows, columns);
    new Rng(1).fillGaussian(x.floatsForWriting(), 0, rows * columns);
    return x;
  }

  private double update(int width, int rows, LogStd logStd) {
    SacConfig config =
        SacConfigBuilder.builder(SacConfig.defaults())
            .hidden(List.of(width, width))
            .batchSize(rows)
            .logStd(logStd)
            .build();
    OffPolicyLearner learner = SacUpdates.learner(compute, config, OBSERVATIONS, ACTIONS);
    Minibatch batch = Batches.random(compute, rows, OBSERVATIONS, ACTIONS, 0, config.gamma());
    Rng random = new Rng(2);
    Averages averages = new Averages(learner.metrics());
    return time(
        () -> {
          batch.observations().floatsForWriting();
          batch.nextObservations().floatsForWriting();
          learner.update(batch, 0, random, averages);
        },
        () -> {});
  }

  private double wholeUpdate(int width, int rows, boolean waiting) {
    Rng random = new Rng(1);
    Network actor = compute.network(spec(OBSERVATIONS, 2 * ACTIONS, width), random);
    List<CudaSacUpdate.Trained> critics = new ArrayList<>();
    List<Network> targets = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      critics.add(trained(compute.network(spec(OBSERVATIONS + ACTIONS, 1, width), random)));
      targets.add(compute.network(spec(OBSERVATIONS + ACTIONS, 1, width), random));
      targets.get(i).parameters().copyFrom(critics.get(i).network().parameters());
    }
    CudaSacUpdate update =
        new CudaSacUpdate(
            new CudaSacUpdate.Settings(
                rows, OBSERVATIONS, ACTIONS, 0.9, 0.999, 0.005, -ACTIONS, true),
            trained(actor),
            critics,
            targets,
            compute.tensor(1, 4));
    float[] s = new float[rows * OBSERVATIONS];
    float[] a = new float[rows * ACTIONS];
    float[] noise = new float[2 * rows * ACTIONS];
    float[] reward = new float[rows];
    float[] discount = new float[rows];
    float[] weight = new float[rows];
    random.fillGaussian(s, 0, s.length);
    random.fillGaussian(reward, 0, rows);
    Arrays.fill(discount, 0.99f);
    Arrays.fill(weight, 1);
    float[] steps = {3e-4f, 1e-8f, 3e-4f, 1e-8f, 3e-4f, 1e-8f};
    float[] metrics = new float[8];
    double microseconds =
        time(
            () -> {
              random.fillGaussian(noise, 0, noise.length);
              update.update(s, a, reward, discount, s, weight, noise, steps);
              if (waiting) {
                update.metrics(metrics);
              }
            },
            () -> update.metrics(metrics));
    update.close();
    return microseconds;
  }

  private static Mlp spec(int inputs, int outputs, int width) {
    return Mlp.of(inputs, outputs, width, width)
        .withActivation(Activation.RELU)
        .withInit(new Mlp.Init.FanInUniform());
  }

  private static CudaSacUpdate.Trained trained(Network network) {
    Adam.Step moments = new Adam(0.9, 0.999, 1e-8).begin(network.gradient(), 0);
    return new CudaSacUpdate.Trained(network, moments.first(), moments.second());
  }
}
