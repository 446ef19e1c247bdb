// A small network with batch normalization, in its two modes, and what it says of the first image.

const sum = (values) => values.reduce((total, x) => total + x, 0);

/** W u for a matrix given row by row. */
export function product(weight, u) {
  const rows = weight.length / u.length;
  return Array.from({ length: rows }, (_, row) => u.reduce((total, x, i) => total + weight[row * u.length + i] * x, 0));
}

/** Mean and (biased) variance of each feature over a batch. */
export function statistics(batch) {
  const columns = batch[0].map((_, i) => batch.map((row) => row[i]));
  const mean = columns.map((values) => sum(values) / values.length);
  const variance = columns.map((values, i) => sum(values.map((x) => (x - mean[i]) ** 2)) / values.length);
  return { mean, variance };
}

export function softmax(scores) {
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  return powers.map((power) => power / sum(powers));
}

/**
 * What the network says of the first image: a probability for each class.
 * In training mode with the statistics of these images, else with the moving averages.
 */
export function predict(network, images, training) {
  const inputs = images.map((pixels) => product(network.weight, pixels));
  const { mean, variance } = training ? statistics(inputs) : network;
  const hidden = inputs[0].map((x, i) => {
    const normalized = (x - mean[i]) / Math.sqrt(variance[i] + network.eps);
    return 1 / (1 + Math.exp(-(network.gamma[i] * normalized + network.beta[i])));
  });
  return softmax(product(network.output, hidden).map((score, i) => score + network.bias[i]));
}

export const largest = (values) => values.indexOf(Math.max(...values));

/** A garment of this class that is not in the batch yet, or the first one. */
export function another(kind, others, each) {
  const all = Array.from({ length: each }, (_, i) => kind * each + i);
  return all.find((garment) => !others.includes(garment)) ?? all[0];
}

/** The batch with one of its others exchanged. */
export const exchanged = (others, slot, garment) => others.map((old, i) => (i === slot ? garment : old));
