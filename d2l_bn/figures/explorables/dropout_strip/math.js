// Dropout, then perhaps a dense layer, then a batch normalization: its variance in both modes.

const sum = (values) => values.reduce((total, v) => total + v, 0);

/**
 * Mean and variance of what enters the normalization, x having the variance 1 and the mean √ratio:
 * `kept` in prediction, `added` by dropout in training. Behind a dense layer with these weights,
 * whose inputs have the given correlation, the masks of all inputs add up.
 */
export function variances({ p, ratio, correlation, place }, weight) {
  const w = place === "behind" ? weight : [1];
  const squares = sum(w.map((v) => v * v));
  const kept = squares * (1 - correlation) + correlation * sum(w) ** 2;
  const added = place === "last" ? 0 : (p / (1 - p)) * squares * (1 + ratio);
  return { mean: Math.sqrt(ratio) * sum(w), kept, added, share: kept / (kept + added) };
}

/** Examples of x, (n, inputs): each input has a part of its own and one that all share. */
export function inputs({ own, common }, { ratio, correlation }) {
  const [mine, all] = [Math.sqrt(1 - correlation), Math.sqrt(correlation)];
  return own.map((row, n) => row.map((z) => Math.sqrt(ratio) + mine * z + all * common[n]));
}

/** What enters the normalization for each example, with dropout at work or without. */
export function entering(X, chance, weight, { p, place }, training) {
  const drops = training && place !== "last";
  const passed = X.map((row, n) => row.map((x, i) => (!drops ? x : chance[n][i] < p ? 0 : x / (1 - p))));
  return passed.map((row) => (place === "behind" ? sum(row.map((x, i) => x * weight[i])) : row[0]));
}
