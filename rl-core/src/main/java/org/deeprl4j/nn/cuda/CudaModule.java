package org.deeprl4j.nn.cuda;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compiled kernels, loaded on a device. They are unloaded when the device is closed. */
public final class CudaModule {
  private static final Logger LOG = LoggerFactory.getLogger(CudaModule.class);

  private final CudaDevice device;
  private final String name;
  private final String compiledBy;
  private final long handle;

  private CudaModule(CudaDevice device, String name, String compiledBy, long handle) {
    this.device = device;
    this.name = name;
    this.compiledBy = compiledBy;
    this.handle = handle;
  }

  static CudaModule compile(CudaDevice device, String name, String source, List<String> options) {
    KernelCompiler compiler = KernelCompiler.of(device);
    List<String> all = compiler.options(options);
    ImageCache cache = ImageCache.ofUser();
    String key = ImageCache.key(compiler.version(), all, source);
    byte @Nullable [] image = cache.read(key);
    if (image != null) {
      long[] module = new long[1];
      int error = Driver.cuModuleLoadData(module, image);
      if (error == 0) {
        LOG.debug("{}: from {}", name, cache.file(key));
        return loaded(device, name, compiler, all, module[0]);
      }
      if (!isImagesFault(error)) {
        device.check(error, "cuModuleLoadData of " + name);
      }
      LOG.debug("{}: {} is of no use: {}", name, cache.file(key), Driver.describe(error));
    }
    long start = System.nanoTime();
    image = compiler.compile(name, source, all);
    LOG.debug("{}: compiled in {} ms", name, (System.nanoTime() - start) / 1_000_000);
    long[] module = new long[1];
    int error = Driver.cuModuleLoadData(module, image);
    if (isImagesFault(error)) {
      throw new CudaException(
          device.describe()
              + " cannot run what "
              + compiler.version()
              + " makes ("
              + Driver.describe(error)
              + "); install a newer driver, or NVRTC of CUDA "
              + Driver.version(device.driverVersion()));
    }
    device.check(error, "cuModuleLoadData of " + name);
    cache.write(key, image);
    return loaded(device, name, compiler, all, module[0]);
  }

  private static CudaModule loaded(
      CudaDevice device, String name, KernelCompiler compiler, List<String> options, long module) {
    device.add(() -> Driver.cuModuleUnload(module));
    String compiledBy = compiler.version() + " " + String.join(" ", options);
    return new CudaModule(device, name, compiledBy, module);
  }

  private static boolean isImagesFault(int error) {
    return switch (error) {
      case Driver.INVALID_IMAGE,
          Driver.NO_BINARY_FOR_GPU,
          Driver.INVALID_PTX,
          Driver.UNSUPPORTED_PTX_VERSION ->
          true;
      default -> false;
    };
  }

  /** The compiler with its version and all options. */
  public String compiledBy() {
    return compiledBy;
  }

  /**
   * A kernel.
   *
   * @param kernel its name in the source
   * @throws CudaException if there is none of that name
   */
  public CudaFunction function(String kernel) {
    device.enter();
    long[] function = new long[1];
    int error = Driver.cuModuleGetFunction(function, handle, kernel);
    if (error == Driver.NOT_FOUND) {
      throw new CudaException(name + " has no kernel " + kernel);
    }
    device.check(error, "cuModuleGetFunction of " + kernel);
    return new CudaFunction(device, kernel, function[0]);
  }
}
