import { plot } from "../shared/axes.js";
import { join, set, svg } from "../shared/dom.js";
import { draggable } from "../shared/drag.js";
import { clamp, fixed, line } from "../shared/scales.js";
import { descend, features, hessian, spectrum, stepsTo } from "./math.js";

const REACH = 6.4; // of the axes of the features; the handles are at two deviations
const [LOW, HIGH] = [-1, 3]; // of both weights: a window in true proportion
const LEVELS = Array.from({ length: 17 }, (_, i) => 2 ** (i - 9));
const [STEPS, MOST, SHARE] = [60, 10000, 0.01];
const FAR = 1e4; // a path that diverges is drawn to here
const round = (value, digits = 2) => Number(value.toFixed(digits)); // what an address should hold
const short = (value) => fixed(value, value < 0.995 ? 3 : value < 9.95 ? 2 : value < 99.5 ? 1 : 0);

export function draw(figure) {
  const { data, text, state } = figure;
  const cloud = examples(figure);
  const valley = surface(figure);
  for (const key of ["first", "second", "rho"]) figure.slider(key);
  figure.slider("rate", short);
  const prepare = figure.row("prepare");
  figure.preset("standardized", { first: 1, second: 1 }, prepare);
  figure.preset("whitened", { first: 1, second: 1, rho: 0 }, prepare);
  const found = () => spectrum(hessian(features(data.base, [state.first, state.second], state.rho)));
  const choose = figure.row("choose");
  const rate = (value) => ({ rate: clamp(value, 0.01, 4) });
  figure.action("below", () => rate(round(0.99 * found().limit, 4)), choose);
  figure.action("above", () => rate(round(1.01 * found().limit, 4)), choose);
  figure.action("fastest", () => rate(round(found().best, 4)), choose);

  return function update({ first, second, rho, rate, start }, width) {
    const X = features(data.base, [first, second], rho);
    const H = hessian(X);
    const of = spectrum(H);
    const wide = width >= 640;
    const side = Math.min(wide ? (width - 110) / 2 : width - 52, 350);
    figure.size(wide ? side + 70 : 2 * side + 142);
    cloud(X, { x: 38, y: 28, width: side, height: side });
    valley(H, of, wide ? { x: width - side - 14, y: 28, width: side, height: side } : { x: 38, y: side + 100, width: side, height: side });

    figure.say(
      text("says", { low: short(of.low), high: short(of.high), kappa: short(of.condition), limit: short(of.limit) }),
      outcome(text, rate, of, () => stepsTo(SHARE, H, data.best, start, rate, MOST)),
    );
  };
}

/** What becomes of the descent, in words. */
function outcome(text, rate, { high, limit }, needed) {
  const share = rate / limit;
  if (Math.abs(share - 1) < 1e-3) return text("says_limit", { rate: short(rate) });
  if (share > 1) return text("says_lost", { rate: short(rate), factor: fixed(rate * high - 1, 2) });
  const steps = needed();
  const count = steps === null ? text("many_steps") : steps === 1 ? text("one_step") : text("some_steps", { steps });
  return text("says_steps", { rate: short(rate), steps: count });
}

/** The cloud of examples in a box of two deviations, with a handle on three of its edges. */
function examples({ data, text, drawing, state, change }) {
  const panel = plot(drawing);
  const dots = svg(panel.inside, "g");
  const box = svg(panel.inside, "rect", { fill: "none", stroke: "var(--blue)", "stroke-width": 1.5 });
  const slope = svg(panel.inside, "path", { class: "line", stroke: "var(--orange)", "stroke-dasharray": "6 4" });
  const marks = svg(panel.inside, "g");
  let at = null;
  const scale = (value) => clamp(round(value), 0.75, 3);
  const correlation = (value) => clamp(round(value), -0.99, 0.99);
  // each: where it is in units of the axes, what a point says, what a key adds
  const edges = [
    { key: "first", place: () => [2 * state.first, 0], read: ([x]) => scale(x / 2), nudge: (dx, dy) => scale(state.first + (dx + dy) / 20) },
    { key: "second", place: () => [0, 2 * state.second], read: ([, y]) => scale(y / 2), nudge: (dx, dy) => scale(state.second + (dx + dy) / 20) },
    { key: "rho", place: () => [-2 * state.first, -2 * state.rho * state.second], read: ([, y]) => correlation(-y / 2 / state.second), nudge: (dx, dy) => correlation(state.rho - dy / 50 + dx / 50) },
  ];
  const pixels = (edge) => [at.x(edge.place()[0]), at.y(edge.place()[1])];
  const handles = edges.map((edge) =>
    draggable(svg(panel.inside, "circle", { r: 16, fill: "transparent", role: "slider", "aria-label": text(edge.key) }), {
      move: ([x, y]) => change({ [edge.key]: edge.read([at.x.invert(x), at.y.invert(y)]) }),
      nudge: (dx, dy) => change({ [edge.key]: edge.nudge(dx, dy) }),
      held: () => pixels(edge),
    }));

  return (X, where) => {
    const { first, second, rho } = state;
    const round_numbers = [-6, -4, -2, 0, 2, 4, 6];
    at = panel.frame({
      box: where, x: [-REACH, REACH], y: [-REACH, REACH], xTicks: round_numbers, yTicks: round_numbers,
      xName: text("x1"), yName: text("features"), decimals: [0, 0],
    });
    join(dots, "circle", X, ([x, y]) => ({ cx: at.x(clamp(x, -REACH, REACH)), cy: at.y(clamp(y, -REACH, REACH)), r: 3.5, fill: "var(--ink)", "fill-opacity": 0.55 }));
    set(box, { x: at.x(-2 * first), y: at.y(2 * second), width: at.x(4 * first) - at.x(0), height: at.y(0) - at.y(4 * second) });
    set(slope, { d: line([[-1, -1], [1, 1]].map(([x, y]) => [at.x(2 * x * first), at.y(2 * y * rho * second)])) });
    join(marks, "rect", edges, (edge) => {
      const [x, y] = pixels(edge);
      return {
        x: x - 6, y: y - 6, width: 12, height: 12, rx: edge.key === "rho" ? 6 : 1,
        fill: edge.key === "rho" ? "var(--orange)" : "var(--blue)", stroke: "var(--paper)", "stroke-width": 2,
      };
    });
    handles.forEach((handle, i) => {
      const [cx, cy] = pixels(edges[i]);
      set(handle, { cx, cy, "aria-valuenow": state[edges[i].key] });
    });
  };
}

