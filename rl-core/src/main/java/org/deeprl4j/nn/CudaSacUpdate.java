package org.deeprl4j.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deeprl4j.nn.cuda.CudaEvent;
import org.deeprl4j.nn.cuda.CudaGraph;
import org.deeprl4j.nn.cuda.CudaKernels;
import org.deeprl4j.nn.cuda.Descent;
import org.deeprl4j.nn.cuda.DeviceMemory;
import org.deeprl4j.nn.cuda.PinnedMemory;
import org.deeprl4j.nn.cuda.Product;
import org.jspecify.annotations.Nullable;

/**
 * A whole update of soft actor-critic on a GPU: with y = r + γ(min_i Q_θ̄i(s′, a′) − α log
 * π(a′|s′)),
 *
 * <pre>
 * θ_i by Adam on Ê[½ w (Q_θi(s, a) − y)²],   θ̄_i ← τ θ_i + (1 − τ) θ̄_i
 * φ   by Adam on Ê[α log π_φ(f_φ(ε; s)|s) − min_i Q_θi(s, f_φ(ε; s))]
 * log α by Adam on α·(Ê[−log π_φ] − H̄)
 * </pre>
 *
 * <p>for a tanh-Gaussian actor, a = f_φ(ε; s) = tanh(μ_φ(s) + σ_φ(s) ε), as {@code Sac} computes
 * it. One copy takes the batch over, one graph of some two dozen kernels computes, and one copy
 * brings the losses back; nothing waits until {@link #metrics} or the next update. Not thread-safe.
 */
public final class CudaSacUpdate implements AutoCloseable {
  /** Twin critics and up to four: their products, two each, are one launch. */
  private static final int MOST_CRITICS = 4;

  /** Rates of the critics, of the actor and of the temperature, two floats each. */
  private static final int RATES = 6;

  /**
   * What stays the same.
   *
   * @param rows B
   * @param observation columns of s
   * @param actions components of a
   * @param beta1 Adam's β₁, of all
   * @param beta2 Adam's β₂, of all
   * @param tau τ
   * @param targetEntropy H̄
   * @param tuned whether α is
   */
  public record Settings(
      int rows,
      int observation,
      int actions,
      double beta1,
      double beta2,
      double tau,
      double targetEntropy,
      boolean tuned) {}

  /**
   * A network and its optimiser's moments.
   *
   * @param first m, [1, P], on the GPU
   * @param second v, [1, P], on the GPU
   */
  public record Trained(Network network, Tensor first, Tensor second) {}

  private final Settings settings;
  private final CudaKernels kernels;
  private final Trained actor;
  private final Trained[] critics;
  private final Network[] targets;
  private final Tensor temperature;
  private final List<Tensor> written = new ArrayList<>();

  private final Block sent;
  private final Block received;
  private final PinnedMemory[] batches = new PinnedMemory[2]; // one is filled while the other goes
  private final CudaEvent[] gone = new CudaEvent[2];
  private final PinnedMemory results;
  private final float[] inputs; // one batch of [s | a] or [s' | 0], on its way
  private final DeviceMemory x;
  private final DeviceMemory next;
  private final DeviceMemory rewards;
  private final DeviceMemory discounts;
  private final DeviceMemory weights;
  private final DeviceMemory policyInput;
  private final DeviceMemory noise;
  private final DeviceMemory rates;
  private final DeviceMemory actions;
  private final DeviceMemory logProbs;
  private final DeviceMemory values;
  private final DeviceMemory targetValues;
  private final DeviceMemory valueGradients;
  private final DeviceMemory y;
  private final DeviceMemory slopes;
  private final DeviceMemory actorGradient;
  private final Stack actorStack;
  private final Stack[] criticStacks;
  private final Stack[] targetStacks;
  private @Nullable CudaGraph graph;
  private boolean recorded;
  private boolean pending;
  private int turn;

