// Seven update rules on four surfaces that can be turned.

// What a rule subtracts from one coordinate, and what it remembers of it: (gradient, memory, step).
// `decay` is γ of the momenta, ρ of RMSProp and AdaDelta, β₁ of Adam.
const RULES = {
  descent: (rate) => (g) => [rate * g, null],
  momentum: (rate, decay) => (g, v = 0) => {
    v = decay * v + rate * g;
    return [v, v];
  },
  nesterov: (rate, decay) => (g, v = 0) => {
    v = decay * v + rate * g;
    return [rate * g + decay * v, v];
  },
  adagrad: (rate) => (g, s = 0) => {
    s += g * g;
    return [(rate * g) / Math.sqrt(s + 1e-7), s];
  },
  rmsprop: (rate, decay) => (g, s = 0) => {
    s = decay * s + (1 - decay) * g * g;
    return [(rate * g) / Math.sqrt(s + 1e-8), s];
  },
  // no learning rate: with this ε its first step is as long as RMSProp's
  adadelta: (rate, decay) => (g, [s, d] = [0, 0]) => {
    const eps = rate * rate;
    s = decay * s + (1 - decay) * g * g;
    const step = (Math.sqrt(d + eps) / Math.sqrt(s + eps)) * g;
    return [step, [s, decay * d + (1 - decay) * step * step]];
  },
  adam: (rate, decay) => (g, [m, s] = [0, 0], t) => {
    m = decay * m + (1 - decay) * g;
    s = 0.999 * s + (1 - 0.999) * g * g;
    return [(rate * (m / (1 - decay ** t))) / (Math.sqrt(s / (1 - 0.999 ** t)) + 1e-8), [m, s]];
  },
};

const BEALE = [1.5, 2.25, 2.625];
const terms = ([x, y]) => BEALE.map((c, k) => c + x * (y ** (k + 1) - 1));
const sum = (values) => values.reduce((total, v) => total + v, 0);

const SURFACES = {
  valley: ({ condition }) => ({
    value: ([x, y]) => (x * x + condition * y * y) / 2,
    gradient: ([x, y]) => [x, condition * y],
  }),
  saddle: () => ({
    value: ([x, y]) => (x * x) / 2 + (y * y - 1) ** 2 / 4,
    gradient: ([x, y]) => [x, y * (y * y - 1)],
  }),
  beale: () => ({
    value: (point) => sum(terms(point).map((r) => r * r)),
    gradient: ([x, y]) => {
      const r = terms([x, y]);
      return [2 * sum(r.map((v, k) => v * (y ** (k + 1) - 1))), 2 * sum(r.map((v, k) => v * x * (k + 1) * y ** k))];
    },
  }),
  rosenbrock: () => ({
    value: ([x, y]) => (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    gradient: ([x, y]) => [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)],
  }),
};

/** A surface turned by so many degrees around the centre of its window. */
export function surface(name, { surfaces, condition }, degrees) {
  const { value, gradient } = SURFACES[name]({ condition });
  const [cx, cy] = surfaces[name].centre;
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const turned = ([u, v]) => [cos * u - sin * v, sin * u + cos * v];
  const there = ([x, y]) => {
    const [u, v] = turned([x - cx, y - cy]);
    return [cx + u, cy + v];
  };
  const back = ([x, y]) => [cx + cos * (x - cx) + sin * (y - cy), cy - sin * (x - cx) + cos * (y - cy)];
  return { value: (point) => value(back(point)), gradient: (point) => turned(gradient(back(point))), there, back };
}

/**
 * The path of a rule from `start` (where it is before the surface is turned). It ends where it leaves
 * the plane, beyond 1000: `stopped` is the step at which it does, else null.
 */
export function follow(name, data, degrees, { rule, rate, decay }, start, steps) {
  const { value, gradient, there } = surface(name, data, degrees);
  const step = RULES[rule](rate, decay);
  const points = [there(start)];
  const memories = [undefined, undefined];
  let stopped = null;
  for (let t = 1; t <= steps; t++) {
    const [now, slope] = [points[t - 1], gradient(points[t - 1])];
    const next = now.map((x, i) => {
      const [move, memory] = step(slope[i], memories[i], t);
      memories[i] = memory;
      return x - move;
    });
    if (!next.every((x) => Math.abs(x) <= 1000)) {
      stopped = t;
      break;
    }
    points.push(next);
  }
  return { points, values: points.map(value), stopped };
}

/** The first step from which the path stays at or below a share of its first height; null if none. */
export function stepsTo({ values, stopped }, share) {
  let last = values.length - 1;
  while (last >= 0 && values[last] <= share * values[0]) last--;
  return stopped === null && last + 1 < values.length ? last + 1 : null;
}

/** The rate with the fewest steps to the share; if none arrives, that which came lowest. */
export function bestRate(name, data, degrees, { rule, decay }, start, steps, share) {
  const runs = data.rates.map((rate) => {
    const run = follow(name, data, degrees, { rule, rate, decay }, start, steps);
    const needed = stepsTo(run, share);
    const rank = needed !== null ? [0, 0, needed] : [1, Number(run.stopped !== null), run.values.at(-1)];
    return { rate, rank };
  });
  const before = (a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
  return runs.reduce((best, run) => (before(run.rank, best.rank) < 0 ? run : best)).rate;
}
