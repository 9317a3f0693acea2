// The device's kernels. NVRTC compiles them at first use; a shim compiles the same text for the host in tests.
//
// Every kernel takes one structure by value, pointers first, so that the host fills one block of bytes. Sums run
// in an order fixed by the shapes, without atomics: the same arguments give the same bits. Matrices are row-major.

// ---- activations -----------------------------------------------------------------------------------------------

enum { IDENTITY, RELU, LEAKY_RELU, TANH, SIGMOID, ELU, SOFTPLUS, SWISH, GELU };

#define LEAK 0.01f
#define GELU_SLOPE 1.702f

__device__ float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

__device__ float activated(int f, float x) {
  switch (f) {
    case RELU: return x > 0.0f ? x : 0.0f;
    case LEAKY_RELU: return x >= 0.0f ? x : LEAK * x;
    case TANH: return tanhf(x);
    case SIGMOID: return sigmoid(x);
    case ELU: return x >= 0.0f ? x : expm1f(x);
    case SOFTPLUS: return fmaxf(x, 0.0f) + log1pf(expf(-fabsf(x)));
    case SWISH: return x * sigmoid(x);
    case GELU: return x * sigmoid(GELU_SLOPE * x);
    default: return x;
  }
}

// f'(z) of y = f(z); z is read by SWISH and GELU alone.
__device__ float slope(int f, const float* y, const float* z, long long at) {
  switch (f) {
    case RELU: return y[at] > 0.0f ? 1.0f : 0.0f;
    case LEAKY_RELU: return y[at] >= 0.0f ? 1.0f : LEAK;
    case TANH: return 1.0f - y[at] * y[at];
    case SIGMOID: return y[at] * (1.0f - y[at]);
    case ELU: return y[at] >= 0.0f ? 1.0f : y[at] + 1.0f;
    case SOFTPLUS: return -expm1f(-y[at]);
    case SWISH: {
      float s = sigmoid(z[at]);
      return s * (1.0f + z[at] * (1.0f - s));
    }
    case GELU: {
      float s = sigmoid(GELU_SLOPE * z[at]);
      return s * (1.0f + GELU_SLOPE * z[at] * (1.0f - s));
    }
    default: return 1.0f;
  }
}

// ---- matrix products -------------------------------------------------------------------------------------------

enum { PLAIN, ACTIVATE, DIFFERENTIATE };

// C = A*B (+ bias) (+ C), and then f(C), or C*f'(z) where y = f(z) is given.
struct Product {
  const float* a;
  const float* b;
  float* c;
  const float* bias;  // [n], or null
  float* z;           // [m, n]: receives what f is applied to, or gives it to f'; or null
  const float* y;     // [m, n], of DIFFERENTIATE
  float* sums;        // [m]: receives the sums of A's rows, (+ sums); or null
  int m;
  int n;
  int k;
  int lda;
  int ldb;
  int ldc;
  int ldy;            // of y and z
  int transposedA;    // 0: A is stored [m, k], 1: [k, m]
  int transposedB;    // 0: B is stored [k, n], 1: [n, k]
  int mode;
  int activation;
  int accumulate;     // whether C and sums are added to
  int firstTile;      // the number of tiles of the products before
  int tileColumns;    // tiles in a row of C
};

#define MOST_PRODUCTS 8

struct Products {
  Product product[MOST_PRODUCTS];
  int count;
  int unused;
};

// Four floats of which `left` are there: the rest are 0, but the first of the rest is 1 if asked for.
__device__ float4 take(const float* from, int left, bool aligned, bool one) {
  if (left >= 4 && aligned) {
    return *(const float4*) from;
  }
  float4 v;
  v.x = left > 0 ? from[0] : one && left == 0 ? 1.0f : 0.0f;
  v.y = left > 1 ? from[1] : one && left == 1 ? 1.0f : 0.0f;
  v.z = left > 2 ? from[2] : one && left == 2 ? 1.0f : 0.0f;
  v.w = left > 3 ? from[3] : one && left == 3 ? 1.0f : 0.0f;
  return v;
}