  /**
   * Whether networks can be updated so: dense ones on one GPU, without layer normalisation and with
   * plain outputs, and at most four critics.
   */
  public static boolean fits(Network actor, Network... critics) {
    boolean fits = isPlain(actor) && critics.length >= 1 && critics.length <= MOST_CRITICS;
    for (Network critic : critics) {
      fits = fits && isPlain(critic) && critic.outputSize() == 1;
      fits = fits && critic.spec().equals(critics[0].spec());
    }
    return fits && actor.outputSize() <= 2048;
  }

  private static boolean isPlain(Network network) {
    return network instanceof CudaDenseNetwork dense
        && !((Mlp) dense.spec()).layerNorm()
        && ((Mlp) dense.spec()).outputActivation() == Activation.IDENTITY;
  }

  /**
   * Prepares updates of networks that {@link #fits fit}.
   *
   * @param actor gives [μ | log σ]
   * @param targets of the critics, in their order
   * @param temperature [1, 4]: log α, its first and second moment, and α as an update used it
   */
  public CudaSacUpdate(
      Settings settings,
      Trained actor,
      List<Trained> critics,
      List<? extends Network> targets,
      Tensor temperature) {
    if (!fits(actor.network, critics.stream().map(Trained::network).toArray(Network[]::new))
        || targets.size() != critics.size()) {
      throw new IllegalArgumentException("these networks cannot be updated on a GPU as a whole");
    }
    this.settings = settings;
    this.actor = actor;
    this.critics = critics.toArray(new Trained[0]);
    this.targets = targets.toArray(new Network[0]);
    this.temperature = temperature;
    kernels = ((CudaDenseNetwork) actor.network).kernels();
    int rows = settings.rows;
    int n = settings.actions;
    int columns = settings.observation + n;
    int count = this.critics.length;
    Shapes.requireShape("temperature", temperature, 1, 4);

    sent = new Block(kernels, 2 * rows * columns + 3 * rows + 2 * rows * n + RATES);
    received = new Block(kernels, 2 * count + 4 + rows);
    results = kernels.device().allocatePinned(4L * received.size);
    for (int i = 0; i < 2; i++) {
      batches[i] = kernels.device().allocatePinned(4L * sent.size);
      gone[i] = kernels.device().event();
      gone[i].record();
    }
    inputs = new float[rows * columns];
    x = sent.part(rows * columns);
    next = sent.part(rows * columns);
    rewards = sent.part(rows);
    discounts = sent.part(rows);
    weights = sent.part(rows);
    noise = sent.part(2 * rows * n);
    rates = sent.part(RATES);
    policyInput = kernels.floats((long) rows * columns);
    actions = kernels.floats(2L * rows * n);
    logProbs = kernels.floats(2L * rows);
    values = kernels.floats((long) count * rows);
    targetValues = kernels.floats((long) count * rows);
    valueGradients = kernels.floats((long) count * rows);
    y = kernels.floats(rows);
    slopes = kernels.floats((long) count * rows * n);
    actorGradient = kernels.floats(2L * rows * n);

    written.add(temperature);
    add(actor);
    for (int i = 0; i < count; i++) {
      add(this.critics[i]);
      written.add(this.targets[i].parameters());
    }
    actorStack = new Stack(actor.network, 2 * rows, kernels.floats(4L * rows * n));
    criticStacks = new Stack[count];
    targetStacks = new Stack[count];
    for (int i = 0; i < count; i++) {
      criticStacks[i] = new Stack(this.critics[i].network, rows, floats(values, i * rows, rows));
      targetStacks[i] = new Stack(this.targets[i], rows, floats(targetValues, i * rows, rows));
    }
  }

  private void add(Trained trained) {
    written.add(trained.network.parameters());
    written.add(trained.network.gradient());
    written.add(trained.first);
    written.add(trained.second);
  }

  private static DeviceMemory floats(DeviceMemory memory, int from, int count) {
    return memory.slice(4L * from, 4L * count);
  }

  /** Whether this still writes where networks and moments are: loading may have moved them. */
  public boolean isOf(Trained actorNow, List<Trained> criticsNow) {
    return actor.equals(actorNow) && Arrays.asList(critics).equals(criticsNow);
  }

