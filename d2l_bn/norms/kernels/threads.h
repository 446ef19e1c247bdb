// A loop whose rounds do not touch each other, shared among the threads that MXNet uses for its own operators: OpenMP's,
// as many as OMP_NUM_THREADS says.
//
// A round is done by one thread, from its first addition to its last. So no sum depends on how many threads there are,
// and neither does any bit of a result.
#pragma once

#include <algorithm>
#ifdef _OPENMP
#include <omp.h>
#endif

namespace d2l_bn {

// To wake the others and to wait for them takes some 5 microseconds, in which one thread gets 15,000 values done. Below
// this many it is as fast, and need not wait for anybody who is busy elsewhere.
constexpr long ENOUGH_TO_SHARE = 40000;

// round(i), i = 0 … n − 1, where all rounds together go over so many values. A round must not throw: what it needs of
// memory is there before.
template <typename Round>
inline void for_each(long n, long values, Round round) {
#ifdef _OPENMP
  const long threads = values < ENOUGH_TO_SHARE ? 1 : std::min<long>(n, omp_get_max_threads());
#pragma omp parallel for num_threads(threads) schedule(static) firstprivate(round)
#endif
  for (long i = 0; i < n; ++i) round(i);
}

}  // namespace d2l_bn