__device__ bool isAligned(const float* start, int ld) {
  return (unsigned long long) start % 16 == 0 && ld % 4 == 0;
}

__device__ void store(const Product& p, int m, int n, float value) {
  if (m >= p.m || n > p.n) {
    return;
  }
  if (n == p.n) {
    if (p.sums) {
      p.sums[m] = p.accumulate ? p.sums[m] + value : value;
    }
    return;
  }
  long long at = (long long) m * p.ldy + n;
  float* c = p.c + (long long) m * p.ldc + n;
  if (p.bias) {
    value += p.bias[n];
  }
  if (p.accumulate) {
    value += *c;
  }
  if (p.mode == ACTIVATE) {
    if (p.z) {
      p.z[at] = value;
    }
    value = activated(p.activation, value);
  } else if (p.mode == DIFFERENTIATE) {
    value *= slope(p.activation, p.y, p.z, at);
  }
  *c = value;
}

#define PRODUCT_THREADS 256

// Four floats side by side, or below each other.
__device__ void put(float* to, int stride, bool across, float4 v) {
  if (across) {
    *(float4*) to = v;
  } else {
    to[0] = v.x;
    to[stride] = v.y;
    to[2 * stride] = v.z;
    to[3 * stride] = v.w;
  }
}

// A block computes one tile [TILE, TILE] of one product. Its threads stand in groups, each with its own share of
// every DEPTH-long piece of k: a small product has too few tiles to fill a device, and shares hide the memory's
// latency. A thread has HIGH x WIDE elements. While it multiplies one piece, the next is on its way to registers. The
// groups' sums are added in their order.
template <int TILE, int DEPTH, int BUFFERS, int HIGH, int WIDE>
__device__ void multiply(const Products& all, float* shared) {
  const int across = TILE / WIDE;
  const int members = across * (TILE / HIGH);
  const int groups = PRODUCT_THREADS / members;
  const int share = DEPTH / groups;
  const int stride = TILE + 4;
  const int LOADS = TILE * DEPTH / 4 / PRODUCT_THREADS;
  int which = 0;
  while (which + 1 < all.count && (int) blockIdx.x >= all.product[which + 1].firstTile) {
    which++;
  }
  const Product& p = all.product[which];
  int tile = (int) blockIdx.x - p.firstTile;
  int m0 = tile / p.tileColumns * TILE;
  int n0 = tile % p.tileColumns * TILE;
  int t = (int) threadIdx.x;
  int group = t / members;
  int row = t % members / across * HIGH;
  int column = t % across * WIDE;
  float* as = shared;
  float* bs = shared + BUFFERS * DEPTH * stride;
  bool alignedA = isAligned(p.a, p.lda);
  bool alignedB = isAligned(p.b, p.ldb);
  // Where this thread's loads lie in a piece: (m or n, k). Where k runs along memory, sixteen lanes with different m
  // read two sectors each, and write 32 banks.
  int outerA[LOADS];
  int depthA[LOADS];
  int outerB[LOADS];
  int depthB[LOADS];
  const float* nextA[LOADS];
  const float* nextB[LOADS];
#pragma unroll
  for (int i = 0; i < LOADS; i++) {
    int unit = t / 32 + 8 * i;
    int alongOuter = unit % (TILE / 16) * 16 + t % 16;
    int alongDepth = unit / (TILE / 16) * 8 + t % 32 / 16 * 4;
    int quad = t + PRODUCT_THREADS * i;
    outerA[i] = p.transposedA ? quad % (TILE / 4) * 4 : alongOuter;
    depthA[i] = p.transposedA ? quad / (TILE / 4) : alongDepth;
    outerB[i] = p.transposedB ? alongOuter : quad % (TILE / 4) * 4;
    depthB[i] = p.transposedB ? alongDepth : quad / (TILE / 4);
    long long m = m0 + outerA[i];
    long long n = n0 + outerB[i];
    nextA[i] = p.a + (p.transposedA ? (long long) depthA[i] * p.lda + m : m * p.lda + depthA[i]);
    nextB[i] = p.b + (p.transposedB ? n * p.ldb + depthB[i] : (long long) depthB[i] * p.ldb + n);
  }
  long long stepA = p.transposedA ? (long long) DEPTH * p.lda : DEPTH;
  long long stepB = p.transposedB ? DEPTH : (long long) DEPTH * p.ldb;
  float4 loadedA[LOADS];
  float4 loadedB[LOADS];
  float sum[HIGH][WIDE];
#pragma unroll
  for (int i = 0; i < HIGH; i++) {
#pragma unroll
    for (int j = 0; j < WIDE; j++) {
      sum[i][j] = 0.0f;
    }
  }
  int pieces = (p.k + DEPTH - 1) / DEPTH;
  for (int piece = -1; piece < pieces; piece++) {
    bool more = piece + 1 < pieces;
    if (more) {
      int k0 = (piece + 1) * DEPTH;
#pragma unroll
      for (int i = 0; i < LOADS; i++) {
        int leftK = p.k - k0 - depthA[i];
        int leftM = p.m - m0 - outerA[i];
        int left = p.transposedA ? (leftK > 0 ? leftM : -1) : (leftM > 0 ? leftK : -1);
        loadedA[i] = take(nextA[i], left, alignedA, false);
        leftK = p.k - k0 - depthB[i];
        int leftN = p.n - n0 - outerB[i];
        left = p.transposedB ? (leftN > 0 ? leftK : -1) : (leftK > 0 ? leftN : -1);
        // A column after the last one is all ones where sums of A's rows are asked for.
        loadedB[i] = take(nextB[i], left, alignedB, p.sums && !p.transposedB);
        nextA[i] += stepA;
        nextB[i] += stepB;
      }
    }
    if (piece >= 0 && piece * DEPTH + group * share < p.k) {
      const float* a = as + piece % BUFFERS * DEPTH * stride + group * share * stride + row;
      const float* b = bs + piece % BUFFERS * DEPTH * stride + group * share * stride + column;
#pragma unroll
      for (int k = 0; k < share; k++) {
        __align__(16) float left[HIGH];
        __align__(16) float right[WIDE];
#pragma unroll
        for (int i = 0; i < HIGH; i += 4) {
          *(float4*) (left + i) = *(const float4*) (a + k * stride + i);
        }
#pragma unroll
        for (int j = 0; j < WIDE; j += 4) {
          *(float4*) (right + j) = *(const float4*) (b + k * stride + j);
        }
#pragma unroll
        for (int i = 0; i < HIGH; i++) {
#pragma unroll
          for (int j = 0; j < WIDE; j++) {
            sum[i][j] = fmaf(left[i], right[j], sum[i][j]);
          }
        }
      }
    }
    if (more) {
      if (BUFFERS == 1) {
        __syncthreads(); // before what others read is written over
      }
      float* a = as + (piece + 1) % BUFFERS * DEPTH * stride;
      float* b = bs + (piece + 1) % BUFFERS * DEPTH * stride;
#pragma unroll
      for (int i = 0; i < LOADS; i++) {
        put(a + depthA[i] * stride + outerA[i], stride, p.transposedA, loadedA[i]);
        put(b + depthB[i] * stride + outerB[i], stride, !p.transposedB, loadedB[i]);
      }
    }
    __syncthreads();
  }
  // By way of shared memory, which fits half of the largest tile, so that writes lie side by side.
  const int passes = TILE == 128 ? 2 : 1;
  const int height = TILE / passes;
  for (int pass = 0; pass < passes; pass++) {
    if (row / height == pass) {
#pragma unroll
      for (int i = 0; i < HIGH; i++) {
#pragma unroll
        for (int j = 0; j < WIDE; j++) {
          shared[(group * height + row % height + i) * stride + column + j] = sum[i][j];
        }
      }
    }
    __syncthreads();
    for (int i = t / TILE; i < height; i += PRODUCT_THREADS / TILE) {
      float total = shared[i * stride + t % TILE];
      for (int g = 1; g < groups; g++) {
        total += shared[(g * height + i) * stride + t % TILE];
      }
      store(p, m0 + pass * height + i, n0 + t % TILE, total);
    }
    __syncthreads();
  }
}

