import java.awt.Color;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.deeprl4j.envs.Environments;
import org.deeprl4j.mdp.Mdp;
import org.deeprl4j.mdp.VectorEnv;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.random.Rng;
import org.deeprl4j.replay.ReplayBatch;
import org.deeprl4j.replay.UniformReplayBuffer;
import org.deeprl4j.space.Box;
import org.deeprl4j.space.Space;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/**
 * Times what training consists of at growing sizes, prints a row a point, and draws a curve a kind: {@code Growth SECONDS FILE.png}. Of
 * many short rounds the median counts, and the fastest is printed beside it.
 */
public final class Growth {
  private static final int INPUTS = 17;
  private static final int OUTPUTS = 6;
  private static final int CORES = Runtime.getRuntime().availableProcessors();

  private final double seconds;
  private final Map<String, Map<String, List<double[]>>> charts = new LinkedHashMap<>();

  private Growth(double seconds) {
    this.seconds = seconds;
  }

  public static void main(String[] arguments) throws IOException {
    Growth growth = new Growth(Double.parseDouble(arguments[0]));
    System.out.println("kind,curve,size,median,fastest,unit");
    growth.warmUp();
    List<Integer> threads = CORES == 1 ? List.of(1) : List.of(1, CORES);
    for (int t : threads) {
      for (int width : new int[] {32, 64, 128, 256, 400, 512, 768, 1024}) {
        growth.fit("fit by width, batch 256", width, 256, width, t);
      }
    }
    for (int t : threads) {
      for (int rows = 32; rows <= 4096; rows *= 2) {
        growth.fit("fit by batch, 256×256", rows, rows, 256, t);
      }
    }
    for (int t = 1; t <= CORES && CORES > 2; t++) { // else the curves above say it
      for (int width : new int[] {64, 256, 1024}) {
        growth.fit("fit by threads, batch 256", "width " + width, t, 256, width, t);
      }
    }
    for (int width : new int[] {16, 32, 64, 128, 256, 512}) {
      growth.act(width);
    }
    for (String id : new String[] {"CartPole-v1", "ArmReach"}) {
      for (int t : threads) {
        for (int n = 1; n <= 4096; n *= 4) {
          growth.step(id, n, t);
        }
      }
    }
    for (int capacity = 10_000; capacity <= 10_000_000; capacity *= 10) {
      growth.sample("3 observed numbers", 3, capacity);
    }
    for (int capacity = 10_000; capacity <= 1_000_000; capacity *= 10) {
      growth.sample("30 observed numbers", 30, capacity);
    }
    growth.draw(arguments[1]);
  }

  /** Has the kernels compiled for all that follows. */
  private void warmUp() {
    for (int rows : new int[] {64, 256, 1024}) {
      for (int width : new int[] {64, 256, 400}) {
        fit("", "", 0, rows, width, CORES);
      }
    }
  }

  private void fit(String kind, int size, int rows, int width, int threads) {
    fit(kind, threads + (threads == 1 ? " thread" : " threads"), size, rows, width, threads);
  }

  private void fit(String kind, String curve, int size, int rows, int width, int threads) {
    try (Compute compute = Compute.create(Compute.Kernels.VECTOR, threads)) {
      Mlp mlp = Mlp.of(INPUTS, OUTPUTS, width, width).withActivation(Activation.RELU);
      Network network = compute.network(mlp, new Rng(1));
      Tensor x = random(compute, rows, INPUTS);
      Tensor dy = random(compute, rows, OUTPUTS);
      Adam adam = new Adam(0.9, 0.999, 1e-8);
      // Forward 2 operations a parameter and row, the gradient as many, the hidden layers' derivative too.
      double operations = rows * (4.0 * mlp.parameterCount() + 2.0 * (width * width + width * OUTPUTS));
      time(
          kind,
          curve,
          size,
          operations * 1e-9,
          "GFLOP/s",
          () -> {
            network.gradient().fill(0);
            network.forward(x);
            network.backward(dy);
            adam.step(network.parameters(), network.gradient(), 1e-4);
          });
    }
  }

  private void act(int width) {
    try (Compute compute = Compute.create(Compute.Kernels.VECTOR, 1)) {
      Network network = compute.network(Mlp.of(4, 2, width, width), new Rng(1));
      Tensor x = random(compute, 1, 4);
      Runnable hundred =
          () -> {
            for (int i = 0; i < 100; i++) {
              network.predict(x);
            }
          };
      time("one row by width", "4 inputs, 2 outputs", width, 1e-4, "million/s", hundred);
    }
  }

