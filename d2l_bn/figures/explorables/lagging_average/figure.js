import { plot } from "../shared/axes.js";
import { join, set, svg } from "../shared/dom.js";
import { draggable } from "../shared/drag.js";
import { clamp, fixed, line } from "../shared/scales.js";
import { simulate } from "./math.js";

const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length;
const bell = (x, spread) => Math.exp(-0.5 * (x / spread) ** 2) / (spread * Math.sqrt(2 * Math.PI));
const percent = (share) => `${fixed(100 * share, 0)}\u00a0%`;
const [LEFT, RIGHT] = [40, 14]; // pixels for the numbers of the axes

export function draw(figure) {
  const { data, text, drawing, state } = figure;
  const count = data.push.length;
  const overTime = curves(figure, count);
  const atOneBatch = classes(figure);
  const cursor = svg(drawing, "path", { class: "line", stroke: "var(--orange)" });
  let toX = null;
  const goTo = (t) => figure.change({ batch: clamp(Math.round(t), 1, count) });
  const hold = draggable(svg(drawing, "rect", { fill: "transparent", role: "slider", "aria-valuemin": 1, "aria-valuemax": count }), {
    move: ([x]) => goTo(toX.invert(x)),
    nudge: (dx, dy) => goTo(state.batch + dx + 10 * dy),
    touch: "pan-y",
  });
  for (const key of Object.keys(state)) figure.slider(key);

  return function update({ m, rate, size, batch }, width) {
    const run = simulate(data, m, rate, size);
    const now = batch - 1;
    const wide = width >= 640;
    const span = (wide ? width * 0.62 : width) - LEFT - RIGHT;
    figure.size(wide ? 306 : 540);

    toX = overTime(run, span);
    atOneBatch(run.centre[now], run.average[now], wide
      ? { x: width * 0.62 + 24, y: 66, width: width * 0.38 - 32, height: 198 }
      : { x: LEFT, y: 368, width: span, height: 130 });
    set(cursor, { d: `M${toX(batch)},24V264` });
    set(hold, { x: LEFT, y: 24, width: span, height: 240, "aria-label": text("batch"), "aria-valuenow": batch });

    const halves = [run.accuracy.slice(0, count / 2), run.accuracy.slice((2 * count) / 3)];
    figure.say(
      text("says_now", {
        batch,
        error: fixed(Math.abs(run.average[now] - run.centre[now])),
        right: percent(run.accuracy[now]),
      }),
      ...["says_large", "says_small"].map((key, i) =>
        text(key, { mean: percent(mean(halves[i])), low: percent(Math.min(...halves[i])) })),
    );
  };
}

/** Centre and average above, the accuracy below, over the batches. */
function curves({ text, drawing }, count) {
  const [upper, lower] = [plot(drawing), plot(drawing)];
  const lines = svg(upper.inside, "g");
  const right = svg(lower.inside, "path", { class: "line", stroke: "var(--green)" });
  const names = svg(drawing, "g");
  const phases = svg(drawing, "g", { class: "names" });
  const change = svg(drawing, "path", { class: "line", stroke: "var(--faint)", "stroke-dasharray": "2 4" });

  return (run, span) => {
    // the axis holds the centre, not the average: it must not jump while m is moved
    const [low, high] = [Math.min(-1, ...run.centre), Math.max(1, ...run.centre)];
    const at = upper.frame({
      box: { x: LEFT, y: 24, width: span, height: 120 },
      x: [1, count], y: [low, high], xTicks: [], yName: text("value"),
    });
    const below = lower.frame({
      box: { x: LEFT, y: 182, width: span, height: 82 },
      x: [1, count], y: [0.4, 1], xTicks: [1, 75, 150, 225, 300], yTicks: [0.5, 0.75, 1],
      xName: text("batches"), yName: text("accuracy"), decimals: [0, 2],
    });
    const path = (values, y) => line(values.map((v, i) => [at.x(i + 1), y(v)]));
    join(lines, "path", ["average", "centre"], (key) => ({
      class: "line",
      d: path(run[key], at.y),
      stroke: key === "centre" ? "var(--ink)" : "var(--blue)",
      "stroke-dasharray": key === "centre" ? "5 3" : null,
    }));
    set(right, { d: path(run.accuracy.map((a) => Math.max(a, 0.4)), below.y) });
    join(names, "text", ["centre", "average"], (key, i) => ({
      x: LEFT + span - (i ? 0 : 122),
      y: 15,
      "text-anchor": "end",
      text: (i ? "━ " : "╌ ") + text(key),
      style: { fill: i ? "var(--blue)" : "var(--ink)" },
    }));
    set(change, { d: `M${at.x(count / 2 + 0.5)},24V264` });
    join(phases, "text", ["large", "small"], (key, i) => ({
      x: at.x((count * (1 + 2 * i)) / 4), y: 160, "text-anchor": "middle", text: text(key),
    }));
    return at.x;
  };
}

/** The two classes at one batch, and the threshold between them: what is on its wrong side is red. */
function classes({ text, drawing, data, state }) {
  const bells = plot(drawing);
  const areas = svg(bells.inside, "g");
  const words = svg(drawing, "g");

  return (centre, average, box) => {
    const domain = [centre - 3, centre + 3];
    const at = bells.frame({ box, x: domain, y: [0, 0.9], yTicks: [], xName: text("value") });
    const threshold = clamp(average, ...domain);
    const curve = (middle, from, to) => {
      const xs = Array.from({ length: 61 }, (_, i) => from + ((to - from) * i) / 60);
      return xs.map((x) => [at.x(x), at.y(bell(x - middle, data.spread))]);
    };
    const area = (middle, from, to) =>
      `${line(curve(middle, from, to))}L${at.x(to)},${at.y(0)}L${at.x(from)},${at.y(0)}Z`;
    const parts = [
      { d: area(centre - 1, ...domain), fill: "var(--panel)" },
      { d: area(centre + 1, ...domain), fill: "var(--panel)" },
      { d: area(centre - 1, threshold, domain[1]), fill: "var(--red)" },
      { d: area(centre + 1, domain[0], threshold), fill: "var(--red)" },
      { d: line(curve(centre - 1, ...domain)), class: "line", stroke: "var(--ink)" },
      { d: line(curve(centre + 1, ...domain)), class: "line", stroke: "var(--ink)" },
      { d: `M${at.x(centre)},${box.y}V${at.y(0)}`, class: "line", stroke: "var(--ink)", "stroke-dasharray": "5 3" },
      { d: `M${at.x(threshold)},${box.y}V${at.y(0)}`, class: "line", stroke: "var(--blue)" },
    ];
    join(areas, "path", parts, (part) => ({ class: null, stroke: null, "stroke-dasharray": null, fill: "none", ...part }));
    join(words, "text", [
      { x: box.x, y: box.y - 30, text: text("classes", { batch: state.batch }), weight: 600 },
      { x: box.x, y: box.y - 10, text: text("threshold"), fill: "var(--blue)" },
      { x: box.x + box.width, y: box.y - 10, text: text("wrong"), fill: "var(--red)", anchor: "end" },
    ], (w) => ({
      x: w.x, y: w.y, text: w.text, "text-anchor": w.anchor || "start", "font-weight": w.weight || 400,
      style: { fill: w.fill || "var(--ink)" },
    }));
  };
}
