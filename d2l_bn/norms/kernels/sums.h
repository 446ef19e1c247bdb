// Sums over a row of values.
//
// Floating-point addition is not associative: a compiler must add one value after the other, each addition waiting for the
// one before, unless it is told that the order does not matter. `omp simd reduction` says so, for this loop alone.
//
// A sum of many float32 values loses digits to the size of the sum. So a row is added up in blocks, each in the type of
// the data, and the blocks in double: rounding does not grow with the size of the image.
#pragma once

#include <algorithm>

namespace d2l_bn {

constexpr long BLOCK = 1024;

// Σ term(l), l = 0 … n − 1
template <typename T, typename Term>
inline double sum(long n, Term term) {
  double total = 0;
  for (long start = 0; start < n; start += BLOCK) {
    const long stop = std::min(n, start + BLOCK);
    T block = 0;
#pragma omp simd reduction(+ : block)
    for (long l = start; l < stop; ++l) block += term(l);
    total += block;
  }
  return total;
}

struct Sums {
  double first = 0, second = 0;
};

// sums += (Σ first(l), Σ second(l)), with one pass over the row
template <typename T, typename First, typename Second>
inline void add_sums(long n, First first, Second second, Sums* sums) {
  for (long start = 0; start < n; start += BLOCK) {
    const long stop = std::min(n, start + BLOCK);
    T a = 0, b = 0;
#pragma omp simd reduction(+ : a, b)
    for (long l = start; l < stop; ++l) {
      a += first(l);
      b += second(l);
    }
    sums->first += a;
    sums->second += b;
  }
}

}  // namespace d2l_bn