extern "C" __global__ void __launch_bounds__(PRODUCT_THREADS, 2) products32(const Products p) {
  __shared__ __align__(16) float shared[2 * 128 * 36];
  multiply<32, 128, 1, 4, 8>(p, shared);
}

extern "C" __global__ void __launch_bounds__(PRODUCT_THREADS) products128(const Products p) {
  __shared__ __align__(16) float shared[4 * 16 * 132];
  multiply<128, 16, 2, 8, 8>(p, shared);
}

// What follows a product made elsewhere: `product.c` holds A*B (+ C).
extern "C" __global__ void finish(const Product p) {
  long long size = (long long) p.m * p.n;
  long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x;
  if (i < size) {
    int m = (int) (i / p.n);
    int n = (int) (i % p.n);
    store(p, m, n, p.c[(long long) m * p.ldc + n]);
  }
}

// ---- vectors ---------------------------------------------------------------------------------------------------

struct Vector {
  float* y;
  const float* x;
  long long n;
  float alpha;
  int unused;
};

#define EACH(n) \
  for (long long i = (long long) blockIdx.x * blockDim.x + threadIdx.x; i < (n); \
      i += (long long) gridDim.x * blockDim.x)

extern "C" __global__ void fill(const Vector p) {
  EACH(p.n) { p.y[i] = p.alpha; }
}