/** The contours of the loss, and the path from a start that can be dragged. */
function surface({ data, text, drawing, state, change }) {
  const panel = plot(drawing);
  const window = svg(panel.inside, "svg", { style: { overflow: "hidden" } }); // an inner SVG cuts off
  const ellipses = svg(window, "g");
  const path = svg(window, "path", { class: "line", stroke: "var(--red)" });
  const points = svg(window, "g");
  const minimum = svg(window, "path", { class: "line", stroke: "var(--ink)", style: { "stroke-width": 2.5 } });
  const word = svg(window, "text", { text: text("minimum") });
  let at = null;
  const put = (w) => change({ start: w.map((value) => clamp(round(value), LOW, HIGH)) });
  const mark = svg(panel.inside, "circle", { r: 7, fill: "var(--red)", stroke: "var(--paper)", "stroke-width": 2 });
  const handle = draggable(svg(panel.inside, "circle", { r: 16, fill: "transparent", role: "slider", "aria-label": text("start"), "aria-valuemin": LOW, "aria-valuemax": HIGH }), {
    move: ([x, y]) => put([at.x.invert(x), at.y.invert(y)]),
    nudge: (dx, dy) => put([state.start[0] + dx / 10, state.start[1] + dy / 10]),
    held: () => [at.x(state.start[0]), at.y(state.start[1])],
  });

  return (H, of, box) => {
    const { start, rate } = state;
    const ticks = [-1, 0, 1, 2, 3];
    at = panel.frame({ box, x: [LOW, HIGH], y: [LOW, HIGH], xTicks: ticks, yTicks: ticks, xName: text("w1"), yName: text("loss"), decimals: [0, 0] });
    const inside = ([u, v]) => [at.x(clamp(u, -FAR, FAR)) - box.x, at.y(clamp(v, -FAR, FAR)) - box.y];
    const unit = box.width / (HIGH - LOW);
    const [cx, cy] = inside(data.best);
    set(window, { x: box.x, y: box.y, width: box.width, height: box.height });
    join(ellipses, "ellipse", [...LEVELS].reverse(), (level) => ({
      cx, cy, rx: unit * Math.sqrt((2 * level) / of.high), ry: unit * Math.sqrt((2 * level) / of.low),
      transform: `rotate(${(-of.angle * 180) / Math.PI} ${cx} ${cy})`,
      fill: "var(--blue)", "fill-opacity": 0.05, stroke: "var(--blue)", "stroke-opacity": 0.6,
    }));
    const way = descend(H, data.best, start, rate, STEPS).map(inside);
    set(path, { d: line(way) });
    join(points, "circle", way.slice(1), ([px, py]) => ({ cx: px, cy: py, r: 3, fill: "var(--red)" }));
    set(minimum, { d: `M${cx - 6},${cy - 6}l12,12m0,-12l-12,12` });
    set(word, { x: cx + 10, y: cy + 18 });
    const [sx, sy] = [at.x(start[0]), at.y(start[1])];
    set(mark, { cx: sx, cy: sy });
    set(handle, { cx: sx, cy: sy, "aria-valuenow": start[0], "aria-valuetext": text("place", { w1: fixed(start[0]), w2: fixed(start[1]) }) });
  };
}
