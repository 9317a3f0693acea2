// The part of the CUDA driver, NVRTC and cuBLAS that the library calls, on the host: device memory is malloc'ed,
// work runs when it is started, a graph is a list of what was started. It is strict where a real driver would
// crash, or worse, would not: addresses and handles must be live, copies inside one allocation, the context
// current. Every call can be made to fail, calls are counted, and so is what was not given back.
//
// Kernels come from a second source, compiled through shim.h: shim_launch, shim_size, hidden so that several fakes in
// one process keep to their own. Without one there are none.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

extern "C" {
__attribute__((weak, visibility("hidden"))) int shim_launch(
    const char* name,
    unsigned gridX, unsigned gridY, unsigned gridZ,
    unsigned blockX, unsigned blockY, unsigned blockZ,
    unsigned sharedBytes, const void* arguments, size_t bytes);
// The size of a kernel's structure, 0 where there is no such kernel.
__attribute__((weak, visibility("hidden"))) size_t shim_size(const char* name);
}

namespace {

enum {
  SUCCESS = 0,
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NOT_INITIALIZED = 3,
  NO_DEVICE = 100,
  INVALID_DEVICE = 101,
  INVALID_IMAGE = 200,
  INVALID_CONTEXT = 201,
  NO_BINARY = 209,
  UNSUPPORTED_PTX = 222,
  INVALID_HANDLE = 400,
  NOT_FOUND = 500,
  ILLEGAL_ADDRESS = 700,
  LAUNCH_FAILED = 719,
  CAPTURE_UNSUPPORTED = 900,
  CAPTURE_INVALIDATED = 901
};

const int CAPABILITY_MAJOR = 75;
const int CAPABILITY_MINOR = 76;

struct Module {
  std::set<std::string> kernels;
};

struct Kernel {
  std::string name;
  Module* module;
  int shared = 48 << 10;
};

typedef std::vector<std::function<int()>> Work;

struct Stream {
  bool capturing = false;
  bool invalid = false;
  Work recorded;
};

struct Event {
  bool recorded = false;
  long tick = 0;
};

struct Program {
  std::string source;
  std::string image;
  std::string log;
};

struct Blas {
  Stream* stream = nullptr;
  void* workspace = nullptr;
  size_t bytes = 0;
  int mode = 0;
};

struct Injection {
  std::string call;
  int code;
  int after;
};

// All there is, under one lock.
struct State {
  bool initialized = false;
  int devices = 1;
  int version = 12040;
  int capability = 90;
  std::string name = "Fake GPU";
  size_t total = size_t{1} << 30;
  size_t taken = 0;
  int nvrtcMajor = 12;
  int nvrtcMinor = 4;
  std::vector<int> archs{50, 60, 70, 75, 80, 86, 89, 90};

  int retained = 0;
  int lost = 0;
  long ticks = 0;
  std::map<uintptr_t, size_t> memory;
  std::map<uintptr_t, size_t> pinned;
  std::set<Module*> modules;
  std::set<Kernel*> functions;
  std::set<Stream*> streams;
  std::set<Event*> events;
  std::set<Work*> graphs;
  std::set<Work*> executables;
  std::set<Program*> programs;
  std::set<Blas*> blas;

