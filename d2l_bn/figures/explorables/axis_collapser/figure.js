import { html, join, set, svg } from "../shared/dom.js";
import { fixed } from "../shared/scales.js";
import { code, family, indices, means, resultShape, sets, subtraction, tuple, view } from "./math.js";

const PRESETS = {
  batch: { N: true, C: "keep", H: true, W: true },
  layer: { N: false, C: "mean", H: true, W: true },
  instance: { N: false, C: "keep", H: true, W: true },
  group: { N: false, C: "groups", H: true, W: true },
};
const HUES = ["blue", "orange", "green", "pink"];
const [WIDE, MANY] = [36, 8]; // pixels of a cell that holds a mean; more means than this are not written

export function draw(figure) {
  const { data, text, drawing } = figure;
  const names = svg(drawing, "g", { class: "names" });
  const ghosts = svg(drawing, "g");
  const cells = svg(drawing, "g");
  const results = svg(drawing, "g");
  const go = figure.row("go");
  figure.toggle("N", go);
  figure.preset("C", { C: "mean" }, go, { C: "keep" });
  figure.preset("groups", { C: "groups" }, go, { C: "keep" });
  figure.toggle("H", go);
  figure.toggle("W", go);
  const family_ = figure.row("family");
  for (const [name, settings] of Object.entries(PRESETS)) figure.preset(name, settings, family_);
  const show = figure.row("show");
  figure.toggle("keepdims", show);
  figure.toggle("slide", show);
  const listing = html(figure.controls, "pre", { class: "code" }); // below the buttons: it grows

  return function update(state, width) {
    const seen = view(data.shape, state);
    const numbers = sets(seen.shape, seen.axes);
    const means_ = means(data.values, numbers);
    const at = layout(data.shape, width);
    const together = state.slide && seen.axes.length > 0;
    const targets = places(data.shape, seen, numbers, state.keepdims, at);

    figure.size(at.height);
    join(names, "text", at.names, (name) => ({ ...name, "text-anchor": "middle" }));
    join(ghosts, "rect", indices(data.shape), (index) => {
      const [x, y] = at.cell(index);
      const side = at.size - 4;
      return { x: x - side / 2, y: y - side / 2, width: side, height: side, rx: 3, fill: "none", stroke: "var(--rule)" };
    });
    join(cells, "g", indices(data.shape), (index, i) => {
      const [x, y] = together ? targets[numbers[i]] : at.cell(index);
      return { class: "moves", style: { transform: `translate(${x}px, ${y}px)` } };
    }).forEach((cell, i) => drawCell(cell, data.values[i], hue(data.shape, state, i), at.size, together ? means_.length : 0));
    join(results, "g", together ? means_ : [], (_, i) => ({
      class: "moves appears",
      style: { transform: `translate(${targets[i][0]}px, ${targets[i][1]}px)` },
    })).forEach((result, i) => drawResult(result, means_[i], means_.length));
    set(listing, { text: code(data.shape, state).join("\n") });
    figure.say(...sentences(text, data.shape, state, seen, means_.length));
  };
}

/** Where the cells are: a sheet for each example (down) and channel (to the right). */
function layout([n, c, h, w], width) {
  const gap = width >= 640 ? 26 : 8;
  const size = Math.min(34, Math.floor((width - 40 - (c - 1) * gap) / (c * w)));
  const [left, top] = [(width - c * w * size - (c - 1) * gap) / 2 + 10, 46];
  const [toRight, down] = [w * size + gap, h * size + gap + 6];
  const middle = (sheet) => left + sheet * toRight + (w * size) / 2;
  return {
    size,
    centre: [middle(0) + ((c - 1) * toRight) / 2, top + ((n - 1) * down + h * size) / 2],
    height: top + (n - 1) * down + h * size + 24,
    cell: ([i, j, y, x]) => [left + j * toRight + (x + 0.5) * size, top + i * down + (y + 0.5) * size],
    names: [
      ...Array.from({ length: c }, (_, j) => ({ x: middle(j), y: 14, text: `C=${j}` })),
      ...Array.from({ length: n }, (_, i) => ({ x: left - 18, y: top + i * down + 14, text: `N=${i}` })),
      { x: middle(0), y: top - 8, text: "W →" },
      { x: left - 18, y: top + h * size - 3, text: "H ↓" },
    ],
  };
}

