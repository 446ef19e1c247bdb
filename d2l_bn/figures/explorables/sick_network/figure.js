import { plot } from "../shared/axes.js";
import { join, set, svg } from "../shared/dom.js";
import { address } from "../shared/pictures.js";
import { clamp, fixed, line } from "../shared/scales.js";
import { LAYERS, diagnose, readings } from "./math.js";

const PATIENTS = ["a", "b", "c", "d", "e", "f"];
const PROBES = ["gradients", "steps", "outputs", "idle", "averages", "images"];
const VERDICTS = {
  large: ["yes_large", "not_large"],
  small: ["yes_small", "not_small"],
  saturated: ["yes_saturated", "not_saturated"],
  dead: ["yes_dead", "not_dead"],
  averages: ["yes_averages", "not_averages"],
  labels: ["yes_labels", "not_labels"],
};
const CLASSES = ["tshirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"];
const COLOURS = ["var(--blue)", "var(--orange)", "var(--green)"];
const DASHES = [null, "7 3", "2 3"];
const log = (value) => Math.log10(Math.max(value, 1e-12));
const short = (value) => (value === 0 ? "0" : value < 1e-3 ? value.toExponential(0).replace("-", "−") : fixed(value, value < 0.1 ? 3 : 2));
const percent = (share) => `${fixed(100 * share, share < 0.001 ? 3 : 0)}\u00a0%`;

export function draw(figure) {
  const { data, text } = figure;
  const symptoms = curves(figure);
  const opened = probe(figure);
  figure.choice("patient", PATIENTS.map((key) => [key, text("name", { letter: key.toUpperCase() })]), (patient) => ({ patient, probe: "none", diagnosis: "none" }));
  const probes = figure.row("probe");
  for (const key of PROBES) figure.preset(key === "averages" ? "averages_probe" : key, { probe: key }, probes, { probe: "none" });
  const diagnoses = figure.row("diagnosis");
  for (const key of Object.keys(VERDICTS)) figure.preset(key, { diagnosis: key }, diagnoses, { diagnosis: "none" });

  return function update(state, width) {
    const run = data.runs[state.patient];
    const well = data.runs.healthy;
    const wide = width >= 640;
    const span = (wide ? width / 2 : width) - 58;
    figure.size(wide ? 312 : 560);
    symptoms(run, well, { x: 44, width: span });
    opened(run, state.probe, wide ? { x: width / 2 + 48, y: 46, width: span - 4, height: 222 } : { x: 44, y: 358, width: span, height: 158 });
    const [now, of] = [run, well].map(readings);
    const kind = text(run.activation === "relu" ? "relu_plain" : run.normalize ? "sigmoid_bn" : "sigmoid_plain");
    figure.say(
      ...(state.diagnosis === "none" ? [] : [verdict(text, state.diagnosis, run, now)]),
      text("says", {
        kind, steps: run.loss.length, loss: fixed(now.loss), accuracy: percent(now.accuracy),
        well_loss: fixed(of.loss), well_accuracy: percent(of.accuracy),
      }),
    );
  };
}

function verdict(text, diagnosis, run, now) {
  const [right, wrong] = VERDICTS[diagnosis];
  if (diagnosis !== diagnose(run)) return text(wrong);
  return text(right, {
    first: fixed(now.first, 1), step: percent(now.step), ends: percent(now.ends ?? 0), dead: percent(now.dead ?? 0),
    moving: fixed(now.moving ?? 0), batch: fixed(now.batch ?? 0),
  });
}

/** The loss of every step above, the test accuracy below, beside those of a healthy network. */
function curves({ text, drawing, data }) {
  const [upper, lower] = [plot(drawing), plot(drawing)];
  const [losses, accuracies] = [upper, lower].map((panel) => svg(panel.inside, "g"));
  const guess = svg(upper.inside, "path", { class: "line", stroke: "var(--pink)", "stroke-dasharray": "2 4" });
  const word = svg(drawing, "text", { "text-anchor": "end", text: text("guess"), style: { fill: "var(--pink)" } });
  const legend = svg(drawing, "g");

  return (run, well, { x, width }) => {
    const steps = run.loss.length;
    const ticks = [0.5, 1, 2, 5, 10, 30];
    const at = upper.frame({
      box: { x, y: 46, width, height: 128 }, x: [1, steps], y: [Math.log10(0.5), Math.log10(40)], xTicks: [],
      yTicks: ticks.map(Math.log10), yFormat: (power) => String(Number((10 ** power).toPrecision(2))),
    });
    const below = lower.frame({
      box: { x, y: 206, width, height: 62 }, x: [1, steps], y: [0, 1], xTicks: [1, 20, 40, 60], yTicks: [0, 0.5, 1],
      xName: text("step"), yName: text("accuracy"),
    });
    const lines = [
      { of: well, stroke: "var(--faint)", dash: "5 3" },
      { of: run, stroke: "var(--blue)", dash: null },
    ];
    join(losses, "path", lines, ({ of, stroke, dash }) => ({
      class: "line", stroke, "stroke-dasharray": dash, style: { "stroke-width": dash ? 4 : 2 },
      d: line(of.loss.map((value, i) => [at.x(i + 1), at.y(clamp(log(value), Math.log10(0.5), Math.log10(40)))])),
    }));
    join(accuracies, "path", lines, ({ of, stroke, dash }) => ({
      class: "line", stroke, "stroke-dasharray": dash, d: line(of.accuracy.map((value, i) => [below.x(data.steps[i]), below.y(value)])),
    }));
    const level = at.y(Math.log10(Math.log(10)));
    set(guess, { d: `M${x},${level}h${width}` });
    set(word, { x: x + width - 2, y: level - 5 });
    join(legend, "text", [["loss", "--faint", 16, 600], ["this", "--blue", 34, 400], ["well", "--faint", 34, 400]], ([key, colour, y, weight], i) => ({
      x: i === 2 ? x + 100 : i ? x - 28 : x - 28, y, text: text(key), "font-weight": weight, style: { fill: `var(${colour})` },
    }));
  };
}

