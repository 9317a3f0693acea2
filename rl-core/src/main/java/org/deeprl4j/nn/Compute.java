package org.deeprl4j.nn;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeprl4j.memory.Heap;
import org.deeprl4j.nn.cuda.CudaDevice;
import org.deeprl4j.nn.cuda.CudaException;
import org.deeprl4j.nn.cuda.CudaKernels;
import org.deeprl4j.random.Rng;
import org.deeprl4j.threads.Workers;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where and how networks run: the kernels and the threads. Results do not depend on the number of
 * threads: work is cut by the batch's shape and reduced in a fixed order.
 */
public final class Compute implements AutoCloseable {
  /** The implementations of the network kernels. */
  public enum Kernels {
    /**
     * ND4J where its CUDA backend is on the class path, else the first available one of the next
     * three; with an NVIDIA GPU, CUDA for networks of {@value Compute#WIDE} weights and more.
     */
    AUTO,
    /** Java's Vector API on the host; needs {@code --add-modules jdk.incubator.vector}. */
    VECTOR,
    /** OpenBLAS on the host, through nd4j-native's library. */
    BLAS,
    /** Plain Java on the host: slower, but without any library or option of the JVM. */
    JAVA,
    /** ND4J operations on whatever backend is on the class path, CUDA included. */
    ND4J,
    /** Kernels of this library on an NVIDIA GPU; needs a driver for CUDA 12 or newer, and NVRTC. */
    CUDA
  }

  /** The weights of a network, all layers together, from which AUTO puts it on a GPU. */
  static final int WIDE = 1 << 16;

  private static final Logger LOG = LoggerFactory.getLogger(Compute.class);

  /**
   * From so many multiply-adds on, some five microseconds on one core, work is shared with helpers
   * that are awake: handing it over costs one or two.
   */
  private static final long SHARED = 200_000;

  /** From so many on, helpers are woken, which takes them some tens of microseconds. */
  private static final long WAKING = 1_000_000;

  private final Kernels kind;
  private final @Nullable HostKernels host;
  private final @Nullable CudaKernels cuda;
  private final int threads;
  private final Workers workers;
  private final Tensor prototype;

  // Of AUTO where there may be a GPU: where wide networks are made, once there is one.
  private @Nullable Compute device;
  private boolean deviceRefused;
  private boolean closed;

  private static final int MOST_THREADS = 1024;

  /** The most parameters of a network: 256 million, a gigabyte. */
  public static final int MOST_PARAMETERS = 1 << 28;

  /** From so many elements on, it is asked whether there is room for them. */
  private static final int LARGE = 1 << 22;

  private Compute(
      Kernels kind, @Nullable HostKernels host, @Nullable CudaKernels cuda, int threads) {
    this.kind = kind;
    this.host = host;
    this.cuda = cuda;
    this.threads = threads;
    // ND4J runs on threads of its own, or on a device.
    workers = new Workers("rl-worker", host != null ? threads - 1 : 0);
    prototype =
        host != null
            ? Tensor.host(0, 1)
            : cuda != null ? Tensor.cuda(cuda, 0, 1) : Tensor.nd4j(DataType.FLOAT, 0, 1);
  }

  /**
   * Chooses kernels and threads.
   *
   * @param threads in [1, 1024]; more than the work can use are left alone
   * @throws IllegalStateException if the kernels asked for are not available
   * @throws CudaException if CUDA is asked for, and the driver, a library, the device or its memory
   *     is not there
   */
  public static Compute create(Kernels kernels, int threads) {
    if (threads < 1 || threads > MOST_THREADS) {
      throw new IllegalArgumentException(
          "threads must be in [1, " + MOST_THREADS + "], not " + threads);
    }
    boolean vector = hasVectors();
    return switch (kernels) {
      case VECTOR -> {
        if (!vector) {
          throw new IllegalStateException(
              "the VECTOR kernels need the JVM option --add-modules jdk.incubator.vector");
        }
        yield new Compute(Kernels.VECTOR, new VectorKernels(), null, threads);
      }
      case BLAS -> new Compute(Kernels.BLAS, new BlasKernels(), null, threads);
      case JAVA -> new Compute(Kernels.JAVA, new JavaKernels(), null, threads);
      case ND4J -> new Compute(Kernels.ND4J, null, null, threads);
      case CUDA ->
          new Compute(
              Kernels.CUDA,
              null,
              CudaKernels.open(Integer.getInteger("org.deeprl4j.cuda.device", 0)),
              threads);
      case AUTO -> {
        if (isPresent("org.nd4j.linalg.jcublas.JCublasBackend")) {
          yield create(Kernels.ND4J, threads); // somebody put CUDA on the class path
        }
        if (vector) {
          Kernels kind = CudaDevice.mayBePresent() ? Kernels.AUTO : Kernels.VECTOR;
          yield new Compute(kind, new VectorKernels(), null, threads);
        }
        LOG.info("Networks run faster with the JVM option --add-modules jdk.incubator.vector.");
        yield create(BlasKernels.available() ? Kernels.BLAS : Kernels.ND4J, threads);
      }
    };
  }

