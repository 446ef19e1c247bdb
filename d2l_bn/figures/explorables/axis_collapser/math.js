// Means over axes: which cells go into one number, the shape of the result, and where it lies.

export const GROUPS = 2; // of channels, for group normalization

/**
 * The array as it is averaged: `shape`, the names of its axes, and the numbers of those that go.
 * In groups, the channels are split first: (N, C, H, W) becomes (N, G, C/G, H, W).
 */
export function view(shape, { N, C, H, W }) {
  const [n, c, h, w] = shape;
  const grouped = C === "groups";
  const names = grouped ? ["N", "G", "C/G", "H", "W"] : ["N", "C", "H", "W"];
  const goes = grouped ? [N, false, true, H, W] : [N, C === "mean", H, W];
  return {
    shape: grouped ? [n, GROUPS, c / GROUPS, h, w] : shape,
    names,
    axes: goes.flatMap((gone, axis) => (gone ? [axis] : [])),
  };
}

/** The shape of X.mean(axis=axes, keepdims=keepdims). */
export function resultShape(shape, axes, keepdims) {
  return keepdims
    ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
    : shape.filter((_, axis) => !axes.includes(axis));
}

/** The indices of each cell, the last axis fastest. */
export function indices(shape) {
  return shape.reduce(
    (found, size) => found.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );
}

/** For each cell the number of the set that it is averaged with, counted in the result's order. */
export function sets(shape, axes) {
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  return indices(shape).map((index) => kept.reduce((number, axis) => number * shape[axis] + index[axis], 0));
}

/** The mean of each set. */
export function means(values, numbers) {
  const total = [];
  const count = [];
  values.forEach((value, i) => {
    total[numbers[i]] = (total[numbers[i]] || 0) + value;
    count[numbers[i]] = (count[numbers[i]] || 0) + 1;
  });
  return total.map((sum, set) => sum / count[set]);
}

/** What `X - mean` does: "right", "wrong" (it runs, on the wrong axes) or "error". */
export function subtraction(shape, axes, keepdims) {
  if (keepdims) return "right";
  const result = resultShape(shape, axes, false);
  const first = shape.length - result.length; // broadcasting lines shapes up at their ends
  if (result.some((size, i) => size !== 1 && size !== shape[first + i])) return "error";
  return result.every((_, i) => !axes.includes(first + i)) ? "right" : "wrong";
}

/** The normalizer that subtracts such a mean; null if none of the four does. */
export function family({ N, C, H, W }) {
  if (!H || !W) return null;
  const name = { keep: ["instance", "batch"], mean: ["layer", null], groups: ["group", null] };
  return name[C][N ? 1 : 0];
}

export const tuple = (numbers) => `(${numbers.join(", ")}${numbers.length === 1 ? "," : ""})`;

/** The lines of Python, and the shapes that they give. */
export function code(shape, state) {
  const { shape: shown, axes, names } = view(shape, state);
  const split = shown.length > shape.length;
  const axis = axes.length === 1 ? axes[0] : tuple(axes);
  const result = tuple(resultShape(shown, axes, state.keepdims));
  return [
    `X.shape == ${tuple(shape)}  # N, C, H, W`,
    ...(split ? [`X = X.reshape${tuple(shown)}  # ${names.join(", ")}`] : []),
    ...(axes.length ? [`mean = X.mean(axis=${axis}${state.keepdims ? ", keepdims=True" : ""})`] : []),
    ...(axes.length ? [`mean.shape == ${result}`] : []),
  ];
}
