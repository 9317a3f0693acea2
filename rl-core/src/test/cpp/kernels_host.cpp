// The kernels on the host: shim_launch runs one by its name on the bytes a driver would hand over.
#include "shim.h"

#include "kernels.cu"

#define KERNELS(X) \
  X(products32) X(products128) X(finish) X(fill) X(axpy) X(scale) X(lerp) X(dot) X(total) \
  X(copy_columns) X(column_sums) X(differentiate) X(normalise) X(normalise_backward) X(normalise_directional) \
  X(adam) X(rmsprop) X(sac_sample) X(sac_critic_loss) X(sac_actor_loss) X(sac_actor_gradient)

// 0: done; 1: no such kernel; 2: the arguments' size is not the kernel's; 3: the block's threads block each other.
extern "C" int shim_launch(
    const char* name,
    unsigned gridX, unsigned gridY, unsigned gridZ,
    unsigned blockX, unsigned blockY, unsigned blockZ,
    unsigned sharedBytes, const void* arguments, size_t bytes) {
  if (gridZ != 1 || blockY != 1 || blockZ != 1 || sharedBytes != 0 || gridX == 0 || gridY == 0 || blockX == 0) {
    return 2;
  }
#define TRY(kernel) \
  if (strcmp(name, #kernel) == 0) { \
    if (bytes != shim::size(kernel)) { \
      fprintf(stderr, "%s takes %zu bytes of arguments, not %zu\n", name, shim::size(kernel), bytes); \
      return 2; \
    } \
    return shim::launch(kernel, gridX, gridY, blockX, arguments) ? 0 : 3; \
  }
  KERNELS(TRY)
  return 1;
}

// The size of a kernel's structure, 0 where there is no such kernel.
extern "C" size_t shim_size(const char* name) {
#define SIZE(kernel) \
  if (strcmp(name, #kernel) == 0) { \
    return shim::size(kernel); \
  }
  KERNELS(SIZE)
  return 0;
}