  private void step(String id, int count, int threads) {
    List<Mdp> environments = Stream.<Mdp>generate(() -> Environments.make(id)).limit(count).toList();
    try (VectorEnv environment = VectorEnv.of(environments, new Rng(1), threads)) {
      environment.reset();
      Space space = environment.actionSpace();
      Rng random = new Rng(2);
      float[][] actions = new float[16][count * space.size()];
      for (float[] row : actions) {
        for (int i = 0; i < count; i++) {
          float[] action = new float[space.size()];
          space.sample(random, action, 0);
          System.arraycopy(action, 0, row, i * action.length, action.length);
        }
      }
      int[] turn = {0};
      int repetitions = Math.max(1, 2048 / count);
      time(
          "steps of " + id + " by environments",
          threads + (threads == 1 ? " thread" : " threads"),
          count,
          1e-6 * count * repetitions,
          "million/s",
          () -> {
            for (int k = 0; k < repetitions; k++) {
              environment.step(actions[turn[0]++ & 15]);
            }
          });
    }
  }

  private void sample(String curve, int observation, int capacity) {
    UniformReplayBuffer buffer =
        new UniformReplayBuffer(capacity, 1, Box.of(-1, 1, observation), 1, 1, 0.99);
    float[] s = new float[observation];
    float[] next = new float[observation];
    Rng random = new Rng(1);
    for (int i = 0; i < capacity; i++) {
      float[] swap = s;
      s = next;
      next = swap;
      random.fillGaussian(next, 0, observation);
      boolean[] ended = {i % 200 == 199};
      buffer.add(s, new float[1], new double[] {1}, next, new boolean[1], ended);
      if (ended[0]) {
        buffer.endEpisode(0);
      }
    }
    ReplayBatch batch = ReplayBatch.allocate(256, observation, 1);
    time("replay: rows sampled by capacity", curve, capacity, 256e-6, "million/s", () -> buffer.sample(random, batch));
  }

  /** Runs work over and over: the first third warms it up, then rounds of a few milliseconds are timed. */
  private void time(String kind, String curve, int size, double work, String unit, Runnable task) {
    long warm = System.nanoTime() + (long) (seconds * 0.5e9);
    int repetitions = 0;
    long start = System.nanoTime();
    while (System.nanoTime() < warm || repetitions < 3) {
      task.run();
      repetitions++;
    }
    double once = (System.nanoTime() - start) / (double) repetitions;
    int round = (int) Math.max(1, 5e6 / once);
    List<Double> rates = new ArrayList<>();
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end || rates.size() < 3) {
      long from = System.nanoTime();
      for (int i = 0; i < round; i++) {
        task.run();
      }
      rates.add(work * round / ((System.nanoTime() - from) / 1e9));
    }
    rates.sort(null);
    double median = rates.get(rates.size() / 2);
    if (kind.isEmpty()) {
      return;
    }
    System.out.printf(
        Locale.ROOT, "\"%s\",\"%s\",%d,%.4g,%.4g,%s%n", kind, curve, size, median, rates.get(rates.size() - 1), unit);
    charts
        .computeIfAbsent(kind + "\n" + unit, key -> new LinkedHashMap<>())
        .computeIfAbsent(curve, key -> new ArrayList<>())
        .add(new double[] {size, median});
  }

  private static Tensor random(Compute compute, int rows, int columns) {
    Tensor x = compute.tensor(rows, columns);
    new Rng(3).fillGaussian(x.floatsForWriting(), 0, rows * columns);
    return x;
  }

  private void draw(String file) throws IOException {
    List<XYChart> drawn = new ArrayList<>();
    charts.forEach(
        (title, curves) -> {
          String[] words = title.split("\n");
          XYChart chart = new XYChartBuilder().width(620).height(380).title(words[0]).yAxisTitle(words[1]).build();
          chart.getStyler().setXAxisLogarithmic(true);
          chart.getStyler().setYAxisMin(0.0);
          chart.getStyler().setChartBackgroundColor(Color.WHITE);
          chart.getStyler().setChartTitleBoxVisible(false);
          chart.getStyler().setLegendPosition(org.knowm.xchart.style.Styler.LegendPosition.OutsideS);
          chart.getStyler().setLegendLayout(org.knowm.xchart.style.Styler.LegendLayout.Horizontal);
          curves.forEach(
              (name, points) ->
                  chart.addSeries(
                      name,
                      points.stream().mapToDouble(point -> point[0]).toArray(),
                      points.stream().mapToDouble(point -> point[1]).toArray()));
          drawn.add(chart);
        });
    int columns = drawn.size() % 2 == 0 ? 2 : 1;
    BitmapEncoder.saveBitmap(drawn, drawn.size() / columns, columns, file.replaceAll("\\.png$", ""), BitmapEncoder.BitmapFormat.PNG);
  }
}
