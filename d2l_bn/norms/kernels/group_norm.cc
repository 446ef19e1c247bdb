// Group normalization, Wu & He 2018 (arXiv:1803.08494), forward and backward; with one group it is layer normalization,
// with a group for each channel instance normalization.
//
// X is (N, C, L) in memory: N examples, C channels, L = H·W pixels (1 after a fully connected layer). The C/G channels of
// a group are neighbours, so that a group is one row of m = C/G·L values:
//
//   example 0  [ group 0: channel 0, channel 1, … | group 1: … | … ]
//   example 1  [ group 0: channel 0, channel 1, … | group 1: … | … ]
//
// All work on a group is done before the next: it is read from memory once. Threads take a group each.
#include <cmath>
#include <vector>

#include "moments.h"
#include "operators.h"
#include "threads.h"

namespace d2l_bn {
namespace {

struct Groups {
  long N, C, L, G;
  long size() const { return N * C * L; }
  long count() const { return N * G; }
  long channels() const { return C / G; }
  long m() const { return channels() * L; }
  long first_channel(long group) const { return group % G * channels(); }
};

Groups groups_of(const std::vector<int64_t>& shape, const Attributes& attributes) {
  Groups s{shape[0], shape[1], 1, std::strtol(attributes.at("num_groups").c_str(), nullptr, 10)};
  for (size_t axis = 2; axis < shape.size(); ++axis) s.L *= shape[axis];
  return s;
}

// visit(i, k): value i of a group, of its channel k
template <typename Visit>
inline void for_each_value(Groups s, Visit visit) {
  if (s.L == 1) {
#pragma omp simd
    for (long k = 0; k < s.channels(); ++k) visit(k, k);
    return;
  }
  for (long k = 0; k < s.channels(); ++k) {
#pragma omp simd
    for (long i = k * s.L; i < (k + 1) * s.L; ++i) visit(i, k);
  }
}

template <typename T>
double one_over_deviation(Moments<T> of, long group, double eps) {
  return 1 / std::sqrt(of.var[group] + eps);
}

//   y = γ (x − μ) / √(σ² + ε) + β   as   y = (x − mean) · scale + β − missed · scale
template <typename T>
void forward(const T* X, Groups s, const T* gamma, const T* beta, double eps, Moments<T> of, T* Y) {
  for_each(s.count(), s.size(), [=](long group) {
    const T* x = X + group * s.m();
    moments(x, {1, 0, s.m()}, group, of);
    const T mean = of.mean[group], missed = of.missed[group];
    const T r = static_cast<T>(one_over_deviation(of, group, eps));
    const T *g = gamma + s.first_channel(group), *b = beta + s.first_channel(group);
    T* y = Y + group * s.m();
    for_each_value(s, [=](long i, long k) {
      const T scale = g[k] * r;
      y[i] = (x[i] - mean) * scale + (b[k] - missed * scale);
    });
  });
}

// The gradient, v̄ for ∂L/∂v, with r = 1/√(σ² + ε), from two sums over each channel of each example:
//
//   β̄ = Σ_n Σ_l ȳ      γ̄ = Σ_n Σ_l ȳ x̂      x̄ = r · (γ ȳ − 1/m Σ γ ȳ − x̂ · 1/m Σ γ ȳ x̂)
//
// where the last two sums are over the group. γ stands inside them: it is not the same for all of its channels.
template <typename T>
void backward(const T* Y_bar, const T* X, Groups s, const T* gamma, double eps, Moments<T> of, T* X_bar, T* gamma_bar, T* beta_bar) {
  std::vector<Sums> of_channels(s.N * s.C);  // Σ_l ȳ and Σ_l ȳ (x − mean)
  Sums* const all_sums = of_channels.data();
  for_each(s.count(), s.size(), [=](long group) {
    const T *x = X + group * s.m(), *y_bar = Y_bar + group * s.m(), *g = gamma + s.first_channel(group);
    const T mean = of.mean[group];
    Sums* const sums = all_sums + group * s.channels();
    double first = 0, second = 0;  // Σ γ ȳ and Σ γ ȳ (x − mean)
    for (long k = 0; k < s.channels(); ++k) {
      const T *of_x = x + k * s.L, *of_y = y_bar + k * s.L;
      add_sums<T>(s.L, [=](long l) { return of_y[l]; }, [=](long l) { return of_y[l] * (of_x[l] - mean); }, &sums[k]);
      first += g[k] * sums[k].first;
      second += g[k] * sums[k].second;
    }
    const double r = one_over_deviation(of, group, eps), missed = of.missed[group];
    const double y_bar_x_hat = (second - missed * first) * r;
    const T slope = static_cast<T>(r * y_bar_x_hat / s.m());
    const T offset = static_cast<T>(first / s.m() - r * y_bar_x_hat / s.m() * missed);
    const T scale = static_cast<T>(r);
    T* x_bar = X_bar + group * s.m();
    for_each_value(s, [=](long i, long k) { x_bar[i] = (g[k] * y_bar[i] - offset - (x[i] - mean) * slope) * scale; });
  });
  std::vector<Sums> of_all(s.C);  // β̄ and γ̄
  for (long group = 0; group < s.count(); ++group) {
    const double r = one_over_deviation(of, group, eps), missed = of.missed[group];
    const Sums* sums = all_sums + group * s.channels();
    Sums* total = &of_all[s.first_channel(group)];
    for (long k = 0; k < s.channels(); ++k) {
      total[k].first += sums[k].first;
      total[k].second += (sums[k].second - missed * sums[k].first) * r;
    }
  }
  for (long c = 0; c < s.C; ++c) {
    beta_bar[c] = static_cast<T>(of_all[c].first);
    gamma_bar[c] = static_cast<T>(of_all[c].second);
  }
}

enum { X_, GAMMA, BETA, INPUTS };
enum { Y_, MEAN, VAR, MISSED, OUTPUTS };

template <typename T>
void run_forward(const Attributes& attributes, Tensors* inputs, Tensors* outputs) {
  Tensors &in = *inputs, &out = *outputs;
  forward(in[X_].data<T>(), groups_of(in[X_].shape, attributes), in[GAMMA].data<T>(), in[BETA].data<T>(),
          std::stod(attributes.at("eps")), moments_at<T>(outputs, MEAN), out[Y_].data<T>());
}

template <typename T>
void run_backward(const Attributes& attributes, Tensors* inputs, Tensors* outputs) {
  Tensors &in = *inputs, &out = *outputs;  // in: gradients of the outputs, then the inputs, then the outputs
  backward(in[Y_].data<T>(), in[OUTPUTS + X_].data<T>(), groups_of(in[OUTPUTS + X_].shape, attributes),
           in[OUTPUTS + GAMMA].data<T>(), std::stod(attributes.at("eps")), moments_at<T>(inputs, OUTPUTS + INPUTS + MEAN),
           out[X_].data<T>(), out[GAMMA].data<T>(), out[BETA].data<T>());
}

D2L_BN_EACH_TYPE(call_forward, run_forward)
D2L_BN_EACH_TYPE(call_backward, run_backward)

MXReturnValue count(const Attributes& attributes, int* inputs, int* outputs) {
  *inputs = INPUTS;
  *outputs = OUTPUTS;
  return attributes.count("eps") && attributes.count("num_groups") ? MX_SUCCESS : MX_FAIL;
}

MXReturnValue shapes(const Attributes& attributes, std::vector<Shape>* inputs, std::vector<Shape>* outputs) {
  const Shape X = (*inputs)[X_];
  const long G = std::strtol(attributes.at("num_groups").c_str(), nullptr, 10);
  if (X.size() < 2 || G <= 0 || X[1] % G != 0) return MX_FAIL;  // expected (N, C) or (N, C, H, W)
  for (unsigned size : X)
    if (size == 0) return MX_FAIL;
  Shape channels(X.size(), 1);  // (1, C) or (1, C, 1, 1)
  channels[1] = X[1];
  (*inputs)[GAMMA] = (*inputs)[BETA] = channels;  // MXNet compares
  const Shape each{X[0], static_cast<unsigned>(G)};
  *outputs = {X, each, each, each};
  return MX_SUCCESS;
}

REGISTER_OP(_npx_d2l_bn_group_norm)
    .setForward(call_forward, "cpu")
    .setBackward(call_backward, "cpu")
    .setParseAttrs(count)
    .setInferType(one_float_type)
    .setInferShape(shapes);

}  // namespace
}  // namespace d2l_bn