  /** One thread of the fastest kernels that need nothing but the JVM: VECTOR, otherwise JAVA. */
  public static Compute light() {
    return create(hasVectors() ? Kernels.VECTOR : Kernels.JAVA, 1);
  }

  private static boolean hasVectors() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  /** The fastest kernels that are available, on all cores. */
  public static Compute auto() {
    return create(Kernels.AUTO, Runtime.getRuntime().availableProcessors());
  }

  private static boolean isPresent(String className) {
    try {
      Class.forName(className, false, Compute.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /**
   * The kernels in use: {@link Kernels#AUTO} only where there may be a GPU, as each network's size
   * decides then.
   */
  public Kernels kernels() {
    return kind;
  }

  /** The number of threads that work may use. */
  public int threads() {
    return threads;
  }

  /** One line that says which kernels, BLAS core, vector width and threads run. */
  public String describe() {
    CudaKernels on = cuda;
    if (on != null) {
      return on.describe();
    }
    String name = host != null ? host.describe() : "ND4J operations on " + backend();
    String wide = kind == Kernels.AUTO ? ", wide networks on a GPU" : "";
    return name + ", " + threads + (threads == 1 ? " thread" : " threads") + wide;
  }

  private static String backend() {
    return Nd4j.getBackend().getClass().getSimpleName();
  }

  /**
   * A zero matrix at the kernels' home.
   *
   * @throws IllegalArgumentException if the heap has no room for it
   */
  public Tensor tensor(int rows, int columns) {
    if ((double) rows * columns > LARGE && host != null) {
      Heap.require(
          "a batch of %d rows of %d numbers".formatted(rows, columns),
          (double) rows * columns,
          (double) Float.BYTES * rows * columns,
          "lower batchSize or environments, or make observations or actions smaller");
    }
    return prototype.like(rows, columns);
  }

  /**
   * The network that a description says, with parameters drawn from {@code random}.
   *
   * @throws IllegalArgumentException if it has more than {@link #MOST_PARAMETERS} or more than the
   *     heap has room for
   */
  public Network network(NetworkSpec spec, Rng random) {
    return build(spec, random);
  }

  /**
   * The network that a description says, for parameters that are loaded next: they are not drawn.
   */
  public Network network(NetworkSpec spec) {
    return build(spec, null);
  }

  private Network build(NetworkSpec spec, @Nullable Rng random) {
    requireRoom(spec);
    Compute onDevice = kind == Kernels.AUTO && weights(spec) >= WIDE ? device() : null;
    if (onDevice != null) {
      return onDevice.build(spec, random);
    }
    if (spec instanceof Mlp mlp) {
      return dense(mlp, random);
    }
    if (spec instanceof NetworkSpec.Constant constant) {
      return new ConstantNetwork(constant, prototype);
    }
    if (spec instanceof NetworkSpec.SideBySide sideBySide) {
      return sideBySide(
          sideBySide.parts().stream().map(part -> build(part, random)).toArray(Network[]::new));
    }
    if (spec instanceof NetworkSpec.Stacked stacked) {
      return new StackedNetwork(
          prototype,
          build(stacked.body(), random),
          build(stacked.head(), random),
          stacked.features());
    }
    if (spec instanceof NetworkSpec.Parallel parallel) {
      return new ParallelNetwork(
          parallel,
          prototype,
          parallel.parts().stream()
              .map(part -> part instanceof NetworkSpec.Identity ? null : build(part, random))
              .toArray(Network[]::new));
    }
    if (spec instanceof NetworkSpec.Convolution convolution) {
      return new ConvolutionNetwork(this, onHost(), convolution, prototype, random);
    }
    if (spec instanceof NetworkSpec.Lstm lstm) {
      return new LstmNetwork(this, onHost(), lstm, prototype, random);
    }
    if (spec instanceof NetworkSpec.Identity) {
      throw new IllegalArgumentException(
          "columns pass unchanged beside a network only, as a part of Parallel, not alone");
    }
    return new Dl4jNetwork((NetworkSpec.Dl4j) spec, prototype, random);
  }

  /** The kernels of networks that run on the host, whatever the others do. */
  private HostKernels onHost() {
    return host != null ? host : hasVectors() ? new VectorKernels() : new JavaKernels();
  }

  /** A dense network with parameters drawn from {@code random}. */
  public Network network(Mlp mlp, Rng random) {
    return network((NetworkSpec) mlp, random);
  }

  private void requireRoom(NetworkSpec spec) {
    String advice = "lower hidden or lstmUnits, or make observations or actions smaller";
    long parameters;
    try {
      parameters = spec.parameterCount();
    } catch (ArithmeticException e) {
      parameters = Integer.MAX_VALUE; // or more
    }
    String what =
        "a network of %d inputs, %d outputs and %d parameters"
            .formatted(spec.inputs(), spec.outputs(), parameters);
    if (parameters > MOST_PARAMETERS) {
      throw new IllegalArgumentException(
          "%s is too large, more than %d: %s".formatted(what, MOST_PARAMETERS, advice));
    }
    // Parameters, their working copy, the gradient and an optimiser's two moments.
    Heap.require(what, parameters, host != null ? 5.0 * Float.BYTES * parameters : 0, advice);
  }

  private Network dense(Mlp mlp, @Nullable Rng random) {
    if (host != null) {
      return new DenseNetwork(this, host, mlp, random);
    }
    CudaKernels on = cuda;
    if (on != null) {
      return new CudaDenseNetwork(on, mlp, random);
    }
    return new Nd4jDenseNetwork(mlp, DataType.FLOAT, random);
  }

  /**
   * A network described by DL4J: on the fused kernels if it is a dense stack, else on DL4J itself.
   *
   * @throws IllegalArgumentException as {@link Dl4jModels#describe}
   */
  public Network network(MultiLayerConfiguration configuration, Rng random) {
    return network(Dl4jModels.describe(configuration), random);
  }

  /**
   * Networks of the same input as one: outputs side by side, parameters one after the other in one
   * flat vector. The parts share its memory from then on.
   */
  public Network sideBySide(Network... parts) {
    Tensor like = kind == Kernels.AUTO ? parts[0].parameters() : prototype;
    return new SideBySideNetwork(this, like, parts);
  }

  /**
   * Runs independent tasks, on several threads where there are; returns when all are done. Calls
   * from within a task run one after the other.
   */
  public void run(Runnable... tasks) {
    workers.run(true, tasks);
  }

  /**
   * Runs independent tasks, side by side where there is enough to do.
   *
   * @param multiplyAdds how much they have to do together
   */
  void run(long multiplyAdds, Runnable... tasks) {
    if (multiplyAdds < SHARED) {
      for (Runnable task : tasks) {
        task.run();
      }
    } else {
      workers.run(multiplyAdds >= WAKING, tasks);
    }
  }

  /** The weights of a network that a GPU would take: of dense layers and nothing else. */
  private static long weights(NetworkSpec spec) {
    return isDense(spec) ? spec.parameterCount() : 0;
  }

  private static boolean isDense(NetworkSpec spec) {
    if (spec instanceof NetworkSpec.SideBySide sideBySide) {
      return sideBySide.parts().stream().allMatch(Compute::isDense);
    }
    if (spec instanceof NetworkSpec.Stacked stacked) {
      return isDense(stacked.body()) && isDense(stacked.head());
    }
    return spec instanceof Mlp || spec instanceof NetworkSpec.Constant;
  }

  private synchronized @Nullable Compute device() {
    if (device == null && !deviceRefused) {
      try {
        device = create(Kernels.CUDA, threads);
      } catch (CudaException e) {
        deviceRefused = true;
        LOG.info("Wide networks stay on the CPU: {}", e.getMessage());
      }
    }
    return device;
  }

  @Override
  public synchronized void close() {
    workers.close();
    Compute onDevice = device;
    if (onDevice != null) {
      onDevice.close();
      device = null;
      deviceRefused = true;
    }
    CudaKernels on = cuda;
    if (on != null && !closed) {
      on.close();
    }
    closed = true;
  }
}
