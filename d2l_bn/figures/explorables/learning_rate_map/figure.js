import { plot } from "../shared/axes.js";
import { html, join, set, svg } from "../shared/dom.js";
import { draggable } from "../shared/drag.js";
import { clamp, fixed, line } from "../shared/scales.js";
import { between, firstFailure, good, means, nearest } from "./math.js";

const NORMS = ["plain", "batch"];
const HUES = { plain: "orange", batch: "blue" };
const SEEDS = 3;
const APART = 5; // pixels of the two networks from the place of their rate
const FIELD = "width: 5em; min-height: 34px; box-sizing: border-box; font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--faint); border-radius: 6px; padding: 0 6px";
const [LEFT, RIGHT, LEGEND] = [34, 14, 44]; // pixels for the numbers of the axes, and above a plot

export function draw(figure) {
  const { data, text, state, drawing, change } = figure;
  const map = runs(figure);
  const curve = course(figure);
  const activations = figure.row("activation");
  figure.preset("relu", { activation: "relu" }, activations);
  figure.preset("sigmoid", { activation: "sigmoid" }, activations);
  const networks = figure.row("norm");
  for (const norm of NORMS) figure.preset(norm, { norm }, networks);
  figure.slider("rate", (rate) => data.rates[rate]);
  figure.slider("seed");
  dropper(figure);
  map.look = (run) => curve.show(run || state); // while the pointer is over a dot

  return function update({ activation, norm, rate, seed, own }, width) {
    const wide = width >= 640;
    const left = wide ? width * 0.6 : width;
    const height = wide ? 250 : 220;
    map.show({ x: LEFT, y: LEGEND, width: left - LEFT - RIGHT, height });
    curve.box = wide
      ? { x: left + 24 + LEFT, y: LEGEND, width: width - left - 24 - LEFT - RIGHT, height }
      : { x: LEFT, y: LEGEND + height + 92, width: width - LEFT - RIGHT, height: 140 };
    curve.show(state);
    figure.size(wide ? LEGEND + height + 40 : LEGEND + height + 272);

    const run = data.runs[activation][norm][rate][seed];
    const kind = { activation: text(activation), norm: text(norm), rate: data.rates[rate], seed };
    const ranges = NORMS.map((one) => range(figure, one));
    figure.say(
      text(run.diverged ? "says_diverged" : "says_run", { ...kind, accuracy: fixed(run.accuracy, 3) }),
      text("says_range", { activation: text(activation), plain: ranges[0], batch: ranges[1] }),
      ...own.map(([at, accuracy]) => text("says_own", {
        at, accuracy: fixed(accuracy, 3),
        ...Object.fromEntries(NORMS.map((one) => {
          const there = between(data.rates, means(data.runs[activation][one]), at);
          return [one, there === null ? "?" : fixed(there, 3)];
        })),
      })),
    );
  };
}

/** In words: at which rates a kind of network is good, and where it learns nothing any more. */
function range({ data, text, state }, norm) {
  const accuracies = means(data.runs[state.activation][norm]);
  if (Math.max(...accuracies) < 0.5) return text("never");
  const [from, to] = good(accuracies).map((i) => data.rates[i]);
  const fails = firstFailure(accuracies);
  return text(fails === null ? "range" : "range_fails", { from, to, fails: data.rates[fails] });
}

