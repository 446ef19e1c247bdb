// Convolution with K×K kernels, for images of few channels: the convolutions of a small network.
//
//   y[o][i][j] = b[o] + Σ_c Σ_p Σ_q w[o][c][p][q] · x[c][i + p][j + q]
//
// for each of N examples; X is (N, C, H, W), W is (O, C, K, K), Y is (N, O, H − K + 1, W − K + 1). A good library sorts
// the channels into groups of 8 or 16, to work on a group at once. With one channel, or six, there is no group: here a
// vector is eight neighbours in a row of the image (four in double precision).
//
// A processor can do two additions of products at once, and fetch two vectors. So a vector that was fetched must be used
// more than once: in a tile of several rows and several outputs, which stays in registers until all is added up.
#include <algorithm>
#include <cstring>
#include <vector>

#include "operators.h"
#include "sums.h"
#include "threads.h"

namespace d2l_bn {
namespace {

struct Sizes {
  long N, C, O, H, W, K;
  long h() const { return H - K + 1; }
  long w() const { return W - K + 1; }
  long x() const { return C * H * W; }      // values of an example of X
  long y() const { return O * h() * w(); }  // and of Y
  long work() const { return N * y() * C * K * K / 10; }  // products, of which ten take the time of a value elsewhere
};

Sizes sizes(const std::vector<int64_t>& X, const std::vector<int64_t>& weight) {
  return {X[0], X[1], weight[0], X[2], X[3], weight[2]};
}

template <typename T>
struct Of {
  static constexpr long LANES = 32 / sizeof(T);
  typedef T Vector __attribute__((vector_size(32)));
};

// A vector, or as much of it as there are columns left in the row
template <typename T>
inline typename Of<T>::Vector load(const T* from, long columns = Of<T>::LANES) {
  typename Of<T>::Vector v{};
  if (columns >= Of<T>::LANES)
    std::memcpy(&v, from, sizeof v);
  else
    std::memcpy(&v, from, columns * sizeof(T));
  return v;
}

template <typename T>
inline void store(const typename Of<T>::Vector& v, long columns, T* to) {
  if (columns >= Of<T>::LANES)
    std::memcpy(to, &v, sizeof v);
  else
    std::memcpy(to, &v, columns * sizeof(T));
}

// The examples of an array. The last vector of a row may reach into what follows: those lanes are never used, but behind
// the last example there is nothing to read. So examples that end less than a vector before the end of the array, which
// is the last one alone unless they are tiny, are read from a copy, with room behind it.
template <typename T>
class Examples {
 public:
  Examples(const T* X, long N, long size)
      : X(X), size(size), copied(std::max(0L, N - 1 - Of<T>::LANES / size)), copy((N - copied) * size + Of<T>::LANES) {
    std::copy(X + copied * size, X + N * size, copy.begin());
  }
  const T* operator[](long n) const { return n < copied ? X + n * size : copy.data() + (n - copied) * size; }

