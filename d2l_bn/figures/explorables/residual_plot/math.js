// The gradient of batch normalization for one channel: what a straight line does not explain.

const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;

/** The normalized values, and the deviation (with ε) that they were divided by. */
export function normalize(x, eps) {
  const centre = mean(x);
  const deviation = Math.sqrt(mean(x.map((v) => (v - centre) ** 2)) + eps);
  return { xHat: x.map((v) => (v - centre) / deviation), deviation };
}

/** Forward and backward: the line through (x̂, dy), its residuals, and dx = γ/σ · residual. */
export function backward(x, dy, gamma, eps) {
  const { xHat, deviation } = normalize(x, eps);
  const height = mean(dy);
  const slope = mean(dy.map((d, i) => d * xHat[i]));
  const residual = dy.map((d, i) => d - height - slope * xHat[i]);
  return { xHat, deviation, height, slope, residual, dx: residual.map((r) => (gamma / deviation) * r) };
}

/** The share of the squares of dy that is left over. */
export function leftOver(dy, residual) {
  const squares = (values) => values.reduce((sum, v) => sum + v * v, 0);
  return squares(dy) ? squares(residual) / squares(dy) : 0;
}

/**
 * The value of x[i] that makes its normalized value `target` (up to ε), while the other x stay. No
 * value can be further out than √(m − 1); of two values, each is always at ±1.
 */
export function moveTo(x, i, target) {
  const m = x.length;
  const others = x.filter((_, j) => j !== i);
  const centre = mean(others);
  const variance = mean(others.map((v) => (v - centre) ** 2));
  const limit = Math.sqrt(m - 1) * 0.97;
  const t = Math.min(limit, Math.max(-limit, target));
  return variance ? centre + t * Math.sqrt((m * variance) / (m - 1 - t * t)) : x[i];
}
