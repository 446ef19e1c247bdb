// Pooling over windows of 2×2 that do not overlap, maximum and average, forward and backward.
//
// X is (P, H, W) in memory, P = N·C planes; Y is (P, ⌊H/2⌋, ⌊W/2⌋). A last odd row or column belongs to no window. Each
// window is four values of two neighbouring rows:
//
//   top     … x[2j]  x[2j + 1] …
//   bottom  … x[2j]  x[2j + 1] …
#include <algorithm>
#include <limits>

#include "operators.h"
#include "threads.h"

namespace d2l_bn {
namespace {

struct Planes {
  long P, H, W;
  long h() const { return H / 2; }
  long w() const { return W / 2; }
};

Planes planes(const std::vector<int64_t>& shape) { return {shape[0] * shape[1], shape[2], shape[3]}; }

// window(top, bottom, i): for the i-th row of windows, where its two rows of X begin, and its row of Y
template <typename Window>
inline void for_each_row(Planes s, Window window) {
  for_each(s.P, s.P * s.H * s.W, [=](long p) {
    for (long i = 0; i < s.h(); ++i) {
      const long top = (p * s.H + 2 * i) * s.W;
      window(top, top + s.W, (p * s.h() + i) * s.w());
    }
  });
}

// The gradient is 0 where no window is: in a last odd row or column.
template <typename T>
void clear_the_rest(Planes s, T* X_bar) {
  if (s.W % 2)
    for (long row = 0; row < s.P * s.H; ++row) X_bar[row * s.W + s.W - 1] = 0;
  if (s.H % 2)
    for (long p = 0; p < s.P; ++p) std::fill_n(X_bar + ((p + 1) * s.H - 1) * s.W, s.W, T(0));
}

// The search for the greatest starts below every number, and only a greater one takes its place. So of equal values the
// first in reading order wins, and NaN never does: as in MXNet's own operator.
template <typename T>
inline T greater(T x, T best) {
  return x > best ? x : best;
}

template <typename T>
void max_forward(const T* X, Planes s, T* Y) {
  constexpr T lowest = std::numeric_limits<T>::lowest();
  for_each_row(s, [=](long top, long bottom, long y) {
#pragma omp simd
    for (long j = 0; j < s.w(); ++j) {
      const T above = greater(X[top + 2 * j + 1], greater(X[top + 2 * j], lowest));
      Y[y + j] = greater(X[bottom + 2 * j + 1], greater(X[bottom + 2 * j], above));
    }
  });
}

// ȳ goes to the winner of the search alone.
template <typename T>
void max_backward(const T* Y_bar, const T* X, Planes s, T* X_bar) {
  constexpr T lowest = std::numeric_limits<T>::lowest();
  for_each_row(s, [=](long top, long bottom, long y) {
#pragma omp simd
    for (long j = 0; j < s.w(); ++j) {
      const T a = X[top + 2 * j], b = X[top + 2 * j + 1], c = X[bottom + 2 * j], d = X[bottom + 2 * j + 1];
      const T best_a = greater(a, lowest), best_b = greater(b, best_a), best_c = greater(c, best_b);
      const T y_bar = Y_bar[y + j];
      const T of_abc = d > best_c ? T(0) : y_bar, of_ab = c > best_b ? T(0) : of_abc;  // what is left for those before
      X_bar[top + 2 * j] = b > best_a ? T(0) : of_ab;
      X_bar[top + 2 * j + 1] = b > best_a ? of_ab : T(0);
      X_bar[bottom + 2 * j] = c > best_b ? of_abc : T(0);
      X_bar[bottom + 2 * j + 1] = d > best_c ? y_bar : T(0);
    }
  });
  clear_the_rest(s, X_bar);
}

template <typename T>
void average_forward(const T* X, Planes s, T* Y) {
  for_each_row(s, [=](long top, long bottom, long y) {
#pragma omp simd
    for (long j = 0; j < s.w(); ++j)
      Y[y + j] = (X[top + 2 * j] + X[top + 2 * j + 1] + X[bottom + 2 * j] + X[bottom + 2 * j + 1]) / 4;
  });
}

template <typename T>
void average_backward(const T* Y_bar, Planes s, T* X_bar) {
  for_each_row(s, [=](long top, long bottom, long y) {
#pragma omp simd
    for (long j = 0; j < s.w(); ++j) {
      const T quarter = Y_bar[y + j] / 4;
      X_bar[top + 2 * j] = X_bar[top + 2 * j + 1] = quarter;
      X_bar[bottom + 2 * j] = X_bar[bottom + 2 * j + 1] = quarter;
    }
  });
  clear_the_rest(s, X_bar);
}

// in: X forward; Ȳ, X, Y backward
template <typename T>
void run_max_forward(const Attributes&, Tensors* in, Tensors* out) {
  max_forward((*in)[0].data<T>(), planes((*in)[0].shape), (*out)[0].data<T>());
}

template <typename T>
void run_max_backward(const Attributes&, Tensors* in, Tensors* out) {
  max_backward((*in)[0].data<T>(), (*in)[1].data<T>(), planes((*in)[1].shape), (*out)[0].data<T>());
}

template <typename T>
void run_average_forward(const Attributes&, Tensors* in, Tensors* out) {
  average_forward((*in)[0].data<T>(), planes((*in)[0].shape), (*out)[0].data<T>());
}

template <typename T>
void run_average_backward(const Attributes&, Tensors* in, Tensors* out) {
  average_backward((*in)[0].data<T>(), planes((*in)[1].shape), (*out)[0].data<T>());
}

MXReturnValue count(const Attributes&, int* inputs, int* outputs) {
  *inputs = *outputs = 1;
  return MX_SUCCESS;
}

MXReturnValue shapes(const Attributes&, std::vector<Shape>* inputs, std::vector<Shape>* outputs) {
  Shape X = (*inputs)[0];
  if (X.size() != 4) return MX_FAIL;
  if (X[0] == 0 || X[1] == 0 || X[2] < 2 || X[3] < 2) return MX_FAIL;
  X[2] /= 2;
  X[3] /= 2;
  *outputs = {X};
  return MX_SUCCESS;
}

D2L_BN_EACH_TYPE(max_forward_of, run_max_forward)
D2L_BN_EACH_TYPE(max_backward_of, run_max_backward)
D2L_BN_EACH_TYPE(average_forward_of, run_average_forward)
D2L_BN_EACH_TYPE(average_backward_of, run_average_backward)

REGISTER_OP(_npx_d2l_bn_max_pool)
    .setForward(max_forward_of, "cpu")
    .setBackward(max_backward_of, "cpu")
    .setParseAttrs(count)
    .setInferType(one_float_type)
    .setInferShape(shapes);

REGISTER_OP(_npx_d2l_bn_average_pool)
    .setForward(average_forward_of, "cpu")
    .setBackward(average_backward_of, "cpu")
    .setParseAttrs(count)
    .setInferType(one_float_type)
    .setInferShape(shapes);

}  // namespace
}  // namespace d2l_bn
