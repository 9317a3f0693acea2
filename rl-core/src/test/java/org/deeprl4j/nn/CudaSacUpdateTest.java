package org.deeprl4j.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeprl4j.distributions.TanhGaussian;
import org.deeprl4j.nn.cuda.DeviceForTests;
import org.deeprl4j.optim.Adam;
import org.deeprl4j.random.Rng;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The update on the device against soft actor-critic's equations in Java, on the host's networks.
 */
class CudaSacUpdateTest {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double TAU = 0.05;
  private static final double RATE = 1e-2;

  private static DeviceForTests device;

  @BeforeAll
  static void open() {
    device = DeviceForTests.open();
  }

  @AfterAll
  static void close() {
    if (device != null) {
      device.close();
    }
  }

  /** One batch and its noise. */
  private record Batch(
      float[] s,
      float[] a,
      float[] reward,
      float[] discount,
      float[] next,
      float[] weight,
      float[] noise) {
    static Batch draw(int rows, int observation, int n, long seed) {
      Rng random = new Rng(seed);
      Batch batch =
          new Batch(
              new float[rows * observation],
              new float[rows * n],
              new float[rows],
              new float[rows],
              new float[rows * observation],
              new float[rows],
              new float[2 * rows * n]);
      random.fillGaussian(batch.s, 0, batch.s.length);
      random.fillGaussian(batch.reward, 0, rows);
      random.fillGaussian(batch.next, 0, batch.next.length);
      random.fillGaussian(batch.noise, 0, batch.noise.length);
      for (int i = 0; i < batch.a.length; i++) {
        batch.a[i] = (float) (2 * random.nextDouble() - 1);
      }
      for (int b = 0; b < rows; b++) {
        batch.discount[b] = b % 5 == 0 ? 0 : 0.99f;
        batch.weight[b] = (float) (0.5 + random.nextDouble());
      }
      return batch;
    }
  }

  /** A network with Adam. */
  private static final class Learner {
    final Network network;
    final Adam adam = new Adam(BETA1, BETA2, 1e-8);

    Learner(Compute compute, Mlp spec, long seed) {
      network = compute.network(spec, new Rng(seed));
    }

    void descend() {
      adam.step(network.parameters(), network.gradient(), RATE);
    }
  }

  /** The equations, line by line. */
  private static final class Reference {
    final Compute compute = Compute.create(Compute.Kernels.VECTOR, 1);
    final int rows;
    final int observation;
    final int n;
    final double targetEntropy;
    final boolean tuned;
    final Learner actor;
    final List<Learner> critics = new ArrayList<>();
    final List<Network> targets = new ArrayList<>();
    final Tensor logAlpha = Tensor.host(1, 1);
    final Adam alphaAdam = new Adam(BETA1, BETA2, 1e-8);
    final float[] metrics;
    final float[] errors;

    Reference(
        int rows, int observation, int n, int count, boolean tuned, Mlp actorSpec, Mlp criticSpec) {
      this.rows = rows;
      this.observation = observation;
      this.n = n;
      this.tuned = tuned;
      targetEntropy = -n;
      actor = new Learner(compute, actorSpec, 1);
      for (int i = 0; i < count; i++) {
        critics.add(new Learner(compute, criticSpec, 2 + i));
        targets.add(compute.network(criticSpec, new Rng(20 + i)));
      }
      metrics = new float[2 * count + 4];
      errors = new float[rows];
      logAlpha.fill((float) Math.log(0.3));
    }

    private Tensor input(float[] s, float[] a) {
      Tensor x = Tensor.host(rows, observation + n);
      for (int b = 0; b < rows; b++) {
        System.arraycopy(
            s, b * observation, x.floatsForWriting(), b * (observation + n), observation);
        System.arraycopy(a, b * n, x.floatsForWriting(), b * (observation + n) + observation, n);
      }
      return x;
    }

    private Tensor observations(float[] s) {
      Tensor x = Tensor.host(rows, observation);
      System.arraycopy(s, 0, x.floatsForWriting(), 0, s.length);
      return x;
    }