extern "C" __global__ void axpy(const Vector p) {
  EACH(p.n) { p.y[i] += p.alpha * p.x[i]; }
}

extern "C" __global__ void scale(const Vector p) {
  EACH(p.n) { p.y[i] *= p.alpha; }
}

extern "C" __global__ void lerp(const Vector p) {
  EACH(p.n) { p.y[i] += p.alpha * (p.x[i] - p.y[i]); }
}

struct Dot {
  const float* x;
  const float* y;
  double* partial;  // [gridDim.x]
  long long n;
};

#define SUM_THREADS 256

// The block's sum, in thread 0, always over the same tree.
__device__ double blockSum(double value, double* shared) {
  int t = (int) threadIdx.x;
  __syncthreads();
  shared[t] = value;
  __syncthreads();
  for (int half = SUM_THREADS / 2; half > 0; half /= 2) {
    if (t < half) {
      shared[t] += shared[t + half];
    }
    __syncthreads();
  }
  return shared[0];
}

extern "C" __global__ void __launch_bounds__(SUM_THREADS) dot(const Dot p) {
  __shared__ double shared[SUM_THREADS];
  double sum = 0.0;
  EACH(p.n) { sum += (double) p.x[i] * p.y[i]; }
  sum = blockSum(sum, shared);
  if (threadIdx.x == 0) {
    p.partial[blockIdx.x] = sum;
  }
}

struct Total {
  const double* partial;
  double* total;
  long long n;
};

// One block.
extern "C" __global__ void __launch_bounds__(SUM_THREADS) total(const Total p) {
  __shared__ double shared[SUM_THREADS];
  double sum = 0.0;
  for (long long i = threadIdx.x; i < p.n; i += SUM_THREADS) {
    sum += p.partial[i];
  }
  sum = blockSum(sum, shared);
  if (threadIdx.x == 0) {
    *p.total = sum;
  }
}

// ---- columns ---------------------------------------------------------------------------------------------------

struct Columns {
  const float* from;  // [rows, fromColumns], or one row with fromColumns 0
  float* to;          // [rows, toColumns]
  int rows;
  int columns;        // to copy
  int fromColumns;
  int toColumns;
  int fromColumn;     // the first
  int toColumn;
};

extern "C" __global__ void copy_columns(const Columns p) {
  EACH((long long) p.rows * p.columns) {
    long long b = i / p.columns;
    long long j = i % p.columns;
    p.to[b * p.toColumns + p.toColumn + j] = p.from[b * p.fromColumns + p.fromColumn + j];
  }
}

struct ColumnSums {
  const float* x;     // [rows, ld]
  const float* other; // [rows, ld], multiplied element by element into the second sums; or null
  float* sums;        // [columns], added to
  float* products;    // [columns], added to; or null
  int rows;
  int columns;
  int ld;
  int accumulate;
};