/** What to draw for a probe: lines over the steps, on a logarithmic axis or on one from 0 to 1. */
function lines(run, probe, text) {
  const layers = (prefix) => LAYERS.map((key, i) => ({ name: text(key), values: run[`${prefix}_${key}`], look: i }));
  const pairs = (key, ...more) => [1, 2].flatMap((n) => [{ name: text(`dense${n}`), values: run[`${key}${n}`], look: n - 1 }, ...more.map((other) => ({ values: run[`${other}${n}`], look: n - 1, dashed: true }))]);
  if (probe === "gradients") return { about: text("about_gradients"), range: [-6, 1], lines: layers("gradient") };
  if (probe === "steps") return { about: text("about_steps"), range: [-6, 1], lines: layers("step") };
  if (probe === "outputs") return { about: text("about_outputs"), lines: pairs("mean", "deviation") };
  if (probe === "idle") return { about: text(run.activation === "relu" ? "about_dead" : "about_ends"), lines: pairs("idle") };
  if (!run.normalize) return { about: text("about_none"), lines: [] };
  return { about: text("about_averages"), range: [-2, 1], lines: ["batch", "moving"].map((key, i) => ({ name: text(key), values: run[key], look: i })) };
}

function probe({ text, drawing, data }) {
  const panel = plot(drawing);
  const paths = svg(panel.inside, "g");
  const names = svg(drawing, "g");
  const title = svg(drawing, "text", { "font-weight": 600 });
  const hrefs = data.images.map(address);
  const [pictures, labels] = [svg(drawing, "g"), svg(drawing, "g")];

  return (run, key, box) => {
    const open = key !== "none" && key !== "images";
    const { about, range, lines: drawn } = open ? lines(run, key, text) : { about: text(key === "none" ? "nothing" : "about_images"), lines: [] };
    set(title, { x: box.x - 28, y: box.y - 30, text: about, style: { fill: open || key === "images" ? "var(--ink)" : "var(--faint)" } });
    const scale = range ? log : (value) => value;
    const [low, high] = range || [0, 1];
    set(panel.inside.parentNode, { display: drawn.length ? null : "none" });
    const at = panel.frame({
      box, x: [1, run.loss.length], y: [low, high], xTicks: [1, 20, 40, 60], xName: text("step"),
      yTicks: range ? null : [0, 0.25, 0.5, 0.75, 1], decimals: [0, 2],
      ...(range ? { yFormat: (power) => (power < -2 ? `1e${fixed(power, 0)}` : String(10 ** power)), yTicks: Array.from({ length: high - low + 1 }, (_, i) => low + i) } : {}),
    });
    join(paths, "path", drawn, ({ values, look, dashed }) => ({
      class: "line", stroke: COLOURS[look], "stroke-dasharray": dashed ? "4 3" : range ? DASHES[look] : null,
      style: { "stroke-width": look ? 2 : 4 }, // none hides another
      d: line(values.map((value, i) => [at.x(data.steps[i]), at.y(clamp(scale(value), low, high))])),
    }));
    const named = drawn.filter(({ name }) => name);
    join(names, "text", named, ({ name, values, look }, i) => ({
      x: box.x - 28 + (i * (box.width + 28)) / named.length, y: box.y - 12, text: `${name} ${short(values.at(-1))}`, style: { fill: COLOURS[look] },
    }));
    const shown = key === "images" ? (run.disease === "labels" ? data.shuffled : data.classes) : [];
    const side = Math.min(72, (box.height - 60) / 2);
    const place = (i) => [box.x - 28 + (i % 3) * ((box.width + 28) / 3), box.y + Math.floor(i / 3) * (side + 32)];
    join(pictures, "image", shown, (_, i) => ({ x: place(i)[0], y: place(i)[1] - 12, width: side, height: side, href: hrefs[i], style: { "image-rendering": "pixelated" } }));
    join(labels, "text", shown, (label, i) => ({ x: place(i)[0], y: place(i)[1] + side + 4, text: text(CLASSES[label]) }));
  };
}