/** A dot for every run; the curve of the one under the pointer is shown. */
function runs({ data, text, state, drawing, change }) {
  const legend = svg(drawing, "g");
  const map = plot(drawing);
  const guess = svg(map.inside, "path", { stroke: "var(--faint)", "stroke-dasharray": "2 3" });
  const lines = svg(map.inside, "g");
  const dots = svg(map.inside, "g");
  const ring = svg(map.inside, "circle", { r: 9, fill: "none", stroke: "var(--pink)", "stroke-width": 3 });
  const over = svg(map.inside, "circle", { r: 9, fill: "none", stroke: "var(--ink)", "stroke-width": 1.5, opacity: 0 });
  const own = svg(map.inside, "g");
  const names = svg(map.inside, "g");
  let points = [];
  const found = (where) => points[nearest(points, where)];
  const select = ({ norm, rate, seed }) => change({ norm, rate, seed });
  const hold = draggable(svg(drawing, "rect", { fill: "transparent", role: "slider", "aria-valuemin": 0, "aria-valuemax": data.rates.length - 1 }), {
    move: (where) => select(found(where)),
    nudge: (dx, dy) => {
      const row = clamp((state.norm === "batch" ? SEEDS : 0) + state.seed + dy, 0, 2 * SEEDS - 1);
      change({
        rate: clamp(state.rate + dx, 0, data.rates.length - 1),
        norm: NORMS[Math.floor(row / SEEDS)],
        seed: row % SEEDS,
      });
    },
    touch: "pan-y",
  });
  const self = {
    show(box) {
      const at = map.frame({
        box, x: [-1.7, 1.7], y: [0, 1], xTicks: data.rates.map(Math.log10), yTicks: [0, 0.2, 0.4, 0.6, 0.8, 1],
        xFormat: (power) => String(Number((10 ** power).toPrecision(1))), xName: text("rates"), yName: text("accuracy"),
      });
      const kinds = data.runs[state.activation];
      const x = (rate) => at.x(Math.log10(rate));
      points = NORMS.flatMap((norm, k) => kinds[norm].flatMap((seeds, rate) => seeds.map((run, seed) => ({
        norm, rate, seed, run, x: x(data.rates[rate]) + (k ? APART : -APART) + (seed - 1) * 3, y: at.y(run.accuracy),
      }))));
      set(guess, { d: `M${box.x},${at.y(0.1)}h${box.width}` });
      join(legend, "text", NORMS, (norm, i) => ({
        x: box.x + box.width - (i ? 0 : 84), y: 14, "text-anchor": "end", text: text(norm) + (i ? " ■" : " ●"),
        style: { fill: `var(--${HUES[norm]})` },
      }));
      join(lines, "path", NORMS, (norm, k) => ({
        class: "line", stroke: `var(--${HUES[norm]})`, opacity: 0.55, "stroke-dasharray": k ? null : "5 3",
        d: line(means(kinds[norm]).map((accuracy, rate) => [x(data.rates[rate]) + (k ? APART : -APART), at.y(accuracy)])),
      }));
      join(dots, "rect", points, (point) => ({
        x: point.x - 4, y: point.y - 4, width: 8, height: 8, rx: point.norm === "plain" ? 4 : 0,
        fill: `var(--${HUES[point.norm]}-fill)`, stroke: `var(--${HUES[point.norm]})`, "stroke-width": 1.5,
      }));
      const chosen = points.find((p) => p.norm === state.norm && p.rate === state.rate && p.seed === state.seed);
      set(ring, { cx: chosen.x, cy: chosen.y });
      join(own, "path", state.own, ([rate, accuracy]) => ({
        d: `M${x(rate)},${at.y(accuracy) - 9}l9,9l-9,9l-9,-9Z`, fill: "var(--pink)", stroke: "var(--ink)", "stroke-width": 1.5,
      }));
      join(names, "text", [...state.own.map(([rate, accuracy]) => ({ x: x(rate), y: at.y(accuracy) - 14, text: text("yours"), middle: true })),
        { x: box.x + 4, y: at.y(0.1) - 4, text: text("guess") }], (name) => ({
        x: name.x, y: Math.max(name.y, 26), text: name.text, "text-anchor": name.middle ? "middle" : "start",
        "font-weight": name.middle ? 600 : 400,
      }));
      set(over, { opacity: 0 });
      set(hold, {
        ...box, "aria-label": text("map"), "aria-valuenow": state.rate,
        "aria-valuetext": text("dot", { norm: text(state.norm), rate: data.rates[state.rate], seed: state.seed, accuracy: fixed(chosen.run.accuracy, 3) }),
      });
    },
    look: () => {},
  };
  hold.addEventListener("pointermove", (event) => {
    if (event.buttons || event.pointerType === "touch") return;
    const box = drawing.getBoundingClientRect();
    const zoom = drawing.width.baseVal.value / box.width || 1;
    const point = found([(event.clientX - box.left) * zoom, (event.clientY - box.top) * zoom]);
    set(over, { cx: point.x, cy: point.y, opacity: 1 });
    self.look(point);
  });
  hold.addEventListener("pointerleave", () => {
    set(over, { opacity: 0 });
    self.look(null);
  });
  return self;
}

/** The training accuracy of one run on its way; the other seeds are faint. */
function course({ data, text, state, drawing }) {
  const title = svg(drawing, "text", { "font-weight": 600 });
  const chart = plot(drawing);
  const lines = svg(chart.inside, "g");
  const last = data.steps[data.steps.length - 1];
  return {
    show({ norm, rate, seed }) {
      const { box } = this;
      const at = chart.frame({
        box, x: [0, last], y: [0, 1], yTicks: [0, 0.2, 0.4, 0.6, 0.8, 1], xTicks: [0, 100, 200, 300], xName: text("steps"), yName: text("training"),
      });
      const seeds = data.runs[state.activation][norm][rate];
      const order = [...seeds.keys()].sort((a, b) => (a === seed) - (b === seed)); // the chosen one on top
      set(title, { x: box.x - 28, y: box.y - 30, text: text("run", { norm: text(norm), rate: data.rates[rate], seed }) });
      join(lines, "path", order, (one) => ({
        class: "line", d: line(seeds[one].curve.map((accuracy, i) => [at.x(data.steps[i]), at.y(accuracy)])),
        stroke: `var(--${HUES[norm]})`, opacity: one === seed ? 1 : 0.3,
      }));
    },
  };
}

/** Two fields and a button: a run of the reader's own, dropped on the map. */
function dropper({ controls, text, state, change }) {
  const row = html(controls, "form", { class: "row", "aria-label": text("own") });
  html(row, "span", { class: "rowname", text: text("own") });
  const field = (key, min, max) => {
    const label = html(row, "label", { text: `${text(key)} ` });
    const input = html(label, "input", { type: "number", name: key, min, max, step: "any", required: "" });
    input.style.cssText = FIELD;
    return input;
  };
  const rate = field("own_rate", 0.02, 50);
  const accuracy = field("own_accuracy", 0, 100);
  html(row, "button", { type: "submit", text: text("drop") });
  row.addEventListener("submit", (event) => {
    event.preventDefault();
    const share = Number(accuracy.value);
    const run = [Number(rate.value), share > 1 ? share / 100 : share]; // some write percent
    change({ own: [...state.own, run].slice(-5) });
  });
}
