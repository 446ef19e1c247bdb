// The loss of a linear model with two weights: what its features make of it.

/** Examples with the deviations `scales` and the correlation `rho`, out of uncorrelated ones. */
export function features(base, scales, rho) {
  const rest = Math.sqrt(1 - rho * rho);
  return base.map(([a, b]) => [scales[0] * a, scales[1] * (rho * a + rest * b)]);
}

/** H = XᵀX / n, as [[E x₁², E x₁x₂], [E x₁x₂, E x₂²]]. */
export function hessian(X) {
  const mean = (i, j) => X.reduce((sum, x) => sum + x[i] * x[j], 0) / X.length;
  return [[mean(0, 0), mean(0, 1)], [mean(0, 1), mean(1, 1)]];
}

/** Eigenvalues of a symmetric 2 by 2 matrix, what follows from them, the angle of the steep direction. */
export function spectrum([[a, b], [, d]]) {
  const half = (a + d) / 2;
  const apart = Math.hypot((a - d) / 2, b);
  const [low, high] = [half - apart, half + apart];
  return { low, high, condition: high / low, limit: 2 / high, best: 2 / (low + high), angle: Math.atan2(2 * b, a - d) / 2 };
}

const multiply = (H, [u, v]) => [H[0][0] * u + H[0][1] * v, H[1][0] * u + H[1][1] * v];

/** How high the loss is above its minimum, at a distance `off` from there: off·H·off / 2. */
export function height(H, off) {
  const product = multiply(H, off);
  return (off[0] * product[0] + off[1] * product[1]) / 2;
}

/** Gradient descent: w ← w − η H (w − w*), the start first. */
export function descend(H, best, start, rate, steps) {
  const points = [start];
  for (let t = 0; t < steps; t++) {
    const [u, v] = points[t];
    const gradient = multiply(H, [u - best[0], v - best[1]]);
    points.push([u - rate * gradient[0], v - rate * gradient[1]]);
  }
  return points;
}

/** The steps until a share of the first height is left; null if that takes more than `most`. */
export function stepsTo(share, H, best, start, rate, most) {
  let off = [start[0] - best[0], start[1] - best[1]];
  const goal = share * height(H, off);
  for (let t = 0; t <= most; t++) {
    if (height(H, off) <= goal) return t;
    const gradient = multiply(H, off);
    off = [off[0] - rate * gradient[0], off[1] - rate * gradient[1]];
  }
  return null;
}