  /**
   * One update.
   *
   * @param observations s, [B, observation]
   * @param taken a, [B, action]
   * @param drawn standard normal draws, [2B, action]: first for s′
   * @param steps the critics', the actor's and the temperature's rate and ε of Adam, corrected for
   *     the moments' start, [6]
   */
  public void update(
      float[] observations,
      float[] taken,
      float[] reward,
      float[] discount,
      float[] nextObservations,
      float[] weight,
      float[] drawn,
      float[] steps) {
    for (Tensor tensor : written) {
      tensor.deviceForWriting(kernels);
    }
    int rows = settings.rows;
    turn = 1 - turn;
    PinnedMemory batch = batches[turn];
    gone[turn].synchronize(); // the update before the last has been taken over
    join(observations, taken);
    batch.write(inputs, 0, 0, inputs.length);
    int at = inputs.length;
    join(nextObservations, null);
    batch.write(inputs, 0, at, inputs.length);
    at += inputs.length;
    for (float[] column : new float[][] {reward, discount, weight}) {
      batch.write(column, 0, at, rows);
      at += rows;
    }
    batch.write(drawn, 0, at, 2 * rows * settings.actions);
    at += 2 * rows * settings.actions;
    batch.write(steps, 0, at, RATES);
    kernels.device().upload(batch, 0, sent.device, 0, 4L * sent.size);
    gone[turn].record();
    CudaGraph ready = graph;
    if (ready != null) {
      ready.launch();
    } else if (!recorded) {
      run(); // loads what it needs
      recorded = true;
    } else {
      ready = kernels.device().capture(this::run);
      graph = ready;
      ready.launch();
    }
    pending = true;
  }

  private void join(float[] s, float @Nullable [] a) {
    int o = settings.observation;
    int n = settings.actions;
    for (int b = 0, p = 0; b < settings.rows; b++, p += o + n) {
      System.arraycopy(s, b * o, inputs, p, o);
      if (a != null) {
        System.arraycopy(a, b * n, inputs, p + o, n);
      }
    }
  }

  private void finish() {
    if (pending) {
      kernels.synchronize();
      pending = false;
    }
  }

  /**
   * Of the last update, once it has run: the critics' losses, their mean values, and then the
   * actor's loss, the entropy, α and its loss.
   *
   * @param to [2C + 4]. Modified.
   */
  public void metrics(float[] to) {
    finish();
    results.read(0, to, 0, 2 * critics.length + 4);
  }

  /**
   * Of the last update, once it has run: |Q_i(s, a) − y|, averaged over the critics.
   *
   * @param to [B]. Modified.
   */
  public void errors(float[] to) {
    finish();
    results.read(2 * critics.length + 4, to, 0, settings.rows);
  }

  @Override
  public void close() {
    finish();
    CudaGraph held = graph;
    if (held != null) {
      held.close();
      graph = null;
    }
    for (int i = 0; i < 2; i++) {
      gone[i].close();
    }
  }

  private void run() {
    int rows = settings.rows;
    int n = settings.actions;
    int o = settings.observation;
    int columns = o + n;
    int count = critics.length;
    int head = 2 * count + 4;
    // The actor at s' and at s.
    DeviceMemory hidden = actorStack.y[0];
    kernels.multiply(
        actorStack.forward(0, next, columns, rows, actorStack.part(0, 0, rows)),
        actorStack.forward(0, x, columns, rows, actorStack.part(0, rows, rows)));
    for (int l = 1; l < actorStack.depth; l++) {
      kernels.multiply(actorStack.forward(l, hidden, actorStack.in(l), 2 * rows, actorStack.y[l]));
      hidden = actorStack.y[l];
    }
    kernels.sacSample(hidden, noise, actions, logProbs, x, next, policyInput, rows, n, o);

    // Critics at (s, a), targets at (s', a').
    int depth = criticStacks[0].depth;
    for (int l = 0; l < depth; l++) {
      Product[] products = new Product[2 * count];
      for (int i = 0; i < count; i++) {
        products[i] = criticStacks[i].forward(l, x, columns);
        products[count + i] = targetStacks[i].forward(l, next, columns);
      }
      kernels.multiply(products);
    }
    DeviceMemory metrics = received.device(0, head);
    kernels.sacCriticLoss(
        values,
        targetValues,
        valueGradients,
        floats(logProbs, 0, rows),
        rewards,
        discounts,
        weights,
        temperature.device(kernels),
        y,
        received.device(head, rows),
        metrics,
        rows,
        count);
    for (int l = depth - 1; l >= 0; l--) {
      List<Product> products = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        DeviceMemory delta =
            l == depth - 1 ? floats(valueGradients, i * rows, rows) : criticStacks[i].delta[l];
        products.add(criticStacks[i].toWeights(l, delta, x, columns, 0, rows));
        if (l > 0) {
          products.add(criticStacks[i].toInput(l, delta, 0, rows));
        }
      }
      kernels.multiply(products.toArray(new Product[0]));
    }
    Descent[] descents = new Descent[count];
    for (int i = 0; i < count; i++) {
      descents[i] =
          descent(critics[i], 0)
              .follower(targets[i].parameters().device(kernels), (float) settings.tau);
    }
    kernels.adam(descents);