#define COLUMN_LANES 8

// A block sums 32 columns: lane r of a column takes rows r, r + 8, ...; the lanes are added in their order.
extern "C" __global__ void __launch_bounds__(32 * COLUMN_LANES) column_sums(const ColumnSums p) {
  __shared__ float sums[COLUMN_LANES][32];
  __shared__ float products[COLUMN_LANES][32];
  int lane = (int) threadIdx.x / 32;
  int c = (int) threadIdx.x % 32;
  int column = (int) blockIdx.x * 32 + c;
  float sum = 0.0f;
  float product = 0.0f;
  if (column < p.columns) {
    for (int b = lane; b < p.rows; b += COLUMN_LANES) {
      float x = p.x[(long long) b * p.ld + column];
      sum += x;
      if (p.other) {
        product += x * p.other[(long long) b * p.ld + column];
      }
    }
  }
  sums[lane][c] = sum;
  products[lane][c] = product;
  __syncthreads();
  if (lane == 0 && column < p.columns) {
    for (int r = 1; r < COLUMN_LANES; r++) {
      sum += sums[r][c];
      product += products[r][c];
    }
    p.sums[column] = p.accumulate ? p.sums[column] + sum : sum;
    if (p.products) {
      p.products[column] = p.accumulate ? p.products[column] + product : product;
    }
  }
}

struct Slopes {
  const float* y;
  const float* z;
  const float* from;
  float* to;          // from*f'(z)
  long long n;
  int activation;
  int unused;
};

extern "C" __global__ void differentiate(const Slopes p) {
  EACH(p.n) { p.to[i] = p.from[i] * slope(p.activation, p.y, p.z, i); }
}

// ---- layer normalisation ---------------------------------------------------------------------------------------

struct Normalisation {
  float* normal;       // [rows, n]: u, and then (u - mean)/deviation
  float* inverse;      // [rows]: 1/deviation, or 0
  const float* gains;  // [n]
  const float* biases; // [n]
  float* z;            // [rows, n], or null
  float* y;            // [rows, n]: f(gains*normal + biases)
  int rows;
  int n;
  int activation;
  int unused;
};

// One block a row.
extern "C" __global__ void __launch_bounds__(SUM_THREADS) normalise(const Normalisation p) {
  __shared__ double shared[SUM_THREADS];
  long long row = (long long) blockIdx.x * p.n;
  double sum = 0.0;
  for (int j = (int) threadIdx.x; j < p.n; j += SUM_THREADS) {
    sum += p.normal[row + j];
  }
  double mean = blockSum(sum, shared) / p.n;
  sum = 0.0;
  for (int j = (int) threadIdx.x; j < p.n; j += SUM_THREADS) {
    double d = p.normal[row + j] - mean;
    sum += d * d;
  }
  double variance = blockSum(sum, shared) / p.n;
  float inverse = variance > 0.0 ? (float) (1.0 / sqrt(variance)) : 0.0f;
  if (threadIdx.x == 0) {
    p.inverse[blockIdx.x] = inverse;
  }
  for (int j = (int) threadIdx.x; j < p.n; j += SUM_THREADS) {
    float normal = (float) (p.normal[row + j] - mean) * inverse;
    p.normal[row + j] = normal;
    float z = p.gains[j] * normal + p.biases[j];
    if (p.z) {
      p.z[row + j] = z;
    }
    p.y[row + j] = activated(p.activation, z);
  }
}

struct NormalisationSlope {
  const float* normal;     // [rows, n]
  const float* inverse;    // [rows]
  const float* gains;      // [n]
  const float* from;       // [rows, n]: dL/dz, or R{u}
  float* to;               // [rows, n]: dL/du, or R{y}
  const float* gainMoves;  // [n], of an R-pass
  const float* biasMoves;  // [n], of an R-pass
  const float* y;          // [rows, n], of an R-pass
  const float* z;          // [rows, n], of an R-pass
  int rows;
  int n;
  int activation;          // of an R-pass
  int unused;
};

