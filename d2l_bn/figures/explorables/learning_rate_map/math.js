// What the runs at several learning rates say: means, the range that is good, and what lies between.

const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** The mean accuracy over the seeds at each rate. */
export const means = (runs) => runs.map((seeds) => mean(seeds.map((run) => run.accuracy)));

/** The rates that come within `margin` of the best: their first and last index. */
export function good(accuracies, margin = 0.05) {
  const enough = Math.max(...accuracies) - margin;
  const near = accuracies.map((accuracy, i) => (accuracy > enough ? i : -1)).filter((i) => i >= 0);
  return [Math.min(...near), Math.max(...near)];
}

/** The index of the first rate above the best one at which nothing is learnt; null if there is none. */
export function firstFailure(accuracies, nothing = 0.2) {
  const best = accuracies.indexOf(Math.max(...accuracies));
  const found = accuracies.findIndex((accuracy, i) => i > best && accuracy < nothing);
  return found < 0 ? null : found;
}

/** The accuracy at a rate between those that were tried, on the line between them; null outside. */
export function between(rates, accuracies, rate) {
  const right = rates.findIndex((one) => one >= rate);
  if (right < 0 || rate < rates[0]) return null;
  if (rates[right] === rate) return accuracies[right];
  const share = Math.log(rate / rates[right - 1]) / Math.log(rates[right] / rates[right - 1]);
  return accuracies[right - 1] + share * (accuracies[right] - accuracies[right - 1]);
}

/** The number of the point that is nearest to [x, y]. */
export function nearest(points, [x, y]) {
  const far = points.map((point) => Math.hypot(point.x - x, point.y - y));
  return far.indexOf(Math.min(...far));
}