    void update(Batch batch) {
      double alpha = Math.exp(logAlpha.floats()[0]);
      TanhGaussian distribution = new TanhGaussian(n);
      float[] drawn = new float[rows * n];
      float[] pre = new float[rows * n];
      float[] logProbs = new float[rows];

      float[] z = actor.network.predict(observations(batch.next)).floats();
      float[] noise = Arrays.copyOf(batch.noise, rows * n);
      distribution.rsample(z, rows, noise, drawn, pre, logProbs);
      Tensor next = input(batch.next, drawn);
      float[] y = new float[rows];
      Arrays.fill(y, Float.POSITIVE_INFINITY);
      for (Network target : targets) {
        float[] q = target.predict(next).floats();
        for (int b = 0; b < rows; b++) {
          y[b] = Math.min(y[b], q[b]);
        }
      }
      for (int b = 0; b < rows; b++) {
        y[b] = (float) (batch.reward[b] + batch.discount[b] * (y[b] - alpha * logProbs[b]));
      }
      Tensor x = input(batch.s, batch.a);
      Arrays.fill(errors, 0);
      for (int i = 0; i < critics.size(); i++) {
        Network critic = critics.get(i).network;
        float[] q = critic.forward(x).floats();
        Tensor gradient = Tensor.host(rows, 1);
        double loss = 0;
        double mean = 0;
        for (int b = 0; b < rows; b++) {
          double error = (double) q[b] - y[b];
          gradient.floatsForWriting()[b] = (float) (batch.weight[b] * error / rows);
          loss += 0.5 * batch.weight[b] * error * error / rows;
          mean += (double) q[b] / rows;
          errors[b] += (float) (Math.abs(error) / critics.size());
        }
        metrics[i] = (float) loss;
        metrics[critics.size() + i] = (float) mean;
        critic.gradient().fill(0);
        critic.backward(gradient);
      }
      for (Learner critic : critics) {
        critic.descend();
      }

      z = actor.network.forward(observations(batch.s)).floats();
      noise = Arrays.copyOfRange(batch.noise, rows * n, 2 * rows * n);
      distribution.rsample(z, rows, noise, drawn, pre, logProbs);
      Tensor policy = input(batch.s, drawn);
      float[] least = new float[rows];
      float[] slopes = new float[rows * n];
      Arrays.fill(least, Float.POSITIVE_INFINITY);
      Tensor ones = Tensor.host(rows, 1);
      ones.fill(1);
      for (Learner critic : critics) {
        float[] q = critic.network.forward(policy).floats();
        float[] dx = critic.network.inputGradient(ones).floats();
        for (int b = 0; b < rows; b++) {
          if (q[b] < least[b]) {
            least[b] = q[b];
            System.arraycopy(dx, b * (observation + n) + observation, slopes, b * n, n);
          }
        }
      }
      double loss = 0;
      double entropy = 0;
      for (int b = 0; b < rows; b++) {
        loss += (alpha * logProbs[b] - least[b]) / rows;
        entropy -= (double) logProbs[b] / rows;
      }
      float[] weight = new float[rows];
      Arrays.fill(weight, (float) (alpha / rows));
      for (int i = 0; i < slopes.length; i++) {
        slopes[i] = -slopes[i] / rows;
      }
      Tensor gradient = Tensor.host(rows, 2 * n);
      distribution.addReparameterizedGradient(
          z, noise, drawn, rows, slopes, weight, gradient.floatsForWriting());
      actor.network.gradient().fill(0);
      actor.network.backward(gradient);
      actor.descend();

      double alphaLoss = alpha * (entropy - targetEntropy);
      if (tuned) {
        Tensor alphaGradient = Tensor.host(1, 1);
        alphaGradient.fill((float) alphaLoss);
        alphaAdam.step(logAlpha, alphaGradient, RATE);
      }
      for (int i = 0; i < critics.size(); i++) {
        targets.get(i).moveTowards(critics.get(i).network, TAU);
      }
      int at = 2 * critics.size();
      metrics[at] = (float) loss;
      metrics[at + 1] = (float) entropy;
      metrics[at + 2] = (float) alpha;
      metrics[at + 3] = (float) alphaLoss;
    }
  }

  /** The same on the device. */
  private static final class OnDevice implements AutoCloseable {
    final Compute compute = Compute.create(Compute.Kernels.CUDA, 1);
    final Learner actor;
    final List<Learner> critics = new ArrayList<>();
    final List<Network> targets = new ArrayList<>();
    final Tensor temperature = compute.tensor(1, 4);
    final Adam alphaAdam = new Adam(BETA1, BETA2, 1e-8);
    final CudaSacUpdate update;

    OnDevice(Reference like) {
      actor = new Learner(compute, (Mlp) like.actor.network.spec(), 1);
      for (int i = 0; i < like.critics.size(); i++) {
        critics.add(new Learner(compute, (Mlp) like.critics.get(i).network.spec(), 2 + i));
        targets.add(compute.network(like.targets.get(i).spec(), new Rng(20 + i)));
      }
      temperature.floatsForWriting()[0] = like.logAlpha.floats()[0];
      update =
          new CudaSacUpdate(
              new CudaSacUpdate.Settings(
                  like.rows,
                  like.observation,
                  like.n,
                  BETA1,
                  BETA2,
                  TAU,
                  like.targetEntropy,
                  like.tuned),
              trained(actor),
              critics.stream().map(OnDevice::trained).toList(),
              targets,
              temperature);
    }