// dL/dû = g*dL/dz, and then dL/du = (dL/dû - mean(dL/dû) - û*mean(dL/dû*û))/deviation. One block a row.
extern "C" __global__ void __launch_bounds__(SUM_THREADS) normalise_backward(const NormalisationSlope p) {
  __shared__ double shared[SUM_THREADS];
  long long row = (long long) blockIdx.x * p.n;
  double sum = 0.0;
  double projection = 0.0;
  for (int j = (int) threadIdx.x; j < p.n; j += SUM_THREADS) {
    float d = p.from[row + j] * p.gains[j];
    sum += d;
    projection += (double) d * p.normal[row + j];
  }
  double mean = blockSum(sum, shared) / p.n;
  projection = blockSum(projection, shared) / p.n;
  double inverse = p.inverse[blockIdx.x];
  for (int j = (int) threadIdx.x; j < p.n; j += SUM_THREADS) {
    float d = p.from[row + j] * p.gains[j];
    p.to[row + j] = (float) ((d - mean - p.normal[row + j] * projection) * inverse);
  }
}

// R{y} = f'(z)*(g*R{û} + R{g}*û + R{b}). One block a row.
extern "C" __global__ void __launch_bounds__(SUM_THREADS) normalise_directional(const NormalisationSlope p) {
  __shared__ double shared[SUM_THREADS];
  long long row = (long long) blockIdx.x * p.n;
  double sum = 0.0;
  double projection = 0.0;
  for (int j = (int) threadIdx.x; j < p.n; j += SUM_THREADS) {
    float d = p.from[row + j];
    sum += d;
    projection += (double) d * p.normal[row + j];
  }
  double mean = blockSum(sum, shared) / p.n;
  projection = blockSum(projection, shared) / p.n;
  double inverse = p.inverse[blockIdx.x];
  for (int j = (int) threadIdx.x; j < p.n; j += SUM_THREADS) {
    double normal = p.normal[row + j];
    double moved = (p.from[row + j] - mean - normal * projection) * inverse;
    float z = (float) (p.gains[j] * moved + p.gainMoves[j] * normal + p.biasMoves[j]);
    p.to[row + j] = z * slope(p.activation, p.y, p.z, row + j);
  }
}

// ---- optimisers ------------------------------------------------------------------------------------------------

struct Descent {
  float* x;
  float* first;
  float* second;
  const float* gradient;
  float* follower;      // moves towards x by tau, or null
  const float* rates;   // [rate, epsilon] of this step on the device, or null
  long long n;
  float beta1;
  float beta2;
  float rate;           // corrected for the moments' start
  float epsilon;
  float tau;
  int unused;
};

#define MOST_DESCENTS 8

struct Descents {
  Descent descent[MOST_DESCENTS];
};

// Row y of the grid makes the y-th descent.
extern "C" __global__ void adam(const Descents all) {
  const Descent& p = all.descent[blockIdx.y];
  float rate = p.rates ? p.rates[0] : p.rate;
  float epsilon = p.rates ? p.rates[1] : p.epsilon;
  EACH(p.n) {
    float g = p.gradient[i];
    float square = g * g;
    float mean = (p.first[i] - g) * p.beta1 + g;
    float meanSquare = (p.second[i] - square) * p.beta2 + square;
    p.first[i] = mean;
    p.second[i] = meanSquare;
    float x = p.x[i] - rate * mean / (sqrtf(meanSquare) + epsilon);
    p.x[i] = x;
    if (p.follower) {
      p.follower[i] += p.tau * (x - p.follower[i]);
    }
  }
}

extern "C" __global__ void rmsprop(const Descent p) {
  EACH(p.n) {
    float g = p.gradient[i];
    float square = g * g;
    float mean = (p.second[i] - square) * p.beta2 + square;
    p.second[i] = mean;
    p.x[i] -= p.rate * g / (sqrtf(mean) + p.epsilon);
  }
}

// ---- soft actor-critic's losses --------------------------------------------------------------------------------
// The arithmetic of the learner and of its tanh-Gaussian, for B rows, C critics and n action components.

#define HALF_LOG_2_PI 0.91893853320467274f
#define LOG_2 0.69314718055994531f
#define LEAST_LOG_STD (-20.0f)
#define MOST_LOG_STD 2.0f

