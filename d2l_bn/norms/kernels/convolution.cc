// Convolution with K×K kernels, for images of few channels: the first layer of a network.
//
//   y[o][i][j] = b[o] + Σ_c Σ_p Σ_q w[o][c][p][q] · x[c][i + p][j + q]
//
// for each of N examples; X is (N, C, H, W), W is (O, C, K, K), Y is (N, O, H − K + 1, W − K + 1). A good library sorts
// the channels into groups of 8 or 16, to work on a group at once. Of one channel there is no group: here the loops run
// along the rows of the image instead. From some four channels on the library is the faster one.
#include <algorithm>
#include <vector>

#include "operators.h"

namespace d2l_bn {
namespace {

struct Sizes {
  long N, C, O, H, W, K;
  long h() const { return H - K + 1; }
  long w() const { return W - K + 1; }
};

Sizes sizes(const std::vector<int64_t>& X, const std::vector<int64_t>& weight) {
  return {X[0], X[1], weight[0], X[2], X[3], weight[2]};
}

// out[j] += Σ_q w[q] · in[j + q]: K multiplications for a value while it is at hand
template <long K, typename T>
inline void add_row(const T* in, const T* w, long n, T* out) {
#pragma omp simd
  for (long j = 0; j < n; ++j) {
    T y = out[j];
    for (long q = 0; q < K; ++q) y += w[q] * in[j + q];
    out[j] = y;
  }
}

template <long K, typename T>
void forward(const T* X, const T* weight, const T* bias, Sizes s, T* Y) {
  for (long n = 0; n < s.N; ++n)
    for (long o = 0; o < s.O; ++o)
      for (long i = 0; i < s.h(); ++i) {
        T* y = Y + ((n * s.O + o) * s.h() + i) * s.w();
        std::fill_n(y, s.w(), bias[o]);
        for (long c = 0; c < s.C; ++c)
          for (long p = 0; p < K; ++p)
            add_row<K>(X + ((n * s.C + c) * s.H + i + p) * s.W, weight + ((o * s.C + c) * K + p) * K, s.w(), y);
      }
}

//   w̄[o][c][p][q] = Σ_n Σ_i Σ_j ȳ[o][i][j] · x[c][i + p][j + q]      b̄[o] = Σ_n Σ_i Σ_j ȳ[o][i][j]
//
// The sums over i are kept apart for each column j, so that nothing is added up within a row before its end.
template <long K, typename T>
void weight_backward(const T* Y_bar, const T* X, Sizes s, T* weight_bar, T* bias_bar) {
  std::vector<double> w_bar(s.O * s.C * K * K, 0.0), b_bar(s.O, 0.0);
  std::vector<T> columns(K * s.w());
  for (long n = 0; n < s.N; ++n)
    for (long o = 0; o < s.O; ++o) {
      const T* y_bar = Y_bar + (n * s.O + o) * s.h() * s.w();
      T total = 0;
#pragma omp simd reduction(+ : total)
      for (long l = 0; l < s.h() * s.w(); ++l) total += y_bar[l];
      b_bar[o] += total;
      for (long c = 0; c < s.C; ++c)
        for (long p = 0; p < K; ++p) {
          std::fill(columns.begin(), columns.end(), T(0));
          T* column = columns.data();
          for (long i = 0; i < s.h(); ++i) {
            const T *g = y_bar + i * s.w(), *x = X + ((n * s.C + c) * s.H + i + p) * s.W;
#pragma omp simd
            for (long j = 0; j < s.w(); ++j)
              for (long q = 0; q < K; ++q) column[q * s.w() + j] += g[j] * x[j + q];
          }
          for (long q = 0; q < K; ++q)
            for (long j = 0; j < s.w(); ++j) w_bar[((o * s.C + c) * K + p) * K + q] += column[q * s.w() + j];
        }
    }
  std::copy(w_bar.begin(), w_bar.end(), weight_bar);
  std::copy(b_bar.begin(), b_bar.end(), bias_bar);
}

// x̄ is a convolution, too: of ȳ with K − 1 zeros around it, by the kernel turned by 180°.
template <long K, typename T>
void input_backward(const T* Y_bar, const T* weight, Sizes s, T* X_bar) {
  const long border = K - 1, width = s.w() + 2 * border;
  std::vector<T> around(width * (s.h() + 2 * border), T(0)), turned(s.O * s.C * K * K);
  for (long kernel = 0; kernel < s.O * s.C; ++kernel)
    std::reverse_copy(weight + kernel * K * K, weight + (kernel + 1) * K * K, turned.begin() + kernel * K * K);
  std::fill_n(X_bar, s.N * s.C * s.H * s.W, T(0));
  for (long n = 0; n < s.N; ++n)
    for (long o = 0; o < s.O; ++o) {
      for (long i = 0; i < s.h(); ++i)
        std::copy_n(Y_bar + ((n * s.O + o) * s.h() + i) * s.w(), s.w(), &around[(i + border) * width + border]);
      for (long c = 0; c < s.C; ++c)
        for (long i = 0; i < s.H; ++i)
          for (long p = 0; p < K; ++p)
            add_row<K>(&around[(i + p) * width], &turned[((o * s.C + c) * K + p) * K], s.W,
                       X_bar + ((n * s.C + c) * s.H + i) * s.W);
    }
}

// in: X, W, b forward; Ȳ, X, W, b, Y backward
template <long K, typename T>
void run_forward(Tensors& in, Tensors& out) {
  forward<K>(in[0].data<T>(), in[1].data<T>(), in[2].data<T>(), sizes(in[0].shape, in[1].shape), out[0].data<T>());
}

template <long K, typename T>
void run_backward(Tensors& in, Tensors& out) {
  const Sizes s = sizes(in[1].shape, in[2].shape);
  weight_backward<K>(in[0].data<T>(), in[1].data<T>(), s, out[1].data<T>(), out[2].data<T>());
  input_backward<K>(in[0].data<T>(), in[2].data<T>(), s, out[0].data<T>());
}

template <typename T>
void choose_forward(const Attributes&, Tensors* in, Tensors* out) {
  (*in)[1].shape[2] == 3 ? run_forward<3, T>(*in, *out) : run_forward<5, T>(*in, *out);
}

template <typename T>
void choose_backward(const Attributes&, Tensors* in, Tensors* out) {
  (*in)[2].shape[2] == 3 ? run_backward<3, T>(*in, *out) : run_backward<5, T>(*in, *out);
}

D2L_BN_EACH_TYPE(call_forward, choose_forward)
D2L_BN_EACH_TYPE(call_backward, choose_backward)

MXReturnValue count(const Attributes& attributes, int* inputs, int* outputs) {
  *inputs = 3;
  *outputs = 1;
  return attributes.count("channels") && attributes.count("kernel") ? MX_SUCCESS : MX_FAIL;
}

MXReturnValue shapes(const Attributes& attributes, std::vector<Shape>* inputs, std::vector<Shape>* outputs) {
  const Shape X = (*inputs)[0];
  const unsigned O = std::strtoul(attributes.at("channels").c_str(), nullptr, 10);
  const unsigned K = std::strtoul(attributes.at("kernel").c_str(), nullptr, 10);
  if (X.size() != 4 || O == 0 || (K != 3 && K != 5)) return MX_FAIL;
  if (X[0] == 0 || X[1] == 0 || X[2] < K || X[3] < K) return MX_FAIL;
  (*inputs)[1] = {O, X[1], K, K};
  (*inputs)[2] = {O};
  *outputs = {{X[0], O, X[2] - K + 1, X[3] - K + 1}};
  return MX_SUCCESS;
}

REGISTER_OP(_npx_d2l_bn_convolution)
    .setForward(call_forward, "cpu")
    .setBackward(call_backward, "cpu")
    .setParseAttrs(count)
    .setInferType(one_float_type)
    .setInferShape(shapes);

}  // namespace
}  // namespace d2l_bn