    private static CudaSacUpdate.Trained trained(Learner learner) {
      Adam.Step before = new Adam(BETA1, BETA2, 1e-8).begin(learner.network.gradient(), 0);
      return new CudaSacUpdate.Trained(learner.network, before.first(), before.second());
    }

    void update(Batch batch) {
      Tensor one = Tensor.host(1, 1);
      float[] steps = new float[6];
      for (int i = 0; i < 3; i++) {
        Adam adam = i == 0 ? critics.get(0).adam : i == 1 ? actor.adam : alphaAdam;
        Adam.Step step = adam.begin(one, RATE);
        steps[2 * i] = (float) step.rate();
        steps[2 * i + 1] = (float) step.epsilon();
      }
      update.update(
          batch.s,
          batch.a,
          batch.reward,
          batch.discount,
          batch.next,
          batch.weight,
          batch.noise,
          steps);
    }

    @Override
    public void close() {
      update.close();
      compute.close();
    }
  }

  private static void assertNear(float[] expected, float[] actual, double tolerance, String what) {
    assertEquals(expected.length, actual.length, what);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(
          expected[i],
          actual[i],
          tolerance * Math.max(1, Math.abs(expected[i])),
          what + "[" + i + "]");
    }
  }

  private static Mlp spec(int inputs, int outputs, Activation activation) {
    return Mlp.of(inputs, outputs, 48, 40)
        .withActivation(activation)
        .withInit(new Mlp.Init.FanInUniform());
  }

  /** The first update runs as it is, the second is recorded, the others are the recording. */
  @ParameterizedTest
  @CsvSource({
    "1, 5, 2, RELU, true",
    "2, 17, 6, RELU, true",
    "2, 3, 1, TANH, false",
    "4, 9, 3, SWISH, true"
  })
  void updates_areTheEquations(
      int critics, int observation, int n, Activation activation, boolean tuned) {
    int rows = 50;
    Reference reference =
        new Reference(
            rows,
            observation,
            n,
            critics,
            tuned,
            spec(observation, 2 * n, activation),
            spec(observation + n, 1, activation));
    try (OnDevice onDevice = new OnDevice(reference)) {
      float[] metrics = new float[reference.metrics.length];
      float[] errors = new float[rows];
      for (int i = 0; i < 5; i++) {
        Batch batch = Batch.draw(rows, observation, n, 100 + i);
        reference.update(batch);
        onDevice.update(batch);
        onDevice.update.metrics(metrics);
        onDevice.update.errors(errors);
        String when = " after update " + (i + 1);
        assertNear(reference.metrics, metrics, 2e-4, "metrics" + when);
        assertNear(reference.errors, errors, 2e-4, "errors" + when);
        assertNear(
            reference.actor.network.gradient().floats(),
            onDevice.actor.network.gradient().floats(),
            2e-4,
            "the actor's gradient" + when);
      }
      // Adam divides by the gradient's size: where that is next to nothing, rounding decides
      assertEquals(
          0,
          distance(reference.actor.network, onDevice.actor.network),
          0.02,
          "the actor's parameters");
      for (int c = 0; c < critics; c++) {
        assertEquals(
            0, distance(reference.critics.get(c).network, onDevice.critics.get(c).network), 0.02);
        assertEquals(0, distance(reference.targets.get(c), onDevice.targets.get(c)), 0.02);
      }
      assertEquals(reference.logAlpha.floats()[0], onDevice.temperature.floats()[0], 1e-4);
    }
  }

  /** The parameters' distance, relative to how far five of Adam's steps go. */
  private static double distance(Network expected, Network actual) {
    double squares = 0;
    float[] x = expected.parameters().floats();
    float[] y = actual.parameters().floats();
    for (int i = 0; i < x.length; i++) {
      squares += Math.pow((double) x[i] - y[i], 2);
    }
    return Math.sqrt(squares / x.length) / (5 * RATE);
  }

  @Test
  void updatesAgain_giveTheSameBits() {
    float[][] results = new float[2][];
    for (int i = 0; i < 2; i++) {
      Reference like =
          new Reference(
              33, 4, 2, 2, true, spec(4, 4, Activation.RELU), spec(6, 1, Activation.RELU));
      try (OnDevice onDevice = new OnDevice(like)) {
        for (int step = 0; step < 4; step++) {
          onDevice.update(Batch.draw(33, 4, 2, step));
        }
        results[i] = onDevice.actor.network.parameters().floats().clone();
      }
    }
    assertArrayEquals(results[0], results[1]);
  }
}