struct SacSample {
  const float* z;      // [2B, 2n]: [mean | log deviation] at s', and then at s
  const float* noise;  // [2B, n]
  float* actions;      // [2B, n]
  float* logProbs;     // [2B]
  const float* x;      // [B, s | a]
  float* next;         // [B, s' | .]: receives the action
  float* policy;       // [B, . | .]: receives s and the action
  int rows;            // B
  int n;
  int observation;     // columns of s
  int rowsPerBlock;    // rowsPerBlock * n at most 1024
};

extern "C" __global__ void __launch_bounds__(SUM_THREADS) sac_sample(const SacSample p) {
  __shared__ float terms[1024];
  int first = (int) blockIdx.x * p.rowsPerBlock;
  int rows = min(p.rowsPerBlock, 2 * p.rows - first);
  int columns = p.observation + p.n;
  for (int i = (int) threadIdx.x; i < rows * p.n; i += SUM_THREADS) {
    int b = first + i / p.n;
    int j = i % p.n;
    float logStd = fminf(fmaxf(p.z[(2 * b + 1) * p.n + j], LEAST_LOG_STD), MOST_LOG_STD);
    float noise = p.noise[b * p.n + j];
    float u = p.z[2 * b * p.n + j] + expf(logStd) * noise;
    float magnitude = fabsf(u);
    float e = expf(-2.0f * magnitude);
    float action = copysignf((1.0f - e) / (1.0f + e), u);
    terms[i] = 2.0f * (magnitude + log1pf(e) - LOG_2) - 0.5f * noise * noise - logStd - HALF_LOG_2_PI;
    p.actions[b * p.n + j] = action;
    float* to = b < p.rows ? p.next + (long long) b * columns : p.policy + (long long) (b - p.rows) * columns;
    to[p.observation + j] = action;
  }
  for (int i = (int) threadIdx.x; i < rows * p.observation; i += SUM_THREADS) {
    int b = first + i / p.observation - p.rows;
    int j = i % p.observation;
    if (b >= 0) {
      p.policy[(long long) b * columns + j] = p.x[(long long) b * columns + j];
    }
  }
  __syncthreads();
  for (int r = (int) threadIdx.x; r < rows; r += SUM_THREADS) {
    float sum = 0.0f;
    for (int j = 0; j < p.n; j++) {
      sum += terms[r * p.n + j];
    }
    p.logProbs[first + r] = sum;
  }
}

struct SacCriticLoss {
  const float* values;    // [C, B]: Q_i(s, a)
  const float* targets;   // [C, B]: the target critics' at s'
  float* gradients;       // [C, B]: dL_i/dQ_i
  const float* logProbs;  // [B]: at s'
  const float* rewards;   // [B]
  const float* discounts; // [B]
  const float* weights;   // [B]
  const float* logAlpha;  // [1]
  float* y;               // [B]
  float* errors;          // [B]: |Q_i - y|, averaged
  float* metrics;         // [C losses | C means]
  int rows;
  int critics;
};

// One block.
extern "C" __global__ void __launch_bounds__(SUM_THREADS) sac_critic_loss(const SacCriticLoss p) {
  __shared__ double shared[SUM_THREADS];
  float alpha = expf(p.logAlpha[0]);
  for (int b = (int) threadIdx.x; b < p.rows; b += SUM_THREADS) {
    float least = p.targets[b];
    for (int i = 1; i < p.critics; i++) {
      least = fminf(least, p.targets[i * p.rows + b]);
    }
    float y = p.rewards[b] + p.discounts[b] * (least - alpha * p.logProbs[b]);
    float distance = 0.0f;
    for (int i = 0; i < p.critics; i++) {
      float error = p.values[i * p.rows + b] - y;
      distance += fabsf(error);
      p.gradients[i * p.rows + b] = p.weights[b] * error / p.rows;
    }
    p.y[b] = y;
    p.errors[b] = distance / p.critics;
  }
  __syncthreads();
  for (int i = 0; i < p.critics; i++) {
    double loss = 0.0;
    double mean = 0.0;
    for (int b = (int) threadIdx.x; b < p.rows; b += SUM_THREADS) {
      double value = p.values[i * p.rows + b];
      double error = value - p.y[b];
      loss += p.weights[b] * error * error;
      mean += value;
    }
    loss = blockSum(loss, shared);
    mean = blockSum(mean, shared);
    if (threadIdx.x == 0) {
      p.metrics[i] = (float) (0.5 * loss / p.rows);
      p.metrics[p.critics + i] = (float) (mean / p.rows);
    }
  }
}

