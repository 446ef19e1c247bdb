import { plot } from "../shared/axes.js";
import { join, set, svg } from "../shared/dom.js";
import { draggable } from "../shared/drag.js";
import { clamp, fixed, line } from "../shared/scales.js";
import { curve, limit, moments, output } from "./math.js";

const REACH = 3; // of both axes
const XS = Array.from({ length: 121 }, (_, i) => -REACH + (i * REACH) / 60);
const LEFT = 30;

export function draw(figure) {
  const { data, text, drawing, state } = figure;
  const [strip, transfer] = [plot(drawing), plot(drawing)];
  const band = svg(strip.inside, "rect", { fill: "var(--blue-fill)" });
  const middle = svg(strip.inside, "path", { class: "line", stroke: "var(--blue)" });
  const dots = svg(strip.inside, "g");
  const [bounds, faint, straight, bold] = ["g", "g", "path", "path"].map((tag) => svg(transfer.inside, tag));
  const names = svg(drawing, "g");
  const guide = svg(drawing, "path", { class: "line", stroke: "var(--orange)" });
  const marks = svg(drawing, "g");
  let toX = null;
  const put = (x) => figure.change({ x: clamp(Math.round(x * 10) / 10, -REACH, REACH) });
  const handle = draggable(svg(drawing, "rect", { fill: "transparent", role: "slider", "aria-valuemin": -REACH, "aria-valuemax": REACH }), {
    move: ([x]) => put(toX.invert(x)),
    nudge: (dx, dy) => put(state.x + (dx + dy) / 10),
    touch: "pan-y",
  });
  for (const key of ["m", "x", "batch"]) figure.slider(key);

  return function update({ m, x, batch }, width) {
    const rests = data.others.map((values) => values.slice(0, m - 1));
    const others = rests[batch - 1];
    const { mean, variance } = moments([x, ...others]);
    const sigma = Math.sqrt(variance + data.eps);
    const box = { x: LEFT, width: width - LEFT - 14 };
    const range = [-REACH, REACH];
    const wide = width >= 640;
    figure.size(wide ? 424 : 456);

    const at = strip.frame({ box: { ...box, y: 24, height: 74 }, x: range, y: [0, 1], xTicks: [-3, -2, -1, 0, 1, 2, 3], yTicks: [], yName: text("shared") });
    toX = at.x;
    const [low, high] = [mean - sigma, mean + sigma].map((v) => at.x(clamp(v, ...range)));
    set(band, { x: low, y: 24, width: Math.max(high - low, 0), height: 74 });
    set(middle, { d: `M${at.x(clamp(mean, ...range))},24v74` });
    join(dots, "circle", others.filter((v) => Math.abs(v) <= REACH), (v, i) => ({
      cx: at.x(v), cy: 36 + ((i * 29) % 50), r: m > 64 ? 3 : 5, fill: "var(--ink)", "fill-opacity": m > 64 ? 0.5 : 0.8,
    }));

    const to = transfer.frame({ box: { ...box, y: 166, height: 214 }, x: range, y: range, xTicks: [-3, -2, -1, 0, 1, 2, 3], yTicks: [-3, -2, -1, 0, 1, 2, 3], xName: text("value"), yName: text("curves"), decimals: [0, 0] });
    const path = (rest) => line(curve(XS, rest, data.eps).map((y, i) => [to.x(XS[i]), to.y(clamp(y, ...range))]));
    join(bounds, "path", limit(m) < REACH ? [limit(m), -limit(m)] : [], (y) => ({ d: `M${box.x},${to.y(y)}h${box.width}`, class: "line", stroke: "var(--pink)", "stroke-dasharray": "2 4" }));
    join(faint, "path", rests, (rest) => ({ d: path(rest), class: "line", stroke: "var(--faint)", style: { "stroke-width": 1 } }));
    set(straight, { d: `M${to.x(-REACH)},${to.y(-REACH)}L${to.x(REACH)},${to.y(REACH)}`, class: "line", stroke: "var(--ink)", "stroke-dasharray": "6 4" });
    set(bold, { d: path(others), class: "line", stroke: "var(--blue)", style: { "stroke-width": 3 } });
    legend(names, text, to.y, m, wide);

    const out = output(x, others, data.eps);
    set(guide, { d: `M${at.x(x)},24V380` });
    join(marks, "path", [[at.x(x), 61], [to.x(x), to.y(clamp(out, ...range))]], ([px, py]) => ({
      d: `M${px},${py - 9}l9,9l-9,9l-9,-9Z`, fill: "var(--orange)", stroke: "var(--paper)", "stroke-width": 2,
    }));
    set(handle, { x: box.x, y: 24, width: box.width, height: 356, "aria-label": text("x"), "aria-valuenow": x });
    const outs = rests.map((rest) => output(x, rest, data.eps));
    figure.say(...sentences(text, { m, x, mean, sigma, out, low: Math.min(...outs), high: Math.max(...outs) }));
  };
}

/** Below the plot, in a row or, on a narrow page, in three. */
function legend(group, text, toY, m, wide) {
  const entry = (key, fill, i, after) => ({ key, fill, x: LEFT + (wide ? after : 0), y: 412 + (wide ? 0 : 16 * i) });
  const bound = m > 1 && limit(m) < 2.9 ? [{ key: "limit", fill: "--pink", x: LEFT + 8, y: toY(limit(m)) - 5 }] : [];
  join(group, "text", [
    entry("this", "--blue", 0, 0),
    entry("other", "--faint", 1, 100),
    entry("population", "--ink", 2, 210),
    ...bound,
  ], ({ key, fill, x, y }) => ({ x, y, text: text(key), style: { fill: `var(${fill})` } }));
}

function sentences(text, { m, x, mean, sigma, out, low, high }) {
  const prediction = text("says_prediction", { x: fixed(x) });
  if (m === 1) return [text("says_one"), prediction];
  const numbers = { mean: fixed(mean), sigma: fixed(sigma), x: fixed(x), out: fixed(out), low: fixed(low), high: fixed(high) };
  return [...(m === 2 ? [text("says_two")] : [text("says", numbers)]), prediction];
}
