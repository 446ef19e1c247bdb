// A walk along the gradient of a batch: what the slope at the start promises, and what comes of it.

/** The loss that the slope at the start promises after a step of size eta: L - eta |g|². */
export const promised = (walk, eta) => walk.loss - eta * walk.gradient ** 2;

/** The loss after so many stops; stop 0 is where the walk begins. */
export const loss = (walk, stop) => (stop ? walk.losses[stop - 1] : walk.loss);

/** The share of the promised decrease that came. */
export const kept = (walk, stop, eta) => (walk.loss - loss(walk, stop)) / (eta * walk.gradient ** 2);

/** |g(w) - g(w - eta g)| / |g(w)|: 0 if the gradient is still the same. */
export const change = (walk, stop) => (stop ? walk.distances[stop - 1] / walk.gradient : 0);

/** In how many walks the loss is above its start after so many stops. */
export const rises = (walks, stop) => walks.filter((walk) => loss(walk, stop) > walk.loss).length;

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The stop that is nearest to a step size, in units of the learning rate. */
export function nearest(factors, x) {
  const stops = [0, ...factors];
  const far = stops.map((factor) => Math.abs(factor - x));
  return far.indexOf(Math.min(...far));
}