  std::vector<Injection> injections;
  std::map<std::string, long> calls;
  std::string trace;
};

std::recursive_mutex lock;
State* state = new State;
thread_local bool current = false;

// Never an address of something else.
void* const CONTEXT = &state;

bool sticky(int code) {
  return code == 700 || (code >= 714 && code <= 719);
}

// Counts a call; what it is to fail with, or 0.
int begin(const char* call) {
  state->calls[call]++;
  for (size_t i = 0; i < state->injections.size(); i++) {
    Injection& injection = state->injections[i];
    if (injection.call == call && injection.after-- == 0) {
      int code = injection.code;
      state->injections.erase(state->injections.begin() + static_cast<ptrdiff_t>(i));
      if (strncmp(call, "cu", 2) == 0 && strncmp(call, "cublas", 6) != 0 && sticky(code)) {
        state->lost = code;
      }
      return code;
    }
  }
  return SUCCESS;
}

#define ENTER(call) \
  std::lock_guard<std::recursive_mutex> guard(lock); \
  if (int injected = begin(#call)) { \
    return injected; \
  }

#define ENTER_INITIALIZED(call) \
  ENTER(call) \
  if (!state->initialized) { \
    return NOT_INITIALIZED; \
  }

#define ENTER_CONTEXT(call) \
  ENTER_INITIALIZED(call) \
  if (state->lost) { \
    return state->lost; \
  } \
  if (!current || state->retained == 0) { \
    return INVALID_CONTEXT; \
  }

bool inside(const std::map<uintptr_t, size_t>& ranges, uintptr_t address, size_t bytes) {
  auto after = ranges.upper_bound(address);
  if (after == ranges.begin()) {
    return false;
  }
  --after;
  return address - after->first <= after->second && bytes <= after->second - (address - after->first);
}

bool live(Stream* stream) {
  return state->streams.count(stream) != 0;
}

// Runs work now, or records it.
int start(Stream* stream, std::function<int()> work) {
  if (!live(stream)) {
    return INVALID_HANDLE;
  }
  if (stream->capturing) {
    stream->recorded.push_back(work);
    return SUCCESS;
  }
  return work();
}

// What may not happen while a stream is captured: the capture is spoilt.
bool spoils() {
  bool any = false;
  for (Stream* stream : state->streams) {
    if (stream->capturing) {
      stream->invalid = true;
      any = true;
    }
  }
  return any;
}

int product(
    int transposeA, int transposeB, int m, int n, int k, float alpha, const float* a, int lda, const float* b,
    int ldb, float beta, float* c, int ldc) {
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < m; i++) {
      double sum = 0;
      for (int p = 0; p < k; p++) {
        float x = transposeA ? a[static_cast<size_t>(i) * lda + p] : a[static_cast<size_t>(p) * lda + i];
        float y = transposeB ? b[static_cast<size_t>(p) * ldb + j] : b[static_cast<size_t>(j) * ldb + p];
        sum += static_cast<double>(x) * y;
      }
      float& to = c[static_cast<size_t>(j) * ldc + i];
      to = static_cast<float>(alpha * sum + (beta == 0 ? 0.0 : static_cast<double>(beta) * to));
    }
  }
  return SUCCESS;
}

bool fits(uintptr_t address, int rows, int columns, int ld, long long stride, int count) {
  size_t floats = static_cast<size_t>(stride) * (count - 1) + static_cast<size_t>(columns - 1) * ld + rows;
  return ld >= rows && inside(state->memory, address, 4 * floats);
}

} // namespace

