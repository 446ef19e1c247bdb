import { plot } from "../shared/axes.js";
import { contour, grid } from "../shared/contours.js";
import { join, set, svg } from "../shared/dom.js";
import { draggable } from "../shared/drag.js";
import { clamp, fixed, line } from "../shared/scales.js";
import { bestRate, follow, stepsTo, surface } from "./math.js";

const SURFACES = ["valley", "saddle", "beale", "rosenbrock"];
const RULES = ["descent", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam"];
const [MOST, SHARE, CELLS, FAR] = [500, 1e-4, 96, 1e4];
const LEVELS = Array.from({ length: 19 }, (_, i) => (i - 9) / 2); // powers of ten
const LOOKS = [
  { colour: "var(--blue)", dash: null, mark: "●" },
  { colour: "var(--orange)", dash: "6 3", mark: "■" },
];
const round = (value) => Math.round(value * 1000) / 1000; // what an address should hold
const rateOf = (power) => Number((10 ** power).toPrecision(2)); // what is shown is what is used
const short = (value) => (value === 0 ? "0" : value >= 0.01 && value < 1000 ? fixed(value, value < 1 ? 3 : 1) : value.toExponential(0).replace("+", "").replace("-", "−"));

export function draw(figure) {
  const { data, text, state } = figure;
  const map = paths(figure);
  const chart = heights(figure);
  const rules = ({ rule_a, rate_a, rule_b, rate_b, memory }) => [
    { rule: rule_a, rate: rateOf(rate_a), decay: memory },
    { rule: rule_b, rate: rateOf(rate_b), decay: memory },
  ];
  const named = (keys) => keys.map((key) => [key, text(key)]);
  const power = (key) => (value) => (state[key] === "adadelta" ? text("rate_eps", { rate: rateOf(value) }) : String(rateOf(value)));
  figure.choice("surface", named(SURFACES), (name) => ({ surface: name, start: data.surfaces[name].start }));
  figure.slider("turn", (degrees) => text("degrees", { degrees }));
  figure.slider("steps");
  figure.slider("memory");
  for (const one of ["a", "b"]) {
    figure.choice(`rule_${one}`, named(RULES));
    figure.slider(`rate_${one}`, power(`rule_${one}`));
  }
  const buttons = figure.row();
  const best = (rule) => Math.log10(bestRate(state.surface, data, state.turn, rule, state.start, MOST, SHARE));
  figure.action("fair", () => {
    const [a, b] = rules(state).map(best);
    return { rate_a: round(a), rate_b: round(b) };
  }, buttons);
  figure.action("own_start", () => ({ start: data.surfaces[state.surface].start }), buttons);

  return function update(now, width) {
    const runs = rules(now).map((rule) => follow(now.surface, data, now.turn, rule, now.start, MOST));
    const names = [now.rule_a, now.rule_b].map((key, i) => `${LOOKS[i].mark} ${text(key)}`);
    const wide = width >= 640;
    const side = Math.min(wide ? (width - 110) / 2 : width - 52, 380);
    figure.size(wide ? side + 70 : side + 300);
    map(runs, { x: 38, y: 28, width: side, height: side });
    chart(runs, names, wide
      ? { x: side + 110, y: 28, width: width - side - 124, height: side }
      : { x: 50, y: side + 108, width: width - 64, height: 144 });
    figure.say(...runs.map((run, i) => sentence(text, run, names[i], now.steps)));
  };
}

function sentence(text, run, name, steps) {
  const count = (n) => (n === 1 ? text("one") : text("many", { steps: n }));
  if (run.stopped !== null) return text("says_lost", { name, step: run.stopped });
  const needed = stepsTo(run, SHARE);
  const words = { name, height: short(run.values[steps]), steps: count(steps) };
  return needed === null ? text("says_not", words) : text("says_arrived", { ...words, needed: count(needed) });
}

/** The surface from above, the two paths over it, and the start to drag. */
function paths({ data, text, drawing, state, change }) {
  const panel = plot(drawing);
  const window = svg(panel.inside, "svg", { style: { overflow: "hidden" } }); // an inner SVG cuts off
  const [levels, minima, lines, dots] = ["g", "g", "g", "g"].map((tag) => svg(window, tag));
  const handle = draggable(svg(panel.inside, "circle", { r: 16, fill: "transparent", role: "slider", "aria-label": text("start") }), {
    move: ([x, y]) => put([at.x.invert(x), at.y.invert(y)]),
    nudge: (dx, dy) => {
      const [[x, y], step] = [of.there(state.start), data.surfaces[state.surface].half / 50];
      put([x + dx * step, y + dy * step]);
    },
    held: () => {
      const [x, y] = of.there(state.start);
      return [at.x(x), at.y(y)];
    },
  });
  const diamond = svg(panel.inside, "path", { fill: "var(--ink)", stroke: "var(--paper)", "stroke-width": 2, style: { "pointer-events": "none" } });
  let [at, of, shown, pieces] = [null, null, "", []];

  // in a circle, so that it stays in the window however the surface is turned
  function put(point) {
    const { centre, half } = data.surfaces[state.surface];
    const off = of.back(point).map((x, i) => x - centre[i]);
    const share = Math.min(1, half / (Math.hypot(...off) || 1));
    change({ start: off.map((x, i) => clamp(Math.round(100 * (centre[i] + share * x)) / 100, -5, 5)) });
  }

  return (runs, box) => {
    const { centre, half, minima: lowest } = data.surfaces[state.surface];
    of = surface(state.surface, data, state.turn);
    const [x, y] = centre.map((c) => [c - half, c + half]);
    at = panel.frame({ box, x, y, yName: text("map"), decimals: [0, 0] });
    if (shown !== `${state.surface} ${state.turn}`) {
      shown = `${state.surface} ${state.turn}`;
      const values = grid((point) => Math.log10(of.value(point) + 1e-9), x, y, CELLS);
      pieces = LEVELS.map((level) => contour(values, level));
    }
    set(window, { x: box.x, y: box.y, width: box.width, height: box.height });
    const pixel = ([i, j]) => [(i / CELLS) * box.width, box.height - (j / CELLS) * box.height];
    join(levels, "path", pieces, (level) => ({
      d: level.map(([from, to]) => line([pixel(from), pixel(to)])).join(""), class: "line", stroke: "var(--faint)",
      style: { "stroke-width": 1, "stroke-opacity": 0.7 },
    }));
    const inside = ([u, v]) => [at.x(clamp(u, -FAR, FAR)) - box.x, at.y(clamp(v, -FAR, FAR)) - box.y];
    join(minima, "path", lowest.map(of.there).map(inside), ([cx, cy]) => ({
      d: `M${cx - 6},${cy - 6}l12,12m0,-12l-12,12`, class: "line", stroke: "var(--green)", style: { "stroke-width": 3 },
    }));
    const ways = runs.map((run) => run.points.slice(0, state.steps + 1).map(inside));
    join(lines, "path", ways, (way, i) => ({ d: line(way), class: "line", stroke: LOOKS[i].colour, "stroke-dasharray": LOOKS[i].dash }));
    // a dot for each of the first steps, a large one where the path is now
    join(dots, "rect", ways.flatMap((way, i) => way.slice(1, 60).concat([way.at(-1)]).map((point, k, all) => ({ point, i, size: k === all.length - 1 ? 13 : 5 }))), ({ point, i, size }) => ({
      x: point[0] - size / 2, y: point[1] - size / 2, width: size, height: size, rx: i ? 0 : size / 2, fill: LOOKS[i].colour,
      stroke: size > 5 ? "var(--paper)" : null, "stroke-width": 2,
    }));
    const [sx, sy] = inside(of.there(state.start)).map((p, i) => p + (i ? box.y : box.x));
    const [u, v] = of.there(state.start);
    set(diamond, { d: `M${sx},${sy - 9}l9,9l-9,9l-9,-9Z` });
    set(handle, { cx: sx, cy: sy, "aria-valuenow": round(u), "aria-valuetext": text("place", { x: fixed(u), y: fixed(v) }) });
  };
}

/** How high each is over the steps, on a logarithmic axis. */
function heights({ text, drawing, state }) {
  const panel = plot(drawing);
  const lines = svg(panel.inside, "g");
  const names = svg(drawing, "g");
  const [LOW, HIGH] = [-8, 4];

  return (runs, words, box) => {
    const { steps } = state;
    const at = panel.frame({
      box, x: [0, steps], y: [LOW, HIGH], yTicks: [-8, -6, -4, -2, 0, 2], xTicks: steps < 5 ? [0, steps] : null,
      yName: text("heights"), xName: text("step"), yFormat: (power) => (Math.abs(power) > 2 ? `1e${fixed(power, 0)}` : String(10 ** power)),
    });
    const points = (run) => run.values.slice(0, steps + 1).map((value, t) => [at.x(t), at.y(clamp(Math.log10(Math.max(value, 1e-12)), LOW, HIGH))]);
    join(lines, "path", runs, (run, i) => ({ d: line(points(run)), class: "line", stroke: LOOKS[i].colour, "stroke-dasharray": LOOKS[i].dash }));
    join(names, "text", words, (name, i) => ({
      x: box.x + box.width - 8, y: box.y + 18 + 18 * i, "text-anchor": "end", "font-weight": 600, text: name, style: { fill: LOOKS[i].colour },
    }));
  };
}
