// A feature whose centre drifts, the moving average that follows it, and what predictions lose.

/** The centre of the feature after each batch: `rate` for the first half, a twentieth of it after. */
export function centres(push, rate) {
  let centre = 0;
  let speed = 0;
  return push.map((p, t) => {
    speed = 0.8 * speed + (t < push.length / 2 ? rate : rate / 20) * p;
    return (centre += speed);
  });
}

/** The moving average: `m` weights the old value. */
export function follow(statistics, m, start = 0) {
  let average = start;
  return statistics.map((statistic) => (average = m * average + (1 - m) * statistic));
}

/** The share of a standard normal population below z (Abramowitz & Stegun 26.2.17). */
export function below(z) {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153];
  const tail = series.reduce((sum, factor) => (sum + factor) * t, 0);
  const upper = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * tail;
  return z < 0 ? upper : 1 - upper;
}

/**
 * The test accuracy when the subtracted mean is wrong by `error`: two classes at ±1 around the
 * centre, of deviation `spread`, told apart at 0.
 */
export function accuracy(error, spread) {
  return (below((1 - error) / spread) + below((1 + error) / spread)) / 2;
}

/** All that the figure shows; `size` images a batch, so that its mean misses the centre by noise. */
export function simulate({ push, noise, spread }, m, rate, size) {
  const centre = centres(push, rate);
  const average = follow(centre.map((c, t) => c + (noise[t] * spread) / Math.sqrt(size)), m);
  const right = centre.map((c, t) => accuracy(average[t] - c, spread));
  return { centre, average, accuracy: right };
}
