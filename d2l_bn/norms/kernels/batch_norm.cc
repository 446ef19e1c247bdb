// Batch normalization, Algorithm 1 of Ioffe & Szegedy 2015 (arXiv:1502.03167), forward and backward.
//
// X is (N, C, L) in memory: N examples, C channels, L = H·W pixels (1 after a fully connected layer). A channel has
// m = N·L values, in N rows that lie C·L apart:
//
//   example 0  [ channel 0: L values | channel 1: L values | … ]
//   example 1  [ channel 0: L values | channel 1: L values | … ]
//
// The operator does all its work on one channel before it goes to the next: what the first pass over the channel has
// brought into the cache, the second and the third find there. Memory is read once and written once. Threads take a
// channel each; where L = 1 the array is too small to be shared.
#include <cmath>
#include <vector>

#include "moments.h"
#include "operators.h"
#include "threads.h"

namespace d2l_bn {
namespace {

struct Layout {
  long N, C, L;
  long size() const { return N * C * L; }
  double m() const { return static_cast<double>(N) * L; }
  long row(long n, long c) const { return (n * C + c) * L; }
};

Layout layout(const std::vector<int64_t>& shape) {
  Layout s{shape[0], shape[1], 1};
  for (size_t axis = 2; axis < shape.size(); ++axis) s.L *= shape[axis];
  return s;
}

// The index set of a channel
IndexSet channel(Layout s) { return {s.N, s.C * s.L, s.L}; }

// The moments where L = 1: the channels lie side by side, and the loops of moments.h change places.
template <typename T>
void moments_side_by_side(const T* X, Layout s, Moments<T> out) {
  std::vector<double> about(s.C, 0.0);
  for (long n = 0; n < s.N; ++n)
    for (long c = 0; c < s.C; ++c) about[c] += X[n * s.C + c];
  for (long c = 0; c < s.C; ++c) about[c] /= s.m();
  std::vector<Sums> of(s.C);
  for (long n = 0; n < s.N; ++n)
    for (long c = 0; c < s.C; ++c) {
      const double d = X[n * s.C + c] - about[c];
      of[c].first += d;
      of[c].second += d * d;
    }
  for (long c = 0; c < s.C; ++c) {
    const double off = of[c].first / s.m();
    out.set(c, about[c] + off, of[c].second / s.m() - off * off);
  }
}

//   y = γ (x − μ) / √(σ² + ε) + β   as   y = (x − mean) · scale + shift
template <typename T>
struct Affine {
  T mean, scale, shift;
  Affine(long c, const T* gamma, const T* beta, Moments<T> of, double eps)
      : mean(of.mean[c]),
        scale(static_cast<T>(gamma[c] / std::sqrt(of.var[c] + eps))),
        shift(beta[c] - of.missed[c] * scale) {}
  T operator()(T x) const { return (x - mean) * scale + shift; }
};

template <typename T>
void forward(const T* X, Layout s, const T* gamma, const T* beta, double eps, bool training, Moments<T> of, T* Y) {
  if (s.L == 1) {
    if (training) moments_side_by_side(X, s, of);
    std::vector<T> scale(s.C), shift(s.C);
    for (long c = 0; c < s.C; ++c) {
      const Affine<T> y(c, gamma, beta, of, eps);
      scale[c] = y.scale;
      shift[c] = y.shift;
    }
    for (long n = 0; n < s.N; ++n)
      for (long c = 0; c < s.C; ++c) Y[n * s.C + c] = (X[n * s.C + c] - of.mean[c]) * scale[c] + shift[c];
    return;
  }
  for_each(s.C, s.size(), [=](long c) {
    if (training) moments(X + s.row(0, c), channel(s), c, of);
    const Affine<T> y(c, gamma, beta, of, eps);
    for (long n = 0; n < s.N; ++n) {
      const long row = s.row(n, c);
#pragma omp simd
      for (long l = 0; l < s.L; ++l) Y[row + l] = y(X[row + l]);
    }
  });
}

// The gradient of one channel, v̄ for ∂L/∂v, from two sums over it:
//
//   β̄ = Σ ȳ      γ̄ = Σ ȳ x̂      x̄ = γ/√(σ² + ε) · (ȳ − β̄/m − x̂ γ̄/m)
//
// as x̄ = (ȳ − offset − (x − mean) · slope) · scale. In prediction μ and σ² are constants, and x̄ = ȳ · scale.
template <typename T>
struct Gradient {
  T gamma_bar, beta_bar, mean, scale, slope = 0, offset = 0;