/** Where each mean goes: among its values with keepdims, to a packed array of its own without. */
function places(shape, seen, numbers, keepdims, at) {
  const count = Math.max(...numbers) + 1;
  if (!keepdims) return packed(resultShape(seen.shape, seen.axes, false), at);
  const sum = Array.from({ length: count }, () => [0, 0, 0]);
  indices(shape).forEach((index, i) => {
    const [x, y] = at.cell(index);
    const total = sum[numbers[i]];
    total[0] += x;
    total[1] += y;
    total[2] += 1;
  });
  return sum.map(([x, y, cells]) => [x / cells, y / cells]);
}

/** An array without gaps around the middle: the last axis to the right, the one before it down. */
function packed(shape, { centre, size }) {
  const [blocks, rows, columns] = [1, 1, 1, ...shape].slice(-3);
  const outer = shape.slice(0, -3).reduce((product, s) => product * s, 1) * blocks;
  const step = outer * rows * columns > MANY ? size * 1.1 : WIDE + 4;
  return indices([outer, rows, columns]).map(([block, y, x]) => [
    centre[0] + ((block - (outer - 1) / 2) * (columns + 0.6) + x - (columns - 1) / 2) * step,
    centre[1] + (y - (rows - 1) / 2) * step,
  ]);
}

/** A colour for each set; examples of one channel differ in strength. */
function hue(shape, { N, C, H, W }, i) {
  const [n, c, h, w] = indices(shape)[i];
  const first = !N && C !== "keep" ? n : 0;
  const kept = { keep: c, groups: 2 * first + Math.floor((c * 2) / shape[1]), mean: first };
  const within = C === "mean" ? (H ? 0 : h) + (W ? 0 : w) : 0;
  return { name: HUES[(kept[C] + within) % 4], strong: N || C !== "keep" || n === 0 };
}

function drawCell(cell, value, { name, strong }, size, results) {
  const half = (results && results <= MANY ? WIDE : size) / 2 - 1;
  join(cell, "rect", [0], () => ({
    x: -half, y: -half, width: 2 * half, height: 2 * half, rx: 3, stroke: `var(--${name})`,
    fill: `var(--${name}-fill)`, "fill-opacity": strong ? 1 : 0.35,
  }));
  const label = cell.childNodes[1] || svg(cell, "text");
  set(label, { x: 0, y: 4, "text-anchor": "middle", text: results ? "" : value });
}

function drawResult(result, mean, count) {
  const label = result.firstChild || svg(result, "text");
  const text = count > MANY ? "" : fixed(mean);
  set(label, { x: 0, y: 4, "text-anchor": "middle", "font-weight": 600, text });
}

function sentences(text, shape, state, seen, count) {
  if (!seen.axes.length) return [text("nothing")];
  const each = shape.reduce((product, size) => product * size, 1) / count;
  const norm = family(state);
  const kept = seen.names.filter((_, axis) => !seen.axes.includes(axis));
  const outcome = subtraction(seen.shape, seen.axes, state.keepdims);
  const key = outcome === "right" && state.keepdims ? "right_kept" : outcome;
  return [
    text(count === 1 ? "one" : "counts", { count, each }),
    ...(norm ? [text("of_family", { norm: text(norm) })] : []),
    text(key, {
      kept: kept.join(", "),
      read: seen.names.slice(seen.names.length - kept.length).join(", "),
      x: tuple(seen.shape),
      mean: tuple(resultShape(seen.shape, seen.axes, false)),
    }),
  ];
}