    // The critics at (s, f(noise; s)), and the least one's derivative by the action.
    for (int l = 0; l < depth; l++) {
      Product[] products = new Product[count];
      for (int i = 0; i < count; i++) {
        products[i] = criticStacks[i].forward(l, policyInput, columns);
      }
      kernels.multiply(products);
    }
    kernels.sacActorLoss(
        values,
        valueGradients,
        floats(logProbs, rows, rows),
        temperature.device(kernels),
        settings.tuned ? floats(rates, 4, 2) : null,
        floats(metrics, 2 * count, 4),
        rows,
        count,
        (float) settings.targetEntropy,
        (float) settings.beta1,
        (float) settings.beta2);
    for (int l = depth - 1; l >= 0; l--) {
      Product[] products = new Product[count];
      for (int i = 0; i < count; i++) {
        DeviceMemory delta =
            l == depth - 1 ? floats(valueGradients, i * rows, rows) : criticStacks[i].delta[l];
        products[i] =
            l > 0
                ? criticStacks[i].toInput(l, delta, 0, rows)
                : criticStacks[i].toColumns(
                    delta, rows, o, n, floats(slopes, i * rows * n, rows * n));
      }
      kernels.multiply(products);
    }
    kernels.sacActorGradient(
        floats(hidden, 2 * rows * n, 2 * rows * n),
        floats(noise, rows * n, rows * n),
        floats(actions, rows * n, rows * n),
        slopes,
        temperature.device(kernels),
        actorGradient,
        rows,
        count,
        n);
    for (int l = actorStack.depth - 1; l >= 0; l--) {
      DeviceMemory delta = l == actorStack.depth - 1 ? actorGradient : actorStack.delta[l];
      Product toWeights = actorStack.toWeights(l, delta, x, columns, rows, rows);
      if (l > 0) {
        kernels.multiply(toWeights, actorStack.toInput(l, delta, rows, rows));
      } else {
        kernels.multiply(toWeights);
      }
    }
    kernels.adam(descent(actor, 2));
    kernels.device().download(received.device, 0, results, 0, 4L * received.size);
  }

  private Descent descent(Trained trained, int rate) {
    Network network = trained.network;
    return new Descent(
            network.parameters().device(kernels),
            trained.first.device(kernels),
            trained.second.device(kernels),
            network.gradient().device(kernels),
            network.parameters().size())
        .rates((float) settings.beta1, (float) settings.beta2, floats(rates, rate, 2));
  }

  /** Memory of the device that is copied as a whole. */
  private static final class Block {
    private final DeviceMemory device;
    private final int size;
    private int used;

    Block(CudaKernels kernels, int size) {
      this.size = size;
      device = kernels.floats(size);
    }

    DeviceMemory part(int count) {
      DeviceMemory part = device(used, count);
      used += count;
      return part;
    }

    DeviceMemory device(int from, int count) {
      return floats(device, from, count);
    }
  }

  /** A network's activations for a number of rows, and the products of its layers. */
  private final class Stack {
    final int depth;
    final DeviceMemory[] y;
    final @Nullable DeviceMemory[] z;
    final DeviceMemory[] delta; // dL/dz of each layer but the last
    private final Network network;
    private final List<MlpLayout.Layer> layers;
    private final int rows;

    Stack(Network network, int rows, DeviceMemory output) {
      this.network = network;
      this.rows = rows;
      layers = MlpLayout.of((Mlp) network.spec()).layers();
      depth = layers.size();
      y = new DeviceMemory[depth];
      z = new DeviceMemory[depth];
      delta = new DeviceMemory[depth];
      for (int l = 0; l < depth; l++) {
        long size = (long) rows * layers.get(l).outputs();
        y[l] = l == depth - 1 ? output : kernels.floats(size);
        delta[l] = l == depth - 1 ? output : kernels.floats(size);
        z[l] =
            Activations.needsPreActivation(layers.get(l).activation())
                ? kernels.floats(size)
                : null;
      }
    }

    int in(int l) {
      return layers.get(l).inputs();
    }

    private int out(int l) {
      return layers.get(l).outputs();
    }

    DeviceMemory part(int l, int from, int count) {
      return floats(y[l], from * out(l), count * out(l));
    }

    private DeviceMemory weights(Tensor vector, int l) {
      return floats(vector.device(kernels), layers.get(l).weights(), in(l) * out(l));
    }

    private DeviceMemory biases(Tensor vector, int l) {
      return floats(vector.device(kernels), layers.get(l).biases(), out(l));
    }

    Product forward(int l, DeviceMemory input, int ld) {
      return l == 0 ? forward(0, input, ld, rows, y[0]) : forward(l, y[l - 1], in(l), rows, y[l]);
    }

    Product forward(int l, DeviceMemory input, int ld, int count, DeviceMemory to) {
      Product product =
          new Product()
              .shape(count, out(l), in(l))
              .a(input, ld, false)
              .b(weights(network.parameters(), l), in(l), true)
              .c(to, out(l))
              .bias(biases(network.parameters(), l));
      if (layers.get(l).activation() != Activation.IDENTITY) {
        DeviceMemory pre = z[l];
        if (pre != null && to != y[l]) { // a part of the rows
          long offset = to.address() - y[l].address();
          pre = pre.slice(offset, to.bytes());
        }
        product.activate(layers.get(l).activation().ordinal(), pre);
      }
      return product;
    }

    /** dL/dW and dL/db of the rows from {@code from} on, in place of the network's gradient. */
    Product toWeights(int l, DeviceMemory dz, DeviceMemory input, int ld, int from, int count) {
      DeviceMemory in = l == 0 ? input : part(l - 1, from, count);
      Tensor gradient = network.gradient();
      return new Product()
          .shape(out(l), in(l), count)
          .a(dz, out(l), true)
          .b(in, l == 0 ? ld : in(l), false)
          .c(weights(gradient, l), in(l))
          .sums(biases(gradient, l));
    }

    /** dL/dz of the layer below. */
    Product toInput(int l, DeviceMemory dz, int from, int count) {
      Activation below = layers.get(l - 1).activation();
      Product product =
          new Product()
              .shape(count, in(l), out(l))
              .a(dz, out(l), false)
              .b(weights(network.parameters(), l), in(l), false)
              .c(delta[l - 1], in(l));
      if (below != Activation.IDENTITY) {
        DeviceMemory pre = z[l - 1];
        product.differentiate(
            below.ordinal(),
            part(l - 1, from, count),
            pre == null ? null : floats(pre, from * in(l), count * in(l)));
      }
      return product;
    }

    /** dL/dx of some columns of the input. */
    Product toColumns(DeviceMemory dz, int count, int from, int columns, DeviceMemory to) {
      DeviceMemory w = weights(network.parameters(), 0);
      return new Product()
          .shape(count, columns, out(0))
          .a(dz, out(0), false)
          .b(w.slice(4L * from, w.bytes() - 4L * from), in(0), false)
          .c(to, columns);
    }
  }
}