  // sums: Σ ȳ and Σ ȳ (x − mean)
  Gradient(long c, double m, Sums sums, const T* gamma, Moments<T> of, double eps, bool training) : mean(of.mean[c]) {
    const double r = 1 / std::sqrt(of.var[c] + eps), missed = of.missed[c];
    const double y_bar_x_hat = (sums.second - missed * sums.first) * r;
    gamma_bar = static_cast<T>(y_bar_x_hat);
    beta_bar = static_cast<T>(sums.first);
    scale = static_cast<T>(gamma[c] * r);
    if (!training) return;
    slope = static_cast<T>(r * y_bar_x_hat / m);
    offset = static_cast<T>(sums.first / m - r * y_bar_x_hat / m * missed);
  }
  T operator()(T y_bar, T x) const { return (y_bar - offset - (x - mean) * slope) * scale; }
};

template <typename T>
void backward(const T* Y_bar, const T* X, Layout s, const T* gamma, double eps, bool training, Moments<T> of, T* X_bar, T* gamma_bar, T* beta_bar) {
  if (s.L == 1) {
    std::vector<Sums> sums(s.C);
    for (long n = 0; n < s.N; ++n)
      for (long c = 0; c < s.C; ++c) {
        sums[c].first += Y_bar[n * s.C + c];
        sums[c].second += static_cast<double>(Y_bar[n * s.C + c]) * (X[n * s.C + c] - of.mean[c]);
      }
    std::vector<T> scale(s.C), slope(s.C), offset(s.C);
    for (long c = 0; c < s.C; ++c) {
      const Gradient<T> x_bar(c, s.m(), sums[c], gamma, of, eps, training);
      gamma_bar[c] = x_bar.gamma_bar;
      beta_bar[c] = x_bar.beta_bar;
      scale[c] = x_bar.scale, slope[c] = x_bar.slope, offset[c] = x_bar.offset;
    }
    for (long n = 0; n < s.N; ++n)
      for (long c = 0; c < s.C; ++c) {
        const long i = n * s.C + c;
        X_bar[i] = (Y_bar[i] - offset[c] - (X[i] - of.mean[c]) * slope[c]) * scale[c];
      }
    return;
  }
  for_each(s.C, s.size(), [=](long c) {
    const T mean = of.mean[c];
    Sums sums;
    for (long n = 0; n < s.N; ++n) {
      const T *x = X + s.row(n, c), *y_bar = Y_bar + s.row(n, c);
      add_sums<T>(s.L, [=](long l) { return y_bar[l]; }, [=](long l) { return y_bar[l] * (x[l] - mean); }, &sums);
    }
    const Gradient<T> x_bar(c, s.m(), sums, gamma, of, eps, training);
    gamma_bar[c] = x_bar.gamma_bar;
    beta_bar[c] = x_bar.beta_bar;
    for (long n = 0; n < s.N; ++n) {
      const long row = s.row(n, c);
#pragma omp simd
      for (long l = 0; l < s.L; ++l) X_bar[row + l] = x_bar(Y_bar[row + l], X[row + l]);
    }
  });
}

// Algorithm 2, by a running average: momentum is the weight of the old value.
template <typename T>
void move(T* average, const T* of_batch, long C, double momentum) {
  for (long c = 0; c < C; ++c) average[c] = static_cast<T>(momentum * average[c] + (1 - momentum) * of_batch[c]);
}

enum { X_, GAMMA, BETA, MOVING_MEAN, MOVING_VAR, MODE, INPUTS };
enum { Y_, MEAN, VAR, MISSED, OUTPUTS };

template <typename T>
void run_forward(const Attributes& attributes, Tensors* inputs, Tensors* outputs) {
  Tensors &in = *inputs, &out = *outputs;
  const Layout s = layout(in[X_].shape);
  const bool training = in[MODE].data<T>()[0] != 1;
  T *moving_mean = in[MOVING_MEAN].data<T>(), *moving_var = in[MOVING_VAR].data<T>();
  const Moments<T> of = moments_at<T>(outputs, MEAN);
  if (!training)
    for (long c = 0; c < s.C; ++c) of.mean[c] = moving_mean[c], of.var[c] = moving_var[c], of.missed[c] = 0;
  forward(in[X_].data<T>(), s, in[GAMMA].data<T>(), in[BETA].data<T>(), std::stod(attributes.at("eps")), training, of,
          out[Y_].data<T>());
  if (training) {
    const double momentum = std::stod(attributes.at("momentum"));
    move(moving_mean, of.mean, s.C, momentum);
    move(moving_var, of.var, s.C, momentum);
  }
}

template <typename T>
void run_backward(const Attributes& attributes, Tensors* inputs, Tensors* outputs) {
  Tensors &in = *inputs, &out = *outputs;  // in: gradients of the outputs, then the inputs, then the outputs
  const Layout s = layout(in[OUTPUTS + X_].shape);
  backward(in[Y_].data<T>(), in[OUTPUTS + X_].data<T>(), s,
           in[OUTPUTS + GAMMA].data<T>(), std::stod(attributes.at("eps")), in[OUTPUTS + MODE].data<T>()[0] != 1,
           moments_at<T>(inputs, OUTPUTS + INPUTS + MEAN), out[X_].data<T>(), out[GAMMA].data<T>(), out[BETA].data<T>());
  for (int constant : {MOVING_MEAN, MOVING_VAR, MODE})
    std::fill_n(out[constant].data<T>(), out[constant].size(), T(0));
}

D2L_BN_EACH_TYPE(call_forward, run_forward)
D2L_BN_EACH_TYPE(call_backward, run_backward)

MXReturnValue count(const Attributes& attributes, int* inputs, int* outputs) {
  *inputs = INPUTS;
  *outputs = OUTPUTS;
  for (const char* name : {"eps", "momentum"})
    if (!attributes.count(name)) return MX_FAIL;
  return MX_SUCCESS;
}

MXReturnValue shapes(const Attributes&, std::vector<Shape>* inputs, std::vector<Shape>* outputs) {
  const Shape X = (*inputs)[X_];
  if (X.size() < 2) return MX_FAIL;  // expected (N, C) or (N, C, H, W)
  for (unsigned size : X)
    if (size == 0) return MX_FAIL;
  Shape channels(X.size(), 1);  // (1, C) or (1, C, 1, 1)
  channels[1] = X[1];
  for (int statistic = GAMMA; statistic < INPUTS; ++statistic) (*inputs)[statistic] = channels;  // MXNet compares
  *outputs = {X, channels, channels, channels};
  return MX_SUCCESS;
}

MXReturnValue moving(const Attributes&, std::vector<int>* written) {
  *written = {MOVING_MEAN, MOVING_VAR};
  return MX_SUCCESS;
}

REGISTER_OP(_npx_d2l_bn_batch_norm)
    .setForward(call_forward, "cpu")
    .setBackward(call_backward, "cpu")
    .setParseAttrs(count)
    .setInferType(one_float_type)
    .setInferShape(shapes)
    .setMutateInputs(moving);

}  // namespace
}  // namespace d2l_bn
