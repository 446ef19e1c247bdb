// Lines of equal height of a function over a rectangle: marching squares.

/** Values on a grid of (n + 1) by (n + 1) points, row by row from the lowest y; `f` gets [x, y]. */
export function grid(f, [left, right], [bottom, top], n) {
  return Array.from({ length: n + 1 }, (_, j) =>
    Array.from({ length: n + 1 }, (_, i) => f([left + ((right - left) * i) / n, bottom + ((top - bottom) * j) / n])));
}

/** The pieces of the line at a level, as pairs of points in cells of the grid. */
export function contour(values, level) {
  const pieces = [];
  const n = values.length - 1;
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const cuts = corners.flatMap(([x, y], k) => {
        const [x2, y2] = corners[(k + 1) % 4];
        const [a, b] = [values[y][x] - level, values[y2][x2] - level];
        if (a < 0 === b < 0) return [];
        const share = a / (a - b);
        return [[x + share * (x2 - x), y + share * (y2 - y)]];
      });
      for (let k = 0; k + 1 < cuts.length; k += 2) pieces.push([cuts[k], cuts[k + 1]]);
    }
  }
  return pieces;
}
