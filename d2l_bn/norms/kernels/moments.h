// Mean and variance over an index set: the values that share them. Normalizers differ in their index sets, and in nothing
// else that matters here.
#pragma once

#include "operators.h"
#include "sums.h"

namespace d2l_bn {

// So many rows of so many neighbouring values, each row `stride` values behind the one before
struct IndexSet {
  long rows, stride, length;
  double m() const { return static_cast<double>(rows) * length; }
};

// One number of each for every index set. `missed` is what rounding leaves out of the mean: μ = mean + missed. Of values
// around 10,000 that is some 0.0005 in float32, which x − μ must not lose.
template <typename T>
struct Moments {
  T *mean, *var, *missed;

  void set(long i, double mu, double sigma2) {
    mean[i] = static_cast<T>(mu);
    missed[i] = static_cast<T>(mu - mean[i]);
    var[i] = static_cast<T>(sigma2);
  }
};

//   μ = 1/m Σ x        σ² = 1/m Σ (x − μ)²
//
// of set i, whose first row begins at X. Two passes: E[x²] − E[x]² would need one, and loses every digit once the mean is
// large against the deviation. The second pass takes its differences from the rounded mean, and corrects both moments for
// what it was off.
template <typename T>
void moments(const T* X, IndexSet s, long i, Moments<T> out) {
  double total = 0;
  for (long row = 0; row < s.rows; ++row) {
    const T* x = X + row * s.stride;
    total += sum<T>(s.length, [=](long l) { return x[l]; });
  }
  const T about = static_cast<T>(total / s.m());
  Sums of;  // d = x − about, and d²
  for (long row = 0; row < s.rows; ++row) {
    const T* x = X + row * s.stride;
    add_sums<T>(s.length, [=](long l) { return x[l] - about; }, [=](long l) { return (x[l] - about) * (x[l] - about); }, &of);
  }
  const double off = of.first / s.m();
  out.set(i, about + off, of.second / s.m() - off * off);
}

// Where an operator has them as three outputs, one after the other
template <typename T>
Moments<T> moments_at(Tensors* tensors, int first) {
  Tensors& t = *tensors;
  return {t[first].data<T>(), t[first + 1].data<T>(), t[first + 2].data<T>()};
}

}  // namespace d2l_bn
