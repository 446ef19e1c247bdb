// One value in a batch of m: the mean and the deviation that it shares, and what comes out of it.

/** The mean and the biased variance. */
export function moments(values) {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return { mean, variance };
}

/** The normalized value of x in a batch with `others`. */
export function output(x, others, eps) {
  const { mean, variance } = moments([x, ...others]);
  return (x - mean) / Math.sqrt(variance + eps);
}

/** The same for many x; the sums of the others are taken once. */
export function curve(xs, others, eps) {
  const m = others.length + 1;
  const { mean, variance } = others.length ? moments(others) : { mean: 0, variance: 0 };
  return xs.map((x) => {
    const d = x - mean; // from the mean of the others; the batch's mean is d/m further on
    const total = ((m - 1) / m) * (variance + (d * d) / m);
    return (d * (m - 1)) / m / Math.sqrt(total + eps);
  });
}

/** How far out a normalized value can be, whatever the batch. */
export const limit = (m) => Math.sqrt(m - 1);