struct SacActorLoss {
  const float* values;    // [C, B]: Q_i(s, f(noise; s))
  float* seeds;           // [C, B]: 1 where Q_i is the least, else 0
  const float* logProbs;  // [B]: at s
  float* temperature;     // [log alpha | its two moments | alpha as this update uses it]
  const float* rates;     // [rate, epsilon] of the temperature's step, or null where it is fixed
  float* metrics;         // [loss | entropy | alpha | its loss]
  int rows;
  int critics;
  float targetEntropy;
  float beta1;
  float beta2;
  int unused;
};

// One block. The temperature's step is Adam's on one parameter.
extern "C" __global__ void __launch_bounds__(SUM_THREADS) sac_actor_loss(const SacActorLoss p) {
  __shared__ double shared[SUM_THREADS];
  double entropy = 0.0;
  double value = 0.0;
  for (int b = (int) threadIdx.x; b < p.rows; b += SUM_THREADS) {
    int least = 0;
    for (int i = 1; i < p.critics; i++) {
      if (p.values[i * p.rows + b] < p.values[least * p.rows + b]) {
        least = i;
      }
    }
    for (int i = 0; i < p.critics; i++) {
      p.seeds[i * p.rows + b] = i == least ? 1.0f : 0.0f;
    }
    entropy -= p.logProbs[b];
    value += p.values[least * p.rows + b];
  }
  entropy = blockSum(entropy, shared) / p.rows;
  value = blockSum(value, shared) / p.rows;
  if (threadIdx.x == 0) {
    float alpha = expf(p.temperature[0]);
    float loss = (float) (alpha * (entropy - p.targetEntropy));
    p.temperature[3] = alpha;
    p.metrics[0] = (float) (-alpha * entropy - value);
    p.metrics[1] = (float) entropy;
    p.metrics[2] = alpha;
    p.metrics[3] = loss;
    if (p.rates) {
      float square = loss * loss;
      float mean = (p.temperature[1] - loss) * p.beta1 + loss;
      float meanSquare = (p.temperature[2] - square) * p.beta2 + square;
      p.temperature[1] = mean;
      p.temperature[2] = meanSquare;
      p.temperature[0] -= p.rates[0] * mean / (sqrtf(meanSquare) + p.rates[1]);
    }
  }
}

struct SacActorGradient {
  const float* z;            // [B, 2n]
  const float* noise;        // [B, n]
  const float* actions;      // [B, n]
  const float* slopes;       // [C, B, n]: d(the least Q)/da, 0 for the other critics
  const float* temperature;  // as above
  float* gradient;           // [B, 2n]: dJ/dz
  int rows;
  int critics;
  int n;
  int unused;
};

extern "C" __global__ void sac_actor_gradient(const SacActorGradient p) {
  EACH(p.rows * p.n) {
    int b = (int) i / p.n;
    int j = (int) i % p.n;
    float q = 0.0f;
    for (int c = 0; c < p.critics; c++) {
      q += p.slopes[(c * p.rows + b) * p.n + j];
    }
    float weight = p.temperature[3] / p.rows;
    float action = p.actions[i];
    float raw = p.z[(2 * b + 1) * p.n + j];
    float logStd = fminf(fmaxf(raw, LEAST_LOG_STD), MOST_LOG_STD);
    float g = -q / p.rows * (1.0f - action * action) + 2.0f * weight * action;
    p.gradient[2 * b * p.n + j] = g;
    p.gradient[(2 * b + 1) * p.n + j] =
        raw == logStd ? g * p.noise[i] * expf(logStd) - weight : 0.0f;
  }
}
