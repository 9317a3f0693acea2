package org.deeprl4j.algorithms.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.deeprl4j.algorithms.learning.Averages;
import org.deeprl4j.algorithms.learning.Batches;
import org.deeprl4j.algorithms.learning.Minibatch;
import org.deeprl4j.algorithms.sac.Sac;
import org.deeprl4j.algorithms.sac.SacConfig;
import org.deeprl4j.algorithms.training.TrainingSetup;
import org.deeprl4j.nn.Activation;
import org.deeprl4j.nn.Compute;
import org.deeprl4j.nn.Mlp;
import org.deeprl4j.nn.Network;
import org.deeprl4j.nn.Tensor;
import org.deeprl4j.nn.cuda.CudaKernels;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.random.Rng;
import org.deeprl4j.space.Box;

/**
 * Times the same work on any kernels, without a harness that would have to be installed: {@code
 * DeviceTimings KERNELS THREADS SECONDS [NAME...]}, where seconds are those of one measurement and
 * names choose some of them. Prints a line for each: name, tab, microseconds. rl-examples'
 * benchmarks/gpu runs it on a GPU, beside PyTorch.
 */
public final class DeviceTimings {
  private static final int OBSERVATIONS = 17;
  private static final int ACTIONS = 6;
  private static final int ROUNDS = 10;

  private final Compute compute;
  private final double seconds;

  private DeviceTimings(Compute compute, double seconds) {
    this.compute = compute;
    this.seconds = seconds;
  }

  /** Measures. */
  public static void main(String[] arguments) {
    Compute.Kernels kernels = Compute.Kernels.valueOf(arguments[0]);
    String[] chosen = Arrays.copyOfRange(arguments, 3, arguments.length);
    try (Compute compute = Compute.create(kernels, Integer.parseInt(arguments[1]))) {
      System.out.println("kernels\t" + compute.describe());
      DeviceTimings timings = new DeviceTimings(compute, Double.parseDouble(arguments[2]));
      timings.print("sac 256x256 batch 256", chosen, () -> timings.sac(256, 256, false));
      timings.print(
          "sac 256x256 batch 256, waiting for each", chosen, () -> timings.sac(256, 256, true));
      timings.print("sac 1024x1024 batch 1024", chosen, () -> timings.sac(1024, 1024, false));
      for (int width : new int[] {64, 256, 512, 1024}) {
        String name = "fit " + width + "x" + width + " batch " + width;
        timings.print(name, chosen, () -> timings.fit(width));
      }
      timings.print("inference 64x64 batch 1", chosen, () -> timings.inference(64, 1));
      timings.print("inference 256x256 batch 256", chosen, () -> timings.inference(256, 256));
      timings.print("inference 1024x1024 batch 1024", chosen, () -> timings.inference(1024, 1024));
    }
  }

  private interface Measurement {
    double microseconds();
  }

  private void print(String name, String[] chosen, Measurement measurement) {
    if (chosen.length > 0 && Arrays.stream(chosen).noneMatch(name::contains)) {
      return;
    }
    String result;
    try {
      result = String.format(Locale.ROOT, "%.1f", measurement.microseconds());
    } catch (RuntimeException e) { // what cannot be measured is said, and the rest goes on
      result = e.getClass().getSimpleName() + ": " + e.getMessage();
    }
    System.out.println(name + "\t" + result);
  }

  /** The median of up to ten rounds, as time allows, after half of it to warm up. */
  private double timed(Runnable step, boolean waiting) {
    long warm = System.nanoTime() + (long) (seconds / 2 * 1e9);
    long steps = 0;
    long start = System.nanoTime();
    do {
      step.run();
      synchronize();
      steps++;
    } while (System.nanoTime() < warm);
    double each = (System.nanoTime() - start) / 1e9 / steps;
    int count = (int) Math.max(1, Math.min(5000, seconds / ROUNDS / each));
    double[] rounds = new double[ROUNDS];
    int done = 0;
    long end = System.nanoTime() + (long) (2 * seconds * 1e9);
    do {
      long from = System.nanoTime();
      for (int i = 0; i < count; i++) {
        step.run();
        if (waiting) {
          synchronize();
        }
      }
      synchronize();
      rounds[done++] = (System.nanoTime() - from) / 1e3 / count;
    } while (done < ROUNDS && System.nanoTime() < end);
    Arrays.sort(rounds, 0, done);
    return (rounds[(done - 1) / 2] + rounds[done / 2]) / 2;
  }

  private void synchronize() {
    if (compute.kernels() == Compute.Kernels.CUDA) {
      try (CudaKernels kernels = CudaKernels.open(0)) {
        kernels.device().synchronize();
      }
    }
  }

  /** An update with a batch that the host has just written, as replay does. */
  private double sac(int width, int rows, boolean waiting) {
    SacConfig config = SacConfig.defaults().withNetworks(List.of(width, width)).withBatchSize(rows);
    TrainingSetup setup =
        new TrainingSetup(
            () -> {
              throw new IllegalStateException("no environment is needed");
            },
            1,
            1,
            compute);
    Sac learner =
        new Sac(setup, config, Batches.encoder(OBSERVATIONS), Box.of(-1, 1, ACTIONS), new Rng(1));
    Minibatch batch = Batches.random(compute, rows, OBSERVATIONS, ACTIONS, 0, config.gamma());
    Rng random = new Rng(2);
    Averages averages = new Averages();
    return timed(
        () -> {
          batch.observations().floatsForWriting();
          batch.nextObservations().floatsForWriting();
          learner.update(batch, 0, random, averages);
        },
        waiting);
  }

  /** Forward, backward and Adam, two layers of as many units as inputs, outputs and rows. */
  private double fit(int width) {
    Network network =
        compute.network(Mlp.of(width, width, width).withActivation(Activation.RELU), new Rng(1));
    Tensor x = random(width, width, 2);
    Tensor dy = random(width, width, 3);
    Adam adam = new Adam(0.9, 0.999, 1e-8);
    return timed(
        () -> {
          network.gradient().fill(0);
          network.forward(x);
          network.backward(dy);
          adam.step(network.parameters(), network.gradient(), 3e-4);
        },
        false);
  }

  /** Inputs that the host has just written, and outputs that it reads. */
  private double inference(int width, int rows) {
    Network network =
        compute.network(
            Mlp.of(OBSERVATIONS, ACTIONS, width, width).withActivation(Activation.RELU),
            new Rng(1));
    Tensor x = random(rows, OBSERVATIONS, 2);
    return timed(
        () -> {
          x.floatsForWriting();
          network.predict(x).floats();
        },
        false);
  }

  private Tensor random(int rows, int columns, long seed) {
    Tensor x = compute.tensor(rows, columns);
    new Rng(seed).fillGaussian(x.floatsForWriting(), 0, rows * columns);
    return x;
  }
}