extern "C" {

// ---- for tests ---------------------------------------------------------------------------------------------------

// Everything as at the start. What the program under test still holds is dead from then on.
void fake_reset() {
  std::lock_guard<std::recursive_mutex> guard(lock);
  for (auto& range : state->memory) {
    free(reinterpret_cast<void*>(range.first));
  }
  for (auto& range : state->pinned) {
    free(reinterpret_cast<void*>(range.first));
  }
  delete state;
  state = new State;
}

void fake_machine(int devices, int driverVersion, int capability, long long totalBytes) {
  std::lock_guard<std::recursive_mutex> guard(lock);
  state->devices = devices;
  state->version = driverVersion;
  state->capability = capability;
  state->total = static_cast<size_t>(totalBytes);
}

void fake_compiler(int major, int minor, int oldest, int newest) {
  std::lock_guard<std::recursive_mutex> guard(lock);
  state->nvrtcMajor = major;
  state->nvrtcMinor = minor;
  state->archs = {oldest, newest};
}

// Lets a call fail with a code, once, after so many that do not.
void fake_inject(const char* call, int code, int after) {
  std::lock_guard<std::recursive_mutex> guard(lock);
  state->injections.push_back({call, code, after});
}

// How often a function was called.
int fake_calls(const char* call) {
  std::lock_guard<std::recursive_mutex> guard(lock);
  auto found = state->calls.find(call);
  return found == state->calls.end() ? 0 : static_cast<int>(found->second);
}

// What was not given back, in words; empty if nothing. Valid until the next call.
const char* fake_leaks() {
  std::lock_guard<std::recursive_mutex> guard(lock);
  static std::string text;
  text.clear();
  auto add = [](size_t count, const char* what) {
    if (count != 0) {
      text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + what;
    }
  };
  add(state->memory.size(), "device allocations");
  add(state->pinned.size(), "pinned allocations");
  add(state->modules.size(), "modules");
  add(state->streams.size(), "streams");
  add(state->events.size(), "events");
  add(state->graphs.size(), "graphs");
  add(state->executables.size(), "executable graphs");
  add(state->programs.size(), "programs");
  add(state->blas.size(), "cuBLAS handles");
  add(static_cast<size_t>(state->retained), "contexts");
  return text.c_str();
}

// The launches so far, a line each: name, grid, block, shared memory, bytes of arguments. Valid until the next call.
const char* fake_launches() {
  std::lock_guard<std::recursive_mutex> guard(lock);
  static std::string text;
  text = state->trace;
  return text.c_str();
}

// ---- driver ------------------------------------------------------------------------------------------------------

int cuInit(unsigned) {
  ENTER(cuInit)
  if (state->devices == 0) {
    return NO_DEVICE;
  }
  state->initialized = true;
  return SUCCESS;
}

int cuDriverGetVersion(int* version) {
  ENTER(cuDriverGetVersion)
  *version = state->version;
  return SUCCESS;
}

int cuGetErrorName(int error, const char** text) {
  ENTER(cuGetErrorName)
  static std::map<int, std::string> names;
  std::string& name = names[error];
  switch (error) {
    case SUCCESS: name = "CUDA_SUCCESS"; break;
    case INVALID_VALUE: name = "CUDA_ERROR_INVALID_VALUE"; break;
    case OUT_OF_MEMORY: name = "CUDA_ERROR_OUT_OF_MEMORY"; break;
    case NO_DEVICE: name = "CUDA_ERROR_NO_DEVICE"; break;
    case 700: name = "CUDA_ERROR_ILLEGAL_ADDRESS"; break;
    default: name = "CUDA_ERROR_" + std::to_string(error);
  }
  *text = name.c_str();
  return SUCCESS;
}

int cuGetErrorString(int error, const char** text) {
  ENTER(cuGetErrorString)
  static std::map<int, std::string> texts;
  texts[error] = "what " + std::to_string(error) + " means";
  *text = texts[error].c_str();
  return SUCCESS;
}

int cuDeviceGetCount(int* count) {
  ENTER_INITIALIZED(cuDeviceGetCount)
  *count = state->devices;
  return SUCCESS;
}

int cuDeviceGet(int* device, int ordinal) {
  ENTER_INITIALIZED(cuDeviceGet)
  if (ordinal < 0 || ordinal >= state->devices) {
    return INVALID_DEVICE;
  }
  *device = ordinal;
  return SUCCESS;
}

int cuDeviceGetName(char* name, int length, int) {
  ENTER_INITIALIZED(cuDeviceGetName)
  snprintf(name, static_cast<size_t>(length), "%s", state->name.c_str());
  return SUCCESS;
}

int cuDeviceGetAttribute(int* value, int attribute, int) {
  ENTER_INITIALIZED(cuDeviceGetAttribute)
  switch (attribute) {
    case CAPABILITY_MAJOR: *value = state->capability / 10; return SUCCESS;
    case CAPABILITY_MINOR: *value = state->capability % 10; return SUCCESS;
    case 16: *value = 4; return SUCCESS;
    case 97: *value = 96 << 10; return SUCCESS;
    default: return INVALID_VALUE;
  }
}

int cuDeviceTotalMem_v2(size_t* bytes, int) {
  ENTER_INITIALIZED(cuDeviceTotalMem_v2)
  *bytes = state->total;
  return SUCCESS;
}

int cuDevicePrimaryCtxRetain(void** context, int) {
  ENTER_INITIALIZED(cuDevicePrimaryCtxRetain)
  state->retained++;
  *context = CONTEXT;
  return SUCCESS;
}

int cuDevicePrimaryCtxRelease_v2(int) {
  ENTER_INITIALIZED(cuDevicePrimaryCtxRelease_v2)
  if (state->retained == 0) {
    return INVALID_CONTEXT;
  }
  state->retained--;
  return SUCCESS;
}

int cuCtxSetCurrent(void* context) {
  ENTER_INITIALIZED(cuCtxSetCurrent)
  if (context && context != CONTEXT) {
    return INVALID_CONTEXT;
  }
  current = context != nullptr;
  return SUCCESS;
}

int cuMemGetInfo_v2(size_t* free, size_t* total) {
  ENTER_CONTEXT(cuMemGetInfo_v2)
  *free = state->total - state->taken;
  *total = state->total;
  return SUCCESS;
}

int cuMemAlloc_v2(uintptr_t* address, size_t bytes) {
  ENTER_CONTEXT(cuMemAlloc_v2)
  if (spoils()) {
    return CAPTURE_UNSUPPORTED;
  }
  if (bytes == 0) {
    return INVALID_VALUE;
  }
  if (bytes > state->total - state->taken) {
    return OUT_OF_MEMORY;
  }
  void* memory = malloc(bytes);
  if (!memory) {
    return OUT_OF_MEMORY;
  }
  // What nobody wrote must not happen to be 0: as floats these are NaN. Of large ones the start will do.
  memset(memory, 0xff, bytes < 1 << 20 ? bytes : 1 << 20);
  *address = reinterpret_cast<uintptr_t>(memory);
  state->memory[*address] = bytes;
  state->taken += bytes;
  return SUCCESS;
}

int cuMemFree_v2(uintptr_t address) {
  ENTER_CONTEXT(cuMemFree_v2)
  if (spoils()) {
    return CAPTURE_UNSUPPORTED;
  }
  auto found = state->memory.find(address);
  if (found == state->memory.end()) {
    return INVALID_VALUE;
  }
  state->taken -= found->second;
  free(reinterpret_cast<void*>(address));
  state->memory.erase(found);
  return SUCCESS;
}

int cuMemHostAlloc(void** address, size_t bytes, unsigned) {
  ENTER_CONTEXT(cuMemHostAlloc)
  if (spoils()) {
    return CAPTURE_UNSUPPORTED;
  }
  void* memory = bytes == 0 ? nullptr : malloc(bytes);
  if (!memory) {
    return INVALID_VALUE;
  }
  memset(memory, 0xff, bytes);
  *address = memory;
  state->pinned[reinterpret_cast<uintptr_t>(memory)] = bytes;
  return SUCCESS;
}

int cuMemFreeHost(void* address) {
  ENTER_CONTEXT(cuMemFreeHost)
  auto found = state->pinned.find(reinterpret_cast<uintptr_t>(address));
  if (found == state->pinned.end()) {
    return INVALID_VALUE;
  }
  free(address);
  state->pinned.erase(found);
  return SUCCESS;
}

int cuMemcpyHtoDAsync_v2(uintptr_t to, const void* from, size_t bytes, Stream* stream) {
  ENTER_CONTEXT(cuMemcpyHtoDAsync_v2)
  if (!inside(state->memory, to, bytes) || !inside(state->pinned, reinterpret_cast<uintptr_t>(from), bytes)) {
    return INVALID_VALUE;
  }
  return start(stream, [=] {
    memcpy(reinterpret_cast<void*>(to), from, bytes);
    return SUCCESS;
  });
}

int cuMemcpyDtoHAsync_v2(void* to, uintptr_t from, size_t bytes, Stream* stream) {
  ENTER_CONTEXT(cuMemcpyDtoHAsync_v2)
  if (!inside(state->memory, from, bytes) || !inside(state->pinned, reinterpret_cast<uintptr_t>(to), bytes)) {
    return INVALID_VALUE;
  }
  return start(stream, [=] {
    memcpy(to, reinterpret_cast<void*>(from), bytes);
    return SUCCESS;
  });
}

int cuMemcpyDtoDAsync_v2(uintptr_t to, uintptr_t from, size_t bytes, Stream* stream) {
  ENTER_CONTEXT(cuMemcpyDtoDAsync_v2)
  bool overlap = to < from + bytes && from < to + bytes;
  if (overlap || !inside(state->memory, to, bytes) || !inside(state->memory, from, bytes)) {
    return INVALID_VALUE;
  }
  return start(stream, [=] {
    memcpy(reinterpret_cast<void*>(to), reinterpret_cast<void*>(from), bytes);
    return SUCCESS;
  });
}

int cuMemsetD32Async(uintptr_t to, unsigned value, size_t words, Stream* stream) {
  ENTER_CONTEXT(cuMemsetD32Async)
  if (to % 4 != 0 || !inside(state->memory, to, 4 * words)) {
    return INVALID_VALUE;
  }
  return start(stream, [=] {
    for (size_t i = 0; i < words; i++) {
      memcpy(reinterpret_cast<void*>(to + 4 * i), &value, 4);
    }
    return SUCCESS;
  });
}

int cuStreamCreate(Stream** stream, unsigned) {
  ENTER_CONTEXT(cuStreamCreate)
  *stream = new Stream;
  state->streams.insert(*stream);
  return SUCCESS;
}

int cuStreamDestroy_v2(Stream* stream) {
  ENTER_CONTEXT(cuStreamDestroy_v2)
  if (state->streams.erase(stream) == 0) {
    return INVALID_HANDLE;
  }
  delete stream;
  return SUCCESS;
}

int cuStreamSynchronize(Stream* stream) {
  ENTER_CONTEXT(cuStreamSynchronize)
  if (!live(stream)) {
    return INVALID_HANDLE;
  }
  if (stream->capturing) {
    spoils();
    return CAPTURE_UNSUPPORTED;
  }
  return SUCCESS;
}

int cuStreamBeginCapture_v2(Stream* stream, int) {
  ENTER_CONTEXT(cuStreamBeginCapture_v2)
  if (!live(stream)) {
    return INVALID_HANDLE;
  }
  if (stream->capturing) {
    return INVALID_VALUE;
  }
  stream->capturing = true;
  stream->invalid = false;
  stream->recorded.clear();
  return SUCCESS;
}

int cuStreamEndCapture(Stream* stream, Work** graph) {
  // A capture ends whatever happens.
  if (live(stream)) {
    bool was = stream->capturing;
    stream->capturing = false;
    ENTER_CONTEXT(cuStreamEndCapture)
    *graph = nullptr;
    if (!was) {
      return INVALID_VALUE;
    }
    if (stream->invalid) {
      return CAPTURE_INVALIDATED;
    }
    *graph = new Work(stream->recorded);
    state->graphs.insert(*graph);
    return SUCCESS;
  }
  return INVALID_HANDLE;
}

int cuGraphInstantiateWithFlags(Work** executable, Work* graph, unsigned long long) {
  ENTER_CONTEXT(cuGraphInstantiateWithFlags)
  if (state->graphs.count(graph) == 0) {
    return INVALID_HANDLE;
  }
  *executable = new Work(*graph);
  state->executables.insert(*executable);
  return SUCCESS;
}

int cuGraphLaunch(Work* executable, Stream* stream) {
  ENTER_CONTEXT(cuGraphLaunch)
  if (state->executables.count(executable) == 0) {
    return INVALID_HANDLE;
  }
  for (auto& work : *executable) {
    if (int error = start(stream, work)) {
      return error;
    }
  }
  return SUCCESS;
}

int cuGraphExecDestroy(Work* executable) {
  ENTER_CONTEXT(cuGraphExecDestroy)
  if (state->executables.erase(executable) == 0) {
    return INVALID_HANDLE;
  }
  delete executable;
  return SUCCESS;
}

int cuGraphDestroy(Work* graph) {
  ENTER_CONTEXT(cuGraphDestroy)
  if (state->graphs.erase(graph) == 0) {
    return INVALID_HANDLE;
  }
  delete graph;
  return SUCCESS;
}

int cuEventCreate(Event** event, unsigned) {
  ENTER_CONTEXT(cuEventCreate)
  *event = new Event;
  state->events.insert(*event);
  return SUCCESS;
}

int cuEventRecord(Event* event, Stream* stream) {
  ENTER_CONTEXT(cuEventRecord)
  if (state->events.count(event) == 0 || !live(stream)) {
    return INVALID_HANDLE;
  }
  event->recorded = true;
  event->tick = ++state->ticks;
  return SUCCESS;
}

int cuEventSynchronize(Event* event) {
  ENTER_CONTEXT(cuEventSynchronize)
  return state->events.count(event) == 0 ? INVALID_HANDLE : SUCCESS;
}

int cuEventElapsedTime(float* milliseconds, Event* from, Event* to) {
  ENTER_CONTEXT(cuEventElapsedTime)
  if (state->events.count(from) == 0 || state->events.count(to) == 0 || !from->recorded || !to->recorded) {
    return INVALID_HANDLE;
  }
  *milliseconds = static_cast<float>(to->tick - from->tick);
  return SUCCESS;
}

int cuEventDestroy_v2(Event* event) {
  ENTER_CONTEXT(cuEventDestroy_v2)
  if (state->events.erase(event) == 0) {
    return INVALID_HANDLE;
  }
  delete event;
  return SUCCESS;
}

// An image is "fake sm_90 kernel kernel …", as the compiler below makes it.
int cuModuleLoadData(Module** module, const char* image) {
  ENTER_CONTEXT(cuModuleLoadData)
  std::vector<std::string> words;
  std::string text(image);
  size_t at = 0;
  while (at < text.size()) {
    size_t end = text.find(' ', at);
    end = end == std::string::npos ? text.size() : end;
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  if (words.size() < 2 || words[0] != "fake") {
    return INVALID_IMAGE;
  }
  if (words[1].rfind("sm_", 0) == 0) {
    if (atoi(words[1].c_str() + 3) != state->capability) {
      return NO_BINARY;
    }
  } else {
    if (state->nvrtcMajor * 1000 + state->nvrtcMinor * 10 > state->version) {
      return UNSUPPORTED_PTX;
    }
    if (atoi(words[1].c_str() + 8) > state->capability) {
      return NO_BINARY;
    }
  }
  *module = new Module;
  (*module)->kernels.insert(words.begin() + 2, words.end());
  state->modules.insert(*module);
  return SUCCESS;
}

int cuModuleUnload(Module* module) {
  ENTER_CONTEXT(cuModuleUnload)
  if (state->modules.erase(module) == 0) {
    return INVALID_HANDLE;
  }
  for (auto i = state->functions.begin(); i != state->functions.end();) {
    Kernel* kernel = *i;
    if (kernel->module == module) {
      i = state->functions.erase(i);
      delete kernel;
    } else {
      ++i;
    }
  }
  delete module;
  return SUCCESS;
}

int cuModuleGetFunction(Kernel** function, Module* module, const char* name) {
  ENTER_CONTEXT(cuModuleGetFunction)
  if (state->modules.count(module) == 0) {
    return INVALID_HANDLE;
  }
  if (module->kernels.count(name) == 0 || !shim_size || shim_size(name) == 0) {
    return NOT_FOUND;
  }
  *function = new Kernel;
  (*function)->name = name;
  (*function)->module = module;
  state->functions.insert(*function);
  return SUCCESS;
}

int cuFuncGetAttribute(int* value, int attribute, Kernel* function) {
  ENTER_CONTEXT(cuFuncGetAttribute)
  if (state->functions.count(function) == 0) {
    return INVALID_HANDLE;
  }
  *value = attribute == 0 ? 1024 : function->shared;
  return SUCCESS;
}

int cuFuncSetAttribute(Kernel* function, int attribute, int value) {
  ENTER_CONTEXT(cuFuncSetAttribute)
  if (state->functions.count(function) == 0) {
    return INVALID_HANDLE;
  }
  if (attribute != 8 || value > 96 << 10) {
    return INVALID_VALUE;
  }
  function->shared = value;
  return SUCCESS;
}

int cuFuncGetParamInfo(Kernel* function, size_t index, size_t* offset, size_t* size) {
  ENTER_CONTEXT(cuFuncGetParamInfo)
  if (state->functions.count(function) == 0) {
    return INVALID_HANDLE;
  }
  if (index != 0) {
    return INVALID_VALUE;
  }
  *offset = 0;
  *size = shim_size(function->name.c_str());
  return SUCCESS;
}

int cuLaunchKernel(
    Kernel* function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
    unsigned blockZ, unsigned sharedBytes, Stream* stream, void** arguments, void** extra) {
  ENTER_CONTEXT(cuLaunchKernel)
  if (state->functions.count(function) == 0) {
    return INVALID_HANDLE;
  }
  if (gridX == 0 || gridY == 0 || gridZ == 0 || blockX == 0 || blockY == 0 || blockZ == 0
      || blockX * blockY * blockZ > 1024 || sharedBytes > static_cast<unsigned>(function->shared) || extra
      || !arguments) {
    return INVALID_VALUE;
  }
  std::string name = function->name;
  size_t bytes = shim_size(name.c_str());
  char line[256];
  snprintf(
      line, sizeof line, "%s %ux%ux%u %ux%ux%u %u %zu\n", name.c_str(), gridX, gridY, gridZ, blockX, blockY, blockZ,
      sharedBytes, bytes);
  state->trace += line;
  auto structure = std::make_shared<std::vector<char>>(
      static_cast<char*>(arguments[0]), static_cast<char*>(arguments[0]) + bytes);
  return start(stream, [=] {
    int failed = shim_launch(
        name.c_str(), gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes, structure->data(), bytes);
    if (failed) {
      fprintf(stderr, "fake_cuda: %s failed with %d\n", name.c_str(), failed);
      state->lost = LAUNCH_FAILED;
      return static_cast<int>(LAUNCH_FAILED);
    }
    return static_cast<int>(SUCCESS);
  });
}

// ---- NVRTC -------------------------------------------------------------------------------------------------------

int nvrtcVersion(int* major, int* minor) {
  ENTER(nvrtcVersion)
  *major = state->nvrtcMajor;
  *minor = state->nvrtcMinor;
  return SUCCESS;
}

const char* nvrtcGetErrorString(int) {
  std::lock_guard<std::recursive_mutex> guard(lock);
  begin("nvrtcGetErrorString");
  return "NVRTC_ERROR_FAKE";
}

int nvrtcGetNumSupportedArchs(int* count) {
  ENTER(nvrtcGetNumSupportedArchs)
  *count = static_cast<int>(state->archs.size());
  return SUCCESS;
}

int nvrtcGetSupportedArchs(int* archs) {
  ENTER(nvrtcGetSupportedArchs)
  for (size_t i = 0; i < state->archs.size(); i++) {
    archs[i] = state->archs[i];
  }
  return SUCCESS;
}

int nvrtcCreateProgram(
    Program** program, const char* source, const char* name, int headers, const char* const*, const char* const*) {
  ENTER(nvrtcCreateProgram)
  if (!source || !name || headers != 0) {
    return 3;
  }
  *program = new Program;
  (*program)->source = source;
  state->programs.insert(*program);
  return SUCCESS;
}

// Finds the kernels' names. A line with #error is an error.
int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
  ENTER(nvrtcCompileProgram)
  std::string arch;
  for (int i = 0; i < count; i++) {
    std::string option = options[i];
    if (option.rfind("--gpu-architecture=", 0) == 0) {
      arch = option.substr(19);
    } else if (option.rfind("--", 0) != 0) {
      return 5;
    }
  }
  size_t error = program->source.find("#error");
  if (error != std::string::npos) {
    std::string line = program->source.substr(error, program->source.find('\n', error) - error);
    program->log = "kernels.cu(1): warning: unused\n\nkernels.cu(2): error: " + line + "\n1 error detected.\n";
    return 6;
  }
  program->image = "fake " + arch;
  size_t at = 0;
  while ((at = program->source.find("__global__", at)) != std::string::npos) {
    at += 10;
    size_t open = program->source.find('(', at);
    if (program->source.compare(at, 20, " __launch_bounds__(", 0, 19) == 0
        || program->source.find("__launch_bounds__", at) < open) {
      // Its argument may have parentheses of its own.
      int depth = 0;
      do {
        depth += program->source[open] == '(' ? 1 : program->source[open] == ')' ? -1 : 0;
        open++;
      } while (depth > 0);
      open = program->source.find('(', open);
    }
    size_t end = program->source.find_last_not_of(" \n", open - 1) + 1;
    size_t from = program->source.find_last_of(" \n", end - 1) + 1;
    program->image += " " + program->source.substr(from, end - from);
  }
  return SUCCESS;
}

int nvrtcGetProgramLogSize(Program* program, size_t* bytes) {
  ENTER(nvrtcGetProgramLogSize)
  *bytes = program->log.size() + 1;
  return SUCCESS;
}

int nvrtcGetProgramLog(Program* program, char* log) {
  ENTER(nvrtcGetProgramLog)
  memcpy(log, program->log.c_str(), program->log.size() + 1);
  return SUCCESS;
}

int nvrtcGetCUBINSize(Program* program, size_t* bytes) {
  ENTER(nvrtcGetCUBINSize)
  *bytes = program->image.size() + 1;
  return SUCCESS;
}

int nvrtcGetCUBIN(Program* program, char* image) {
  ENTER(nvrtcGetCUBIN)
  memcpy(image, program->image.c_str(), program->image.size() + 1);
  return SUCCESS;
}

int nvrtcGetPTXSize(Program* program, size_t* bytes) {
  ENTER(nvrtcGetPTXSize)
  *bytes = program->image.size() + 1;
  return SUCCESS;
}

int nvrtcGetPTX(Program* program, char* image) {
  ENTER(nvrtcGetPTX)
  memcpy(image, program->image.c_str(), program->image.size() + 1);
  return SUCCESS;
}

int nvrtcDestroyProgram(Program** program) {
  ENTER(nvrtcDestroyProgram)
  if (state->programs.erase(*program) == 0) {
    return 4;
  }
  delete *program;
  *program = nullptr;
  return SUCCESS;
}

// ---- cuBLAS ------------------------------------------------------------------------------------------------------

const char* cublasGetStatusString(int) {
  std::lock_guard<std::recursive_mutex> guard(lock);
  begin("cublasGetStatusString");
  return "CUBLAS_STATUS_FAKE";
}

int cublasCreate_v2(Blas** handle) {
  ENTER(cublasCreate_v2)
  if (!current) {
    return 1;
  }
  *handle = new Blas;
  state->blas.insert(*handle);
  return SUCCESS;
}

int cublasDestroy_v2(Blas* handle) {
  ENTER(cublasDestroy_v2)
  if (state->blas.erase(handle) == 0) {
    return 1;
  }
  delete handle;
  return SUCCESS;
}

int cublasGetVersion_v2(Blas*, int* version) {
  ENTER(cublasGetVersion_v2)
  *version = 120401;
  return SUCCESS;
}

int cublasSetStream_v2(Blas* handle, Stream* stream) {
  ENTER(cublasSetStream_v2)
  if (!live(stream)) {
    return 7;
  }
  handle->stream = stream;
  handle->workspace = nullptr;
  return SUCCESS;
}

int cublasSetWorkspace_v2(Blas* handle, void* workspace, size_t bytes) {
  ENTER(cublasSetWorkspace_v2)
  uintptr_t address = reinterpret_cast<uintptr_t>(workspace);
  if (!inside(state->memory, address, bytes)) {
    return 7;
  }
  handle->workspace = workspace;
  handle->bytes = bytes;
  return SUCCESS;
}

int cublasSetMathMode(Blas* handle, int mode) {
  ENTER(cublasSetMathMode)
  handle->mode = mode;
  return SUCCESS;
}

int cublasSgemmStridedBatched(
    Blas* handle, int transposeA, int transposeB, int m, int n, int k, const float* alpha, const float* a, int lda,
    long long strideA, const float* b, int ldb, long long strideB, const float* beta, float* c, int ldc,
    long long strideC, int count) {
  ENTER(cublasSgemmStridedBatched)
  if (state->lost) {
    return 13;
  }
  if (!current || state->blas.count(handle) == 0 || !handle->workspace) {
    return 1;
  }
  uintptr_t pa = reinterpret_cast<uintptr_t>(a);
  uintptr_t pb = reinterpret_cast<uintptr_t>(b);
  uintptr_t pc = reinterpret_cast<uintptr_t>(c);
  if (m < 1 || n < 1 || k < 1 || count < 1
      || !fits(pa, transposeA ? k : m, transposeA ? m : k, lda, strideA, count)
      || !fits(pb, transposeB ? n : k, transposeB ? k : n, ldb, strideB, count)
      || !fits(pc, m, n, ldc, strideC, count)) {
    return 7;
  }
  float factor = *alpha;
  float keep = *beta;
  void* workspace = handle->workspace;
  size_t bytes = handle->bytes;
  return start(handle->stream, [=] {
    if (!inside(state->memory, reinterpret_cast<uintptr_t>(workspace), bytes)) {
      state->lost = ILLEGAL_ADDRESS;
      return static_cast<int>(ILLEGAL_ADDRESS);
    }
    memset(workspace, 0xff, bytes < 4096 ? bytes : 4096); // it is cuBLAS's alone
    for (int i = 0; i < count; i++) {
      product(
          transposeA, transposeB, m, n, k, factor, a + i * strideA, lda, b + i * strideB, ldb, keep, c + i * strideC,
          ldc);
    }
    return static_cast<int>(SUCCESS);
  }) ? 13 : 0;
}

int cublasSgemm_v2(
    Blas* handle, int transposeA, int transposeB, int m, int n, int k, const float* alpha, const float* a, int lda,
    const float* b, int ldb, const float* beta, float* c, int ldc) {
  ENTER(cublasSgemm_v2)
  return cublasSgemmStridedBatched(
      handle, transposeA, transposeB, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1);
}

} // extern "C"
