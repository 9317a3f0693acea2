// What CUDA C has beyond C++, for the host: the kernels' text compiles unchanged, and runs.
//
// Blocks run one after the other. A block's threads are fibers of one host thread, in the order 0, 1, 2, ... or
// backwards (SHIM_BACKWARDS=1), which must not change a bit; a barrier lets a fiber wait until all have come. A
// kernel whose threads wait for different barriers would stand still, and is reported.
#pragma once

#undef _FORTIFY_SOURCE // its longjmp knows one stack only

#include <setjmp.h>
#include <ucontext.h>

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <tuple>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

#define __global__
#define __device__ static inline
#define __shared__ static
#define __align__(n) __attribute__((aligned(n)))
#define __launch_bounds__(...)

struct alignas(16) float4 {
  float x, y, z, w;
};

struct Index {
  unsigned x, y, z;
};

static Index threadIdx, blockIdx, blockDim, gridDim;

static inline int min(int a, int b) { return a < b ? a : b; }
static inline int max(int a, int b) { return a > b ? a : b; }

namespace shim {

struct Fiber {
  jmp_buf context;
  ucontext_t start;
  char* stack = nullptr;
  void* fake = nullptr;
  bool started = false;
  bool done = false;
  bool waiting = false;
};

static const size_t STACK = 64 * 1024;
static jmp_buf scheduler;
[[maybe_unused]] static void* schedulerFake = nullptr;
[[maybe_unused]] static const void* schedulerBottom = nullptr;
[[maybe_unused]] static size_t schedulerSize = 0;
static Fiber* current = nullptr;
static void (*body)(const void*) = nullptr;
static const void* arguments = nullptr;

static inline void arriving(void* fake) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake, &schedulerBottom, &schedulerSize);
#else
  (void) fake;
#endif
}

static inline void toScheduler() {
  Fiber* me = current;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&me->fake, schedulerBottom, schedulerSize);
#endif
  if (_setjmp(me->context) == 0) {
    _longjmp(scheduler, 1);
  }
  arriving(current->fake);
}

// A fiber runs one thread after the other.
static void enter() {
  arriving(nullptr);
  for (;;) {
    body(arguments);
    current->done = true;
    toScheduler();
  }
}

static inline void toFiber(Fiber* fiber) {
  current = fiber;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&schedulerFake, fiber->stack, STACK);
#endif
  if (_setjmp(scheduler) == 0) {
    if (fiber->started) {
      _longjmp(fiber->context, 1);
    }
    fiber->started = true;
    setcontext(&fiber->start);
  }
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(schedulerFake, nullptr, nullptr);
#endif
}

// Runs one block; false if its threads wait for each other for ever.
static bool block(unsigned threads) {
  static std::vector<Fiber*> fibers; // they stay
  while (fibers.size() < threads) {
    Fiber* fiber = new Fiber;
    fiber->stack = static_cast<char*>(malloc(STACK));
    getcontext(&fiber->start);
    fiber->start.uc_stack.ss_sp = fiber->stack;
    fiber->start.uc_stack.ss_size = STACK;
    fiber->start.uc_link = nullptr;
    makecontext(&fiber->start, enter, 0);
    fibers.push_back(fiber);
  }
  static const bool backwards = getenv("SHIM_BACKWARDS") != nullptr;
  for (unsigned t = 0; t < threads; t++) {
    fibers[t]->done = false;
    fibers[t]->waiting = false;
  }
  for (;;) {
    unsigned done = 0;
    unsigned waiting = 0;
    for (unsigned i = 0; i < threads; i++) {
      unsigned t = backwards ? threads - 1 - i : i;
      Fiber* fiber = fibers[t];
      if (!fiber->done) {
        fiber->waiting = false;
        threadIdx = {t, 0, 0};
        toFiber(fiber);
      }
      done += fiber->done;
      waiting += fiber->waiting;
    }
    if (done == threads) {
      return true;
    }
    if (waiting != threads) {
      return false; // some threads have ended while others wait at a barrier
    }
  }
}

template <class Arguments>
static bool launch(void (*kernel)(Arguments), unsigned blocks, unsigned blocksY, unsigned threads, const void* bytes) {
  static void (*running)(Arguments);
  running = kernel;
  body = [](const void* p) { running(*static_cast<const Arguments*>(p)); };
  alignas(16) static Arguments copy;
  memcpy(static_cast<void*>(&copy), bytes, sizeof(Arguments));
  arguments = &copy;
  gridDim = {blocks, blocksY, 1};
  blockDim = {threads, 1, 1};
  for (unsigned y = 0; y < blocksY; y++) {
    for (unsigned x = 0; x < blocks; x++) {
      blockIdx = {x, y, 0};
      if (!block(threads)) {
        return false;
      }
    }
  }
  return true;
}

template <class Arguments>
static size_t size(void (*)(Arguments)) {
  return sizeof(Arguments);
}

} // namespace shim

static inline void __syncthreads() {
  Index mine = threadIdx;
  shim::current->waiting = true;
  shim::toScheduler();
  threadIdx = mine;
}