 private:
  const T* X;
  long size, copied;  // the first that is read from the copy
  std::vector<T> copy;
};

// Of one example: rows i … i + R − 1 of outputs o … o + B − 1, LANES columns of each, from j on.
template <long K, long B, long R, typename T>
inline void tile(const T* x, const T* weight, const T* bias, Sizes s, long o, long i, long j, T* y) {
  typename Of<T>::Vector sums[B][R];
  for (long b = 0; b < B; ++b)
    for (long r = 0; r < R; ++r) sums[b][r] = typename Of<T>::Vector{} + bias[o + b];
  for (long c = 0; c < s.C; ++c)
    for (long p = 0; p < K; ++p)
      for (long q = 0; q < K; ++q) {
        typename Of<T>::Vector rows[R];
        for (long r = 0; r < R; ++r) rows[r] = load(x + (c * s.H + i + p + r) * s.W + j + q);
        for (long b = 0; b < B; ++b)
          for (long r = 0; r < R; ++r) sums[b][r] += weight[(((o + b) * s.C + c) * K + p) * K + q] * rows[r];
      }
  for (long b = 0; b < B; ++b)
    for (long r = 0; r < R; ++r) store(sums[b][r], s.w() - j, y + ((o + b) * s.h() + i + r) * s.w() + j);
}

template <long K, typename T>
void forward(const T* X, const T* weight, const T* bias, Sizes s, T* Y) {
  const Examples<T> x(X, s.N, s.x());
  for_each(s.N, s.work(), [=, &x](long n) {
    for (long o = 0, B; o < s.O; o += B) {
      B = o + 2 <= s.O ? 2 : 1;
      for (long i = 0, R; i < s.h(); i += R) {
        R = i + 4 <= s.h() ? 4 : 1;
        const auto run = B == 2 ? (R == 4 ? tile<K, 2, 4, T> : tile<K, 2, 1, T>) : (R == 4 ? tile<K, 1, 4, T> : tile<K, 1, 1, T>);
        for (long j = 0; j < s.w(); j += Of<T>::LANES) run(x[n], weight, bias, s, o, i, j, Y + n * s.y());
      }
    }
  });
}

//   x̄[c][r][j + q] = Σ_o Σ_p Σ_q w[o][c][p][q] · ȳ[o][r − p][j]
//
// Row r of B channels, from the LANES columns of ȳ that begin at j: the sums for each q by themselves, in vectors, which
// are added to the row when they are done, each q columns further to the right.
template <long K, long B, typename T>
inline void input_row(const T* y_bar, const T* weight, Sizes s, long c, long r, long j, T* x_bar) {
  typename Of<T>::Vector sums[B][K] = {};
  const long first = std::max(0L, r - s.h() + 1), last = std::min(K - 1, r);  // 0 ≤ r − p < h
  for (long o = 0; o < s.O; ++o)
    for (long p = first; p <= last; ++p) {
      const auto row = load(y_bar + (o * s.h() + r - p) * s.w() + j);
      for (long b = 0; b < B; ++b)
        for (long q = 0; q < K; ++q) sums[b][q] += weight[((o * s.C + c + b) * K + p) * K + q] * row;
    }
  for (long b = 0; b < B; ++b)
    for (long q = 0; q < K; ++q) {
      T* out = x_bar + ((c + b) * s.H + r) * s.W + j + q;
      store<T>(load(out, s.w() - j) + sums[b][q], s.w() - j, out);
    }
}

template <long K, typename T>
void input_backward(const T* Y_bar, const T* weight, Sizes s, T* X_bar) {
  const Examples<T> y_bar(Y_bar, s.N, s.y());
  for_each(s.N, s.work(), [=, &y_bar](long n) {
    T* x_bar = X_bar + n * s.x();
    std::fill_n(x_bar, s.x(), T(0));
    for (long c = 0; c < s.C; c += 2)
      for (long r = 0; r < s.H; ++r)
        for (long j = 0; j < s.w(); j += Of<T>::LANES)
          (c + 2 <= s.C ? input_row<K, 2, T> : input_row<K, 1, T>)(y_bar[n], weight, s, c, r, j, x_bar);
  });
}

//   w̄[o][c][p][q] = Σ_n Σ_i Σ_j ȳ[o][i][j] · x[c][i + p][j + q]      b̄[o] = Σ_n Σ_i Σ_j ȳ[o][i][j]
//
// Σ_i and Σ_n of some examples for B outputs and all q of one c and p, in vectors; Σ_j when these are done.
template <long K, long B, typename T>
inline void kernel_rows(const Examples<T>& X, const Examples<T>& Y_bar, long first, long end, Sizes s, long o, long c, long p, double* w_bar) {
  for (long j = 0; j < s.w(); j += Of<T>::LANES) {
    typename Of<T>::Vector sums[B][K] = {};
    for (long n = first; n < end; ++n) {
      const T *x = X[n] + (c * s.H + p) * s.W + j, *y_bar = Y_bar[n] + o * s.h() * s.w() + j;
      for (long i = 0; i < s.h(); ++i)
        for (long q = 0; q < K; ++q) {
          const auto row = load(x + i * s.W + q);
          for (long b = 0; b < B; ++b) sums[b][q] += load(y_bar + (b * s.h() + i) * s.w()) * row;
        }
    }
    const long columns = std::min(Of<T>::LANES, s.w() - j);
    for (long b = 0; b < B; ++b)
      for (long q = 0; q < K; ++q)
        for (long l = 0; l < columns; ++l) w_bar[(((o + b) * s.C + c) * K + p) * K + q] += sums[b][q][l];
  }
}

// The examples are added up in so many parts, whatever the number of threads, and the parts in double.
constexpr long PARTS = 16;

template <long K, typename T>
void weight_backward(const T* Y_bar, const T* X, Sizes s, T* weight_bar, T* bias_bar) {
  const Examples<T> x(X, s.N, s.x()), y_bar(Y_bar, s.N, s.y());
  const long weights = s.O * s.C * K * K, size = weights + s.O;
  std::vector<double> parts(PARTS * size, 0.0);
  for_each(PARTS, s.work(), [=, &x, &y_bar, &parts](long part) {
    const long first = part * s.N / PARTS, end = (part + 1) * s.N / PARTS;
    double *w_bar = &parts[part * size], *b_bar = w_bar + weights;
    for (long o = 0; o < s.O; o += 2)
      for (long c = 0; c < s.C; ++c)
        for (long p = 0; p < K; ++p)
          (o + 2 <= s.O ? kernel_rows<K, 2, T> : kernel_rows<K, 1, T>)(x, y_bar, first, end, s, o, c, p, w_bar);
    for (long n = first; n < end; ++n)
      for (long o = 0; o < s.O; ++o) {
        const T* y = Y_bar + n * s.y() + o * s.h() * s.w();
        b_bar[o] += sum<T>(s.h() * s.w(), [=](long l) { return y[l]; });
      }
  });
  for (long part = 1; part < PARTS; ++part)
    for (long k = 0; k < size; ++k) parts[k] += parts[part * size + k];
  std::copy_n(parts.begin(), weights, weight_bar);
  std::copy_n(parts.begin() + weights, s.O, bias_bar);
}

// in: X, W, b forward; Ȳ, X, W, b, Y backward
template <long K, typename T>
void run_forward(Tensors& in, Tensors& out) {
  forward<K>(in[0].data<T>(), in[1].data<T>(), in[2].data<T>(), sizes(in[0].shape, in[1].shape), out[0].data<T>());
}

template <long K, typename T>
void run_backward(Tensors& in, Tensors& out, bool of_data) {
  const Sizes s = sizes(in[1].shape, in[2].shape);
  weight_backward<K>(in[0].data<T>(), in[1].data<T>(), s, out[1].data<T>(), out[2].data<T>());
  if (of_data)  // of images nobody asks for a gradient
    std::fill_n(out[0].data<T>(), out[0].size(), T(0));
  else
    input_backward<K>(in[0].data<T>(), in[2].data<T>(), s, out[0].data<T>());
}

template <typename T>
void choose_forward(const Attributes&, Tensors* in, Tensors* out) {
  (*in)[1].shape[2] == 3 ? run_forward<3, T>(*in, *out) : run_forward<5, T>(*in, *out);
}

template <typename T>
void choose_backward(const Attributes& attributes, Tensors* in, Tensors* out) {
  const bool of_data = attributes.count("of_data");
  (*in)[2].shape[2] == 3 ? run_backward<3, T>(*in, *out, of_data) : run_backward<5, T>(*in, *out, of_data);
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
