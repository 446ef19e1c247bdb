import { plot } from "../shared/axes.js";
import { slider } from "../shared/controls.js";
import { html, join, set, svg } from "../shared/dom.js";
import { draggable } from "../shared/drag.js";
import { clamp, fixed } from "../shared/scales.js";
import { SUSPECTS, distance, nearest } from "./math.js";

const RANGE = [-1, 1.5]; // share of the gain of batch normalization
const HUES = { A: "--orange", B: "--green", C: "--blue" };
const ABOUT = new Map([
  ["noisy", "about_noisy"], ["very_noisy", "about_very_noisy"], ["detached", "about_detached"],
  ["longer", "about_longer"], ["shorter", "about_shorter"],
]);
const [ROW, TOP] = [66, 34]; // pixels of an exhibit, and above the first

export function draw(figure) {
  const { data: { exhibits }, text, state, change, drawing } = figure;
  const measured = exhibits.map(({ mean }) => mean);
  const replace = (values, value) => values.map((old, i) => (i === state.exhibit - 1 ? value : old));
  const put = (share) => {
    if (!state.opened[state.exhibit - 1]) change({ guesses: replace(state.guesses, clamp(Math.round(share * 20) / 20, ...RANGE)) });
  };
  const go = (by) => () => ({ exhibit: ((state.exhibit - 1 + by + exhibits.length) % exhibits.length) + 1 });

  const guess = slider(figure.controls, {
    name: "guess", label: text("guesses"), spec: { min: RANGE[0], max: RANGE[1], step: 0.05 },
    format: (share) => fixed(share), change: ({ guess: share }) => put(share),
  });
  const field = figure.controls.querySelector("input");
  const buttons = html(figure.controls, "div", { class: "row" });
  figure.action("previous", go(-1), buttons);
  const open = figure.action("open", () => ({ opened: replace(state.opened, 1) }), buttons);
  figure.action("next", go(1), buttons);

  const highlight = svg(drawing, "rect", { style: { fill: "var(--panel)" }, rx: 6 });
  const panel = plot(drawing);
  const bars = svg(panel.inside, "g");
  const dots = svg(panel.inside, "g");
  const letters = svg(panel.inside, "g", { "font-weight": 700 });
  const pins = svg(panel.inside, "g");
  const halo = { stroke: "var(--paper)", "stroke-width": "4px", "paint-order": "stroke" };
  const titles = svg(drawing, "g", { style: halo });
  const ends = svg(drawing, "g");
  let at = null;
  const hold = draggable(svg(drawing, "rect", { fill: "transparent", role: "slider", "aria-valuemin": RANGE[0], "aria-valuemax": RANGE[1] }), {
    move: ([x]) => put(at.x.invert(x)),
    nudge: (dx) => put(state.guesses[state.exhibit - 1] + dx / 20),
    touch: "pan-y",
  });
  const rows = svg(drawing, "g", { style: { cursor: "pointer" } });
  rows.addEventListener("click", ({ target }) => change({ exhibit: [...rows.childNodes].indexOf(target) + 1 }));

  return function update({ exhibit, guesses, opened }, width) {
    const box = { x: 14, y: TOP, width: width - 28, height: exhibits.length * ROW };
    at = panel.frame({ box, x: RANGE, y: [0, 1], xTicks: [-1, -0.5, 0, 0.5, 1, 1.5], yTicks: [], xName: text("share"), decimals: [1, 0] });
    figure.size(TOP + box.height + 40);
    const middle = (i) => TOP + i * ROW + 47;
    set(highlight, { x: 2, y: TOP + (exhibit - 1) * ROW, width: width - 4, height: ROW });
    join(ends, "text", ["as_none", "as_bn"], (key, i) => ({ x: at.x(i), y: 16, "text-anchor": "middle", text: text(key), "font-weight": 600 }));
    join(titles, "text", exhibits, ({ key }, i) => ({ x: 20, y: TOP + i * ROW + 16, text: `${i + 1} ${text(key)}`, "font-weight": i === exhibit - 1 ? 700 : 400 }));
    const said = exhibits.flatMap(({ says }, i) => SUSPECTS.map((suspect, k) => ({ i, suspect, k, share: says[suspect] })));
    join(letters, "text", said, ({ i, suspect, k, share }) => ({
      x: at.x(share) + (k - 1) * 15, y: middle(i) + 5, "text-anchor": "middle", text: suspect, style: { fill: `var(${HUES[suspect]})` },
    }));
    const seen = exhibits.map((one, i) => ({ ...one, i })).filter(({ i }) => opened[i]);
    join(bars, "path", seen, ({ mean, margin, i }) => ({
      class: "line", stroke: "var(--ink)", style: { "stroke-width": 3 },
      d: `M${at.x(clamp(mean - margin, ...RANGE))},${middle(i) + 12}H${at.x(clamp(mean + margin, ...RANGE))}`,
    }));
    join(dots, "circle", seen, ({ mean, i }) => ({ cx: at.x(clamp(mean, ...RANGE)), cy: middle(i) + 12, r: 5, fill: "var(--ink)" }));
    join(pins, "path", exhibits, (_, i) => ({
      d: `M${at.x(guesses[i])},${middle(i) - 12}l7,-7l-7,-7l-7,7Z`, fill: "var(--pink)", stroke: "var(--ink)", "stroke-width": 1,
    }));
    join(rows, "rect", exhibits, (_, i) => ({
      x: 2, y: TOP + i * ROW, width: width - 4, height: ROW, fill: "transparent",
      style: { "pointer-events": i === exhibit - 1 ? "none" : "all" },
    }));
    const now = exhibit - 1;
    set(hold, {
      x: box.x, y: TOP + now * ROW, width: box.width, height: ROW, "aria-label": text("pin", { n: exhibit }),
      "aria-valuenow": guesses[now], "aria-disabled": opened[now] ? "true" : null,
    });
    guess({ guess: guesses[now] });
    field.disabled = Boolean(opened[now]); // a pin stands
    set(open, { "aria-pressed": Boolean(opened[now]) });
    figure.say(...sentences(figure, measured));
  };
}

function sentences({ data: { exhibits }, text, state }, measured) {
  const now = state.exhibit - 1;
  const { key, mean, margin, says } = exhibits[now];
  const said = [text(ABOUT.get(key))];
  if (!state.opened[now]) said.push(text("ask"));
  else said.push(text("measured", { mean: fixed(mean), margin: fixed(margin), who: nearest(says, mean).join(", ") }));
  const off = (predictions) => distance(predictions, measured, state.opened);
  if (off(measured) !== null) {
    const values = Object.fromEntries(SUSPECTS.map((suspect) => [suspect, fixed(off(exhibits.map((one) => one.says[suspect])))]));
    said.push(text("tally", { ...values, you: fixed(off(state.guesses)), count: state.opened.filter(Boolean).length }));
  }
  return said;
}
