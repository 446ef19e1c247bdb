import { plot } from "../shared/axes.js";
import { join, set, svg } from "../shared/dom.js";
import { draggable } from "../shared/drag.js";
import { clamp, fixed } from "../shared/scales.js";
import { entering, inputs, variances } from "./math.js";

const [TALL, GAP] = [62, 66]; // of a strip, and from one to the next
const [RAW, OUT] = [[-3, 6.5], [-4, 4]]; // what the strips show
const PLACES = ["before", "behind", "last"];
const percent = (share) => `${fixed(100 * share, 0)}\u00a0%`;

export function draw(figure) {
  const { data, text, drawing, state } = figure;
  const strips = [0, 1, 2].map(() => strip(drawing));
  const bar = variance(figure);
  const diamond = svg(drawing, "path", { fill: "var(--orange)", stroke: "var(--paper)", "stroke-width": 2 });
  let at = null;
  const put = (mean) => figure.change({ ratio: clamp(Math.round(100 * Math.max(mean, 0) ** 2) / 100, 0, 9) });
  const handle = draggable(svg(drawing, "rect", { fill: "transparent", role: "slider", "aria-label": text("mean"), "aria-valuemin": 0, "aria-valuemax": 3 }), {
    move: ([x]) => put(at.x.invert(x)),
    nudge: (dx, dy) => put(Math.sqrt(state.ratio) + (dx + dy) / 10),
    held: () => [at.x(Math.sqrt(state.ratio)), 0],
    touch: "pan-y",
  });
  figure.slider("p");
  figure.slider("ratio");
  figure.slider("correlation");
  const row = figure.row("place");
  for (const place of PLACES) figure.preset(place, { place }, row);
  const what = figure.row("what");
  figure.preset("centred", { ratio: 0 }, what);
  figure.preset("relu", { ratio: data.ratios.relu }, what);
  figure.preset("sigmoid", { ratio: data.ratios.sigmoid }, what);
  figure.toggle("recalibrated", figure.row("cure"));

  return function update(now, width) {
    const { p, ratio, place, recalibrated } = now;
    const box = (k) => ({ x: 14, y: 24 + k * (TALL + GAP), width: width - 28, height: TALL });
    figure.size(3 * (TALL + GAP) + 64);
    // the correlation of one value alone means nothing
    set(figure.controls.querySelector("[name=correlation]").parentNode, { style: { opacity: place === "behind" ? 1 : 0.7 } });

    const found = variances(now, data.weight);
    const X = inputs(data, now);
    const stored = recalibrated ? found.kept : found.kept + found.added;
    const normal = (values, variance) => values.map((v) => (v - found.mean) / Math.sqrt(variance));
    const inTraining = normal(entering(X, data.chance, data.weight, now, true), found.kept + found.added);
    const inPrediction = normal(entering(X, data.chance, data.weight, now, false), stored);
    const dropped = (n) => place === "before" && data.chance[n][0] < p;
    const left = found.kept / stored;

    at = strips[0](box(0), RAW, X.map((row_) => row_[0]), text("x", { mean: fixed(Math.sqrt(ratio)) }), Math.sqrt(ratio), 1);
    strips[1](box(1), OUT, inTraining, text("training"), 0, 1, dropped);
    strips[2](box(2), OUT, inPrediction, text("prediction", { share: fixed(left) }), 0, Math.sqrt(left));
    bar(found, { ...box(3), y: box(3).y - 6 }, data.chance.some((_, n) => dropped(n)) ? box(1) : null);
    const x = at.x(Math.sqrt(ratio));
    set(diamond, { d: `M${x},${24 + TALL / 2 - 12}l11,12l-11,12l-11,-12Z` });
    set(handle, { x: 14, y: 24, width: width - 28, height: TALL, "aria-valuenow": fixed(Math.sqrt(ratio)) });
    figure.say(sentence(text, now, found, left));
  };
}

/** Dots in a strip, with a band of one deviation around their mean. */
function strip(drawing) {
  const panel = plot(drawing);
  const band = svg(panel.inside, "rect", { fill: "var(--blue-fill)" });
  const middle = svg(panel.inside, "path", { class: "line", stroke: "var(--blue)" });
  const dots = svg(panel.inside, "g");
  const name = svg(drawing, "text", { "font-weight": 600 });

  return (box, range, values, words, mean, deviation, hollow = () => false) => {
    const at = panel.frame({ box, x: range, y: [0, 1], xTicks: range === RAW ? [-2, 0, 2, 4, 6] : [-4, -2, 0, 2, 4], yTicks: [] });
    const [from, to] = [mean - deviation, mean + deviation].map((v) => at.x(v));
    set(band, { x: from, y: box.y, width: to - from, height: box.height });
    set(middle, { d: `M${at.x(mean)},${box.y}v${box.height}` });
    join(dots, "circle", values, (v, i) => ({
      cx: at.x(clamp(v, ...range)), cy: box.y + 6 + ((i * 37) % (box.height - 11)), r: 3,
      fill: hollow(i) ? "none" : "var(--ink)", stroke: hollow(i) ? "var(--orange)" : "none", "stroke-width": 1.5, "fill-opacity": 0.75,
    }));
    set(name, { x: box.x, y: box.y - 8, text: words });
    return at;
  };
}

/** The variance in training as a bar: what stays in prediction, and what dropout added. */
function variance({ text, drawing }) {
  const parts = svg(drawing, "g");
  const words = svg(drawing, "text", { "font-weight": 600 });
  const legend = svg(drawing, "text", { "text-anchor": "end", style: { fill: "var(--orange)" }, text: text("dropped") });

  return ({ kept, added, share }, box, strip) => {
    const split = box.width * share;
    join(parts, "rect", [0, split], (x, i) => ({
      x: box.x + x, y: box.y, width: i ? box.width - split : split, height: 22, fill: i ? "var(--orange-fill)" : "var(--blue)",
      stroke: i ? "var(--orange)" : "none", "stroke-dasharray": i ? "4 3" : null,
    }));
    set(words, { x: box.x, y: box.y - 8, text: text("bar", { kept: fixed(kept), added: fixed(added) }) });
    set(legend, strip ? { display: null, x: strip.x + strip.width, y: strip.y - 8 } : { display: "none" });
  };
}

function sentence(text, { p, place, recalibrated }, { kept, added }, left) {
  if (place === "last") return text("says_last");
  if (p === 0) return text("says_none");
  const words = { training: fixed(kept + added), kept: fixed(kept), share: percent(left), shrink: fixed(Math.sqrt(left)) };
  return text(recalibrated ? "says_recalibrated" : "says", words);
}
