// What the generated kernels share: numbers that C++ lacks, functions that mean what numpy's mean, and sums across
// threads.  Every block has 32 × 8 threads.

#define INF __int_as_float(0x7f800000)
#define NOT_A_NUMBER __int_as_float(0x7fc00000)

// Half precision as it is stored; arithmetic is done in float and rounded, as numpy does.
struct float16 {
  unsigned short bits;
  float16() = default;
  __device__ float16(float x) : bits(half_bits(x)) {}
  __device__ float16(double x) : bits(half_bits(x)) {}
  __device__ operator float() const { return half_value(bits); }
};
template <class T> __device__ float rounded(T x) { return float16(x); }

// NaN wins, as in numpy.
template <class T> __device__ T maximum(T a, T b) { return a >= b || a != a ? a : b; }
template <class T> __device__ T minimum(T a, T b) { return a <= b || a != a ? a : b; }
template <class T> __device__ T sign(T x) { return x != x ? x : T((x > T(0)) - (x < T(0))); }
template <class T> __device__ T absolute(T x) { return x < T(0) ? T(-x) : x; }
__device__ inline float absolute(float x) { return fabs(x); }
__device__ inline double absolute(double x) { return fabs(x); }

// Division that rounds down, and what it leaves; whole numbers divided by 0 give 0, as in numpy.
template <class T> __device__ T remainder_of(T a, T b) {
  if (b == T(0) || b == T(-1)) return T(0);
  T rest = a % b;
  return rest != T(0) && (rest < T(0)) != (b < T(0)) ? T(rest + b) : rest;
}
template <class T> __device__ T floor_divide(T a, T b) {
  if (b == T(0)) return T(0);
  if (b == T(-1)) return T(T(0) - a);
  return T(a / b) - T(a % b != T(0) && (a < T(0)) != (b < T(0)));
}
template <class T> __device__ T float_remainder(T a, T b) {
  T rest = fmod(a, b);
  if (b == T(0)) return rest;
  if (rest == T(0)) return copysign(T(0), b);
  return (rest < T(0)) != (b < T(0)) ? rest + b : rest;
}
template <class T> __device__ T float_floor_divide(T a, T b) {
  if (b == T(0)) return a / b;
  T rest = fmod(a, b), whole = (a - rest) / b;
  if (rest != T(0) && (rest < T(0)) != (b < T(0))) whole -= T(1);
  if (whole == T(0)) return copysign(T(0), a / b);
  T down = floor(whole);
  return whole - down > T(0.5) ? down + T(1) : down;
}
__device__ inline float remainder_of(float a, float b) { return float_remainder(a, b); }
__device__ inline double remainder_of(double a, double b) { return float_remainder(a, b); }
__device__ inline float floor_divide(float a, float b) { return float_floor_divide(a, b); }
__device__ inline double floor_divide(double a, double b) { return float_floor_divide(a, b); }

template <class T> __device__ T power(T a, T b) {
  T result = T(1);
  for (; b > T(0); b = T(b / 2), a = T(a * a))
    if (b % 2) result = T(result * a);
  return result;
}
__device__ inline float power(float a, float b) { return pow(a, b); }
__device__ inline double power(double a, double b) { return pow(a, b); }

template <class T> __device__ T reciprocal(T x) { return x == T(0) ? T(0) : T(T(1) / x); }
__device__ inline float reciprocal(float x) { return 1.0f / x; }
__device__ inline double reciprocal(double x) { return 1.0 / x; }

template <class T> __device__ T logaddexp(T a, T b) {
  if (a == b) return a + T(0.693147180559945309417232121458176568);
  T d = a - b;
  return d > T(0) ? a + log1p(exp(-d)) : d <= T(0) ? b + log1p(exp(d)) : d;
}

// A place in an axis of this size; negative ones count from its end.
template <class T> __device__ long long wrapped(T place, long long size) {
  long long rest = (long long)place % size;
  return rest < 0 ? rest + size : rest;
}

// What reductions do with two numbers.
struct Sum { template <class T> static __device__ T of(T a, T b) { return a + b; } };
struct Product { template <class T> static __device__ T of(T a, T b) { return a * b; } };
struct Largest { template <class T> static __device__ T of(T a, T b) { return maximum(a, b); } };
struct Smallest { template <class T> static __device__ T of(T a, T b) { return minimum(a, b); } };
struct Any { template <class T> static __device__ T of(T a, T b) { return a || b; } };
struct All { template <class T> static __device__ T of(T a, T b) { return a && b; } };

// The threads' numbers reduced to one, which all of them get: those of a warp (one threadIdx.y), …
template <class F, class T> __device__ T across_warp(T x) {
  for (int apart = 16; apart; apart /= 2) x = F::template of<T>(x, T(__shfl_xor_sync(0xffffffffu, x, apart)));
  return x;
}
// … those of the block, …
template <class F, class T> __device__ T across_block(T x) {
  __shared__ T shared[8];
  x = across_warp<F>(x);
  if (threadIdx.x == 0) shared[threadIdx.y] = x;
  __syncthreads();
  x = shared[0];
  for (int k = 1; k < 8; k++) x = F::template of<T>(x, shared[k]);
  __syncthreads();
  return x;
}
// … and those that stand below each other (one threadIdx.x).
template <class F, class T> __device__ T down_block(T x) {
  __shared__ T shared[8][32];
  shared[threadIdx.y][threadIdx.x] = x;
  __syncthreads();
  x = shared[0][threadIdx.x];
  for (int k = 1; k < 8; k++) x = F::template of<T>(x, shared[k][threadIdx.x]);
  __syncthreads();
  return x;
}
