package org.deeprl4j.nn.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The arithmetic of networks on a device: kernels.cu, cuBLAS where a product is large, and copies
 * through pinned memory. Everything runs in the order of the calls; nothing but {@link #read} and
 * {@link #dot} waits for it. The same calls on the same device give the same bits.
 *
 * <p>There is one for each device in a process, shared by all who open it and safe for several
 * threads; the last one to close it gives the device back.
 */
public final class CudaKernels implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CudaKernels.class);

  /** Products of this many multiply-adds and more are cuBLAS's, where it is there. */
  private static final long BLAS_WORK = 1L << 27;

  /**
   * From so many tiles of 128 on they are quicker than tiles of 32, which are sixteen times more.
   */
  private static final int LARGE_TILES = 256;

  private static final int MOST_PRODUCTS = 8;
  private static final int MOST_DESCENTS = 8;
  private static final int PRODUCT_THREADS = 256;
  private static final int THREADS = 256;
  private static final int MOST_BLOCKS = 1024;
  private static final int DOT_BLOCKS = 256;
  private static final int DOT_ELEMENTS = 2048; // at least so many for each of those blocks

  /** Rows and elements that a block samples. */
  private static final int SAMPLED_ROWS = 16;

  private static final int SAMPLED_TERMS = 1024;
  private static final int STAGED_FLOATS = 1 << 20;

  private static final Map<Integer, CudaKernels> OPEN = new HashMap<>();

  private final CudaDevice device;
  private final @Nullable CudaBlas blas;
  private final String libraries;
  private final PinnedMemory sent;
  private final PinnedMemory received;
  private final DeviceMemory partial;
  private final Map<String, KernelLaunch> launches = new HashMap<>();
  private final CudaModule module;
  private int staged; // floats of `sent` that copies under way may still read
  private int users;

  private CudaKernels(CudaDevice device) {
    this.device = device;
    module = device.compile("kernels.cu", source());
    CudaBlas found = null;
    String by = "products by kernels of its own";
    try {
      found = device.blas();
      found.allowTf32(Boolean.getBoolean("org.deeprl4j.cuda.tf32"));
      by = "large products by cuBLAS " + found.version();
    } catch (CudaException e) {
      LOG.warn("Large matrix products are slower without cuBLAS: {}", e.getMessage());
    }
    blas = found;
    libraries = by;
    sent = device.allocatePinned(4L * STAGED_FLOATS);
    received = device.allocatePinned(4L * STAGED_FLOATS);
    partial = device.allocate(8L * (DOT_BLOCKS + 1));
  }

  /**
   * Opens a device, or shares it with those who have.
   *
   * @throws CudaException as {@link CudaDevice#open}, or if the kernels cannot be compiled
   */
  public static CudaKernels open(int ordinal) {
    synchronized (OPEN) {
      CudaKernels kernels = OPEN.get(ordinal);
      if (kernels == null) {
        CudaDevice device = CudaDevice.open(ordinal);
        try {
          kernels = new CudaKernels(device);
        } catch (RuntimeException e) {
          device.close();
          throw e;
        }
        OPEN.put(ordinal, kernels);
      }
      kernels.users++;
      return kernels;
    }
  }

  @Override
  public void close() {
    synchronized (OPEN) {
      if (users > 0 && --users == 0) {
        OPEN.remove(device.ordinal());
        device.close();
      }
    }
  }

  private static String source() {
    try (InputStream in = CudaKernels.class.getResourceAsStream("kernels.cu")) {
      if (in == null) {
        throw new IllegalStateException("kernels.cu is missing beside " + CudaKernels.class);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The device. */
  public CudaDevice device() {
    return device;
  }

  /** One line: the device and what multiplies. */
  public String describe() {
    return device.describe() + ", " + libraries;
  }

  private KernelLaunch launch(String kernel, int bytes) {
    KernelLaunch launch = launches.get(kernel);
    if (launch == null) {
      launch = module.function(kernel).prepare(bytes);
      launches.put(kernel, launch);
    }
    return launch;
  }

  // ---- memory ----

  /** Floats on the device, all 0. */
  public synchronized DeviceMemory floats(long count) {
    DeviceMemory memory = device.allocate(4 * Math.max(1, count));
    device.fill(memory, 0, Math.max(1, count), 0);
    return memory;
  }

  /** Copies to the device. */
  public synchronized void write(float[] from, int fromIndex, int count, DeviceMemory to) {
    int done = 0;
    while (done < count) {
      if (staged == STAGED_FLOATS) {
        synchronize();
      }
      int n = Math.min(count - done, STAGED_FLOATS - staged);
      sent.write(from, fromIndex + done, staged, n);
      device.upload(sent, 4L * staged, to, 4L * done, 4L * n);
      staged += n;
      done += n;
    }
  }

  /** Copies to the host, once all before has run. The array is modified. */
  public synchronized void read(DeviceMemory from, float[] to, int toIndex, int count) {
    int done = 0;
    while (done < count) {
      int n = Math.min(count - done, STAGED_FLOATS);
      device.download(from, 4L * done, received, 0, 4L * n);
      synchronize();
      received.read(0, to, toIndex + done, n);
      done += n;
    }
  }

  /** Waits for all that was started. */
  public synchronized void synchronize() {
    device.synchronize();
    staged = 0;
  }

  // ---- vectors ----

  /** y ← value. */
  public synchronized void fill(DeviceMemory y, int n, float value) {
    device.fill(y, 0, n, Float.floatToRawIntBits(value));
  }

  /** y ← x. */
  public synchronized void copy(DeviceMemory x, DeviceMemory y, int n) {
    device.copy(x, 0, y, 0, 4L * n);
  }

  /** y ← y + α·x. */
  public synchronized void axpy(float alpha, DeviceMemory x, DeviceMemory y, int n) {
    vector("axpy", y, x, n, alpha);
  }

  /** y ← α·y. */
  public synchronized void scale(float alpha, DeviceMemory y, int n) {
    vector("scale", y, y, n, alpha);
  }

  /** y ← y + τ·(x − y). */
  public synchronized void lerp(float tau, DeviceMemory x, DeviceMemory y, int n) {
    vector("lerp", y, x, n, tau);
  }

  private void vector(String kernel, DeviceMemory y, DeviceMemory x, int n, float alpha) {
    requireFloats(y, n);
    requireFloats(x, n);
    if (n > 0) {
      KernelLaunch launch = launch(kernel, 32);
      launch.put(0, y).put(8, x).put(16, (long) n).put(24, alpha);
      launch.grid(blocks(n)).block(THREADS).run();
    }
  }

  private static int blocks(long n) {
    return (int) Math.min((n + THREADS - 1) / THREADS, MOST_BLOCKS);
  }

  private static void requireFloats(DeviceMemory memory, long n) {
    if (n < 0 || 4 * n > memory.bytes()) {
      throw new IllegalArgumentException(n + " floats do not fit: " + memory);
    }
  }

  /** Σ x_i·y_i, in double and in an order that n alone decides. */
  public synchronized double dot(DeviceMemory x, DeviceMemory y, int n) {
    requireFloats(x, n);
    requireFloats(y, n);
    if (n == 0) {
      return 0;
    }
    int blocks = Math.min((n + DOT_ELEMENTS - 1) / DOT_ELEMENTS, DOT_BLOCKS);
    KernelLaunch dot = launch("dot", 32);
    dot.put(0, x).put(8, y).put(16, partial).put(24, (long) n);
    dot.grid(blocks).block(THREADS).run();
    DeviceMemory sum = partial;
    if (blocks > 1) {
      sum = partial.slice(8L * DOT_BLOCKS, 8);
      KernelLaunch total = launch("total", 24);
      total.put(0, partial).put(8, sum).put(16, (long) blocks);
      total.grid(1).block(THREADS).run();
    }
    device.download(sum, 0, received, 0, 8);
    synchronize();
    return received.buffer().getDouble(0);
  }

  // ---- matrices ----

  /**
   * Copies columns from one matrix to another.
   *
   * @param fromLd columns of {@code from}, or 0 to repeat its one row
   */
  public synchronized void copyColumns(
      DeviceMemory from,
      int fromColumn,
      int fromLd,
      DeviceMemory to,
      int toColumn,
      int toLd,
      int rows,
      int columns) {
    requireFloats(from, (rows - 1L) * fromLd + fromColumn + columns);
    requireFloats(to, (rows - 1L) * toLd + toColumn + columns);
    KernelLaunch launch = launch("copy_columns", 40);
    launch.put(0, from).put(8, to);
    launch.put(16, rows).put(20, columns).put(24, fromLd).put(28, toLd);
    launch.put(32, fromColumn).put(36, toColumn);
    launch.grid(blocks((long) rows * columns)).block(THREADS).run();
  }

  /**
   * sums_j ← sums_j + Σ_b x_bj, and products_j ← products_j + Σ_b x_bj·other_bj.
   *
   * @param x [rows, ld], as is {@code other}
   */
  public synchronized void addColumnSums(
      DeviceMemory x,
      @Nullable DeviceMemory other,
      int ld,
      int rows,
      int columns,
      DeviceMemory sums,
      @Nullable DeviceMemory products) {
    columnSums(x, other, ld, rows, columns, sums, products, true);
  }

  private void columnSums(
      DeviceMemory x,
      @Nullable DeviceMemory other,
      int ld,
      int rows,
      int columns,
      DeviceMemory sums,
      @Nullable DeviceMemory products,
      boolean accumulate) {
    Product.requireFits("x", x, rows, columns, ld);
    requireFloats(sums, columns);
    KernelLaunch launch = launch("column_sums", 48);
    launch.put(0, x).put(16, sums);
    if (other != null && products != null) {
      Product.requireFits("the other matrix", other, rows, columns, ld);
      requireFloats(products, columns);
      launch.put(8, other).put(24, products);
    } else {
      launch.putNull(8).putNull(24);
    }
    launch.put(32, rows).put(36, columns).put(40, ld).put(44, accumulate ? 1 : 0);
    launch.grid((columns + 31) / 32).block(256).run();
  }

  /**
   * to ← from∘f′(z).
   *
   * @param f the activation's ordinal
   * @param y f(z)
   * @param z read where f′ needs it
   */
  public synchronized void differentiate(
      int f, DeviceMemory y, @Nullable DeviceMemory z, DeviceMemory from, DeviceMemory to, int n) {
    requireFloats(y, n);
    requireFloats(from, n);
    requireFloats(to, n);
    KernelLaunch launch = launch("differentiate", 48);
    launch.put(0, y).put(16, from).put(24, to).put(32, (long) n).put(40, f);
    launch.putOrNull(8, z);
    launch.grid(blocks(n)).block(THREADS).run();
  }

  /**
   * Layer normalisation of each row: û = (u − mean)/deviation, y = f(g∘û + b).
   *
   * @param normal [rows, n], u. Becomes û.
   * @param inverse [rows]. Receives 1/deviation, 0 where that is 0.
   * @param z [rows, n], receives what f is applied to, or null
   */
  public synchronized void normalise(
      DeviceMemory normal,
      DeviceMemory inverse,
      DeviceMemory gains,
      DeviceMemory biases,
      @Nullable DeviceMemory z,
      DeviceMemory y,
      int rows,
      int n,
      int f) {
    requireFloats(normal, (long) rows * n);
    requireFloats(inverse, rows);
    requireFloats(gains, n);
    requireFloats(biases, n);
    requireFloats(y, (long) rows * n);
    KernelLaunch launch = launch("normalise", 64);
    launch.put(0, normal).put(8, inverse).put(16, gains).put(24, biases).put(40, y);
    launch.putOrNull(32, z);
    launch.put(48, rows).put(52, n).put(56, f);
    launch.grid(rows).block(THREADS).run();
  }

  /** dL/du from dL/dz of {@link #normalise}. */
  public synchronized void normaliseBackward(
      DeviceMemory normal,
      DeviceMemory inverse,
      DeviceMemory gains,
      DeviceMemory from,
      DeviceMemory to,
      int rows,
      int n) {
    KernelLaunch launch = normalisationSlope("normalise_backward", normal, inverse, gains, rows, n);
    requireFloats(from, (long) rows * n);
    requireFloats(to, (long) rows * n);
    launch.put(24, from).put(32, to);
    launch.run();
  }

  /** R{y} from R{u} of {@link #normalise}, given R{g} and R{b}. */
  public synchronized void normaliseDirectional(
      DeviceMemory normal,
      DeviceMemory inverse,
      DeviceMemory gains,
      DeviceMemory tangent,
      DeviceMemory gainMoves,
      DeviceMemory biasMoves,
      DeviceMemory y,
      @Nullable DeviceMemory z,
      int rows,
      int n,
      int f) {
    KernelLaunch launch =
        normalisationSlope("normalise_directional", normal, inverse, gains, rows, n);
    requireFloats(tangent, (long) rows * n);
    requireFloats(y, (long) rows * n);
    requireFloats(gainMoves, n);
    requireFloats(biasMoves, n);
    launch.put(24, tangent).put(32, tangent).put(40, gainMoves).put(48, biasMoves).put(56, y);
    launch.putOrNull(64, z);
    launch.put(80, f);
    launch.run();
  }

  private KernelLaunch normalisationSlope(
      String kernel,
      DeviceMemory normal,
      DeviceMemory inverse,
      DeviceMemory gains,
      int rows,
      int n) {
    requireFloats(normal, (long) rows * n);
    requireFloats(inverse, rows);
    requireFloats(gains, n);
    KernelLaunch launch = launch(kernel, 88);
    launch.put(0, normal).put(8, inverse).put(16, gains).put(72, rows).put(76, n);
    return launch.grid(rows).block(THREADS);
  }

  // ---- products ----

  /**
   * Computes products that do not depend on each other, the small ones in one launch: kernels of
   * one tile a block, cuBLAS from {@value #BLAS_WORK} multiply-adds on. The shapes alone decide.
   */
  public synchronized void multiply(Product... products) {
    int from = 0;
    for (int i = 0; i < products.length; i++) {
      Product product = products[i];
      product.check();
      boolean large = isLarge(product);
      if (large || i - from == MOST_PRODUCTS) {
        small(products, from, i);
        from = i;
      }
      if (large) {
        large(product);
        from = i + 1;
      }
    }
    small(products, from, products.length);
  }

  private boolean isLarge(Product p) {
    return blas != null
        && p.work() >= BLAS_WORK
        && Math.min(p.m, Math.min(p.n, p.k)) >= 64
        && (p.sums == null || p.transposedA);
  }

  private void large(Product p) {
    CudaBlas by = blas;
    DeviceMemory a = p.a;
    DeviceMemory b = p.b;
    DeviceMemory c = p.c;
    if (by == null || a == null || b == null || c == null) {
      throw new IllegalStateException("a product without cuBLAS or without its matrices");
    }
    by.product(
        p.transposedA,
        p.transposedB,
        p.m,
        p.n,
        p.k,
        1,
        a,
        p.lda,
        b,
        p.ldb,
        p.accumulate ? 1 : 0,
        c,
        p.ldc);
    if (p.sums != null) {
      columnSums(a, null, p.lda, p.k, p.m, p.sums, null, p.accumulate);
    }
    if (!p.plain()) {
      KernelLaunch launch = launch("finish", Product.BYTES);
      p.put(launch, 0, 0, 1);
      launch.putNull(48).put(100, 0); // the sums are made, and C is what it was to be added to
      launch.grid((int) (((long) p.m * p.n + THREADS - 1) / THREADS)).block(THREADS).run();
    }
  }

  private void small(Product[] products, int from, int to) {
    if (from == to) {
      return;
    }
    byTiles(tiles(products, from, to, 128) < LARGE_TILES ? 32 : 128, products, from, to);
  }

  /** As {@link #multiply} does with small products, with a tile of 32 or 128. */
  synchronized void multiplyByTiles(int tile, Product... products) {
    byTiles(tile, products, 0, products.length);
  }

  private void byTiles(int tile, Product[] products, int from, int to) {
    String kernel = tile == 32 ? "products32" : "products128";
    KernelLaunch launch = launch(kernel, MOST_PRODUCTS * Product.BYTES + 8);
    int blocks = 0;
    for (int i = from; i < to; i++) {
      Product p = products[i];
      int across = across(p, tile);
      p.put(launch, (i - from) * Product.BYTES, blocks, across);
      blocks += across * ((p.m + tile - 1) / tile);
    }
    launch.put(MOST_PRODUCTS * Product.BYTES, to - from);
    launch.grid(blocks).block(PRODUCT_THREADS).run();
  }

  private static int tiles(Product[] products, int from, int to, int tile) {
    int tiles = 0;
    for (int i = from; i < to; i++) {
      tiles += across(products[i], tile) * ((products[i].m + tile - 1) / tile);
    }
    return tiles;
  }

  /** The sums are one more column. */
  private static int across(Product p, int tile) {
    return (p.n + (p.sums != null ? 1 : 0) + tile - 1) / tile;
  }

  // ---- optimisers ----

  /**
   * Adam's steps on vectors that do not overlap, at most {@value #MOST_DESCENTS}, in one launch.
   */
  public synchronized void adam(Descent... descents) {
    if (descents.length < 1 || descents.length > MOST_DESCENTS) {
      throw new IllegalArgumentException(
          "1 to " + MOST_DESCENTS + " vectors descend together, not " + descents.length);
    }
    KernelLaunch launch = launch("adam", MOST_DESCENTS * Descent.BYTES);
    int longest = 1;
    for (int i = 0; i < descents.length; i++) {
      descents[i].put(launch, i * Descent.BYTES);
      longest = Math.max(longest, descents[i].n);
    }
    launch.grid(blocks(longest), descents.length, 1).block(THREADS).run();
  }

  /** RMSProp's step; the decay is the descent's beta2 and the mean squares its second moments. */
  public synchronized void rmsProp(Descent descent) {
    KernelLaunch launch = launch("rmsprop", Descent.BYTES);
    descent.put(launch, 0);
    launch.grid(blocks(descent.n)).block(THREADS).run();
  }

  // ---- soft actor-critic ----

  /**
   * Actions a = tanh(μ + σε) and their log π, of B rows at s′ and then B at s, with the inputs of
   * critics that they belong to.
   *
   * @param z [2B, 2n], [μ | log σ]
   * @param noise ε, [2B, n]
   * @param taken receives a, [2B, n]
   * @param logProbs receives log π, [2B]
   * @param x [B, s | ·]
   * @param next [B, s′ | a′], receives a′
   * @param policy receives [B, s | a]
   */
  public synchronized void sacSample(
      DeviceMemory z,
      DeviceMemory noise,
      DeviceMemory taken,
      DeviceMemory logProbs,
      DeviceMemory x,
      DeviceMemory next,
      DeviceMemory policy,
      int rows,
      int n,
      int observation) {
    if (n > SAMPLED_TERMS) {
      throw new IllegalArgumentException(
          "actions have at most " + SAMPLED_TERMS + " components, not " + n);
    }
    requireFloats(z, 4L * rows * n);
    requireFloats(noise, 2L * rows * n);
    requireFloats(taken, 2L * rows * n);
    requireFloats(logProbs, 2L * rows);
    for (DeviceMemory input : new DeviceMemory[] {x, next, policy}) {
      requireFloats(input, (long) rows * (observation + n));
    }
    int rowsPerBlock = Math.min(SAMPLED_ROWS, SAMPLED_TERMS / n);
    KernelLaunch launch = launch("sac_sample", 72);
    launch.put(0, z).put(8, noise).put(16, taken).put(24, logProbs);
    launch.put(32, x).put(40, next).put(48, policy);
    launch.put(56, rows).put(60, n).put(64, observation).put(68, rowsPerBlock);
    launch.grid((2 * rows + rowsPerBlock - 1) / rowsPerBlock).block(THREADS).run();
  }

  /**
   * The critics' losses Ê[½ w (Q_i − y)²] with y = r + γ(min_i Q′_i − α log π).
   *
   * @param values Q_i(s, a), [C, B]
   * @param targets Q′_i(s′, a′), [C, B]
   * @param gradients receives dL_i/dQ_i, [C, B]
   * @param temperature [log α, …]
   * @param y receives y, [B]
   * @param errors receives |Q_i − y|, averaged over i, [B]
   * @param metrics receives the losses and the mean values, [2C]
   */
  public synchronized void sacCriticLoss(
      DeviceMemory values,
      DeviceMemory targets,
      DeviceMemory gradients,
      DeviceMemory logProbs,
      DeviceMemory rewards,
      DeviceMemory discounts,
      DeviceMemory weights,
      DeviceMemory temperature,
      DeviceMemory y,
      DeviceMemory errors,
      DeviceMemory metrics,
      int rows,
      int critics) {
    for (DeviceMemory each : new DeviceMemory[] {values, targets, gradients}) {
      requireFloats(each, (long) critics * rows);
    }
    for (DeviceMemory each :
        new DeviceMemory[] {logProbs, rewards, discounts, weights, y, errors}) {
      requireFloats(each, rows);
    }
    requireFloats(metrics, 2L * critics);
    KernelLaunch launch = launch("sac_critic_loss", 96);
    launch.put(0, values).put(8, targets).put(16, gradients).put(24, logProbs);
    launch.put(32, rewards).put(40, discounts).put(48, weights).put(56, temperature);
    launch.put(64, y).put(72, errors).put(80, metrics).put(88, rows).put(92, critics);
    launch.grid(1).block(THREADS).run();
  }

  /**
   * The actor's loss Ê[α log π − min_i Q_i], and Adam's step on log α.
   *
   * @param values Q_i, [C, B]
   * @param seeds receives 1 for the least Q_i of a row and 0 for the others, [C, B]
   * @param temperature [log α, its moments, α before], [4]. Modified.
   * @param rates [2], or null to leave α alone
   * @param metrics receives the loss, the entropy, α and its loss, [4]
   */
  public synchronized void sacActorLoss(
      DeviceMemory values,
      DeviceMemory seeds,
      DeviceMemory logProbs,
      DeviceMemory temperature,
      @Nullable DeviceMemory rates,
      DeviceMemory metrics,
      int rows,
      int critics,
      float targetEntropy,
      float beta1,
      float beta2) {
    requireFloats(values, (long) critics * rows);
    requireFloats(seeds, (long) critics * rows);
    requireFloats(logProbs, rows);
    requireFloats(temperature, 4);
    requireFloats(metrics, 4);
    KernelLaunch launch = launch("sac_actor_loss", 72);
    launch.put(0, values).put(8, seeds).put(16, logProbs).put(24, temperature);
    launch.putOrNull(32, rates).put(40, metrics).put(48, rows).put(52, critics);
    launch.put(56, targetEntropy).put(60, beta1).put(64, beta2);
    launch.grid(1).block(THREADS).run();
  }

  /**
   * The actor's loss by z.
   *
   * @param z [B, 2n], as are {@code noise} and {@code taken}: those at s
   * @param slopes [C, B, n], ∂(the least Q)/∂a, 0 for the other critics
   * @param gradient receives dJ/dz, [B, 2n]
   */
  public synchronized void sacActorGradient(
      DeviceMemory z,
      DeviceMemory noise,
      DeviceMemory taken,
      DeviceMemory slopes,
      DeviceMemory temperature,
      DeviceMemory gradient,
      int rows,
      int critics,
      int n) {
    requireFloats(z, 2L * rows * n);
    requireFloats(noise, (long) rows * n);
    requireFloats(taken, (long) rows * n);
    requireFloats(slopes, (long) critics * rows * n);
    requireFloats(temperature, 4);
    requireFloats(gradient, 2L * rows * n);
    KernelLaunch launch = launch("sac_actor_gradient", 64);
    launch.put(0, z).put(8, noise).put(16, taken).put(24, slopes).put(32, temperature);
    launch.put(40, gradient).put(48, rows).put(52, critics).put(56, n);
    launch.grid(blocks((long) rows * n)).block(THREADS).run();
  }
}
