import { plot } from "../shared/axes.js";
import { join, set, svg } from "../shared/dom.js";
import { draggable } from "../shared/drag.js";
import { clamp, fixed, line, ticks } from "../shared/scales.js";
import { change, kept, loss, median, nearest, promised, rises } from "./math.js";

const NETWORKS = ["plain", "batch"];
const WORDS = { plain: "without_bn", batch: "with_bn" };
const HUES = { plain: "orange", batch: "blue" };
const [LEFT, RIGHT] = [34, 14]; // pixels for the numbers of the axes
const [TOP, BETWEEN] = [48, 44]; // heights above and between the plots
const HEIGHTS = { wide: [190, 80], narrow: [120, 52] }; // of the loss, of the change: a phone shows the slider, too
const percent = (share) => `${fixed(100 * share, 0)}\u00a0%`;

const short = (x) => fixed(x, x < 0.1 ? 4 : 2);

export function draw(figure) {
  const { data, text, state, drawing } = figure;
  const panels = NETWORKS.map((network) => panel(figure, network));
  const eta = (stop) => (stop ? data.factors[stop - 1] * data.rates[state.activation] : 0);
  const which = figure.row("network");
  figure.preset("relu", { activation: "relu" }, which);
  figure.preset("sigmoid", { activation: "sigmoid" }, which);
  figure.slider("stop", (stop) => `η = ${eta(stop)}`);
  figure.slider("look", (look) => data.steps[look]);
  figure.slider("seed");

  return function update({ stop, look, seed, activation }, width) {
    const walks = NETWORKS.map((network) => data.walks[activation][network][seed][look]);
    const wide = width >= 640;
    const span = wide ? width / 2 - 10 : width;
    const heights = HEIGHTS[wide ? "wide" : "narrow"];
    const height = TOP + heights[0] + BETWEEN + heights[1] + 40;
    const domains = { loss: [0, 1.05 * highest(walks, loss, data)], change: [0, Math.max(1.2, 1.05 * highest(walks, change, data))] };
    panels.forEach((show, i) => show(walks[i], domains, eta, wide ? [i * (span + 20), 0] : [0, i * height], span, heights));
    figure.size(wide ? height : 2 * height);

    if (!stop) {
      figure.say(text("says_start"));
      return;
    }
    const all = NETWORKS.map((network) => data.walks[activation][network].flat());
    figure.say(
      text("says_step", { eta: eta(stop), factor: data.factors[stop - 1] }),
      ...NETWORKS.map((network, i) => {
        const [down, hope] = [walks[i].loss - loss(walks[i], stop), walks[i].loss - promised(walks[i], eta(stop))];
        return text(down < 0 ? "says_up" : "says_down", {
          network: text(WORDS[network]), promised: short(hope), by: short(Math.abs(down)), share: percent(down / hope),
        });
      }),
      text("says_all", {
        count: all[0].length,
        plain: rises(all[0], stop), batch: rises(all[1], stop),
        plain_kept: percent(median(all[0].map((walk) => kept(walk, stop, eta(stop))))),
        batch_kept: percent(median(all[1].map((walk) => kept(walk, stop, eta(stop))))),
      }),
    );
  };
}

const highest = (walks, value, { factors }) =>
  Math.max(...walks.flatMap((walk) => [0, ...factors].map((_, stop) => value(walk, stop))));

/** One network: the loss along its walk above, the change of its gradient below. */
function panel(figure, network) {
  const { data, text, state, drawing, change: set_ } = figure;
  const title = svg(drawing, "text", { "font-weight": 600, style: { fill: `var(--${HUES[network]})` } });
  const legend = svg(drawing, "g");
  const [upper, lower] = [plot(drawing), plot(drawing)];
  const lines = svg(upper.inside, "g");
  const marks = svg(upper.inside, "g");
  const changes = svg(lower.inside, "g");
  const cursor = svg(drawing, "path", { class: "line", stroke: "var(--pink)" });
  const count = data.factors.length;
  let toX = null;
  const hold = draggable(svg(drawing, "rect", { fill: "transparent", role: "slider", "aria-valuemin": 0, "aria-valuemax": count }), {
    move: ([x]) => set_({ stop: nearest(data.factors, toX.invert(x)) }),
    nudge: (dx, dy) => set_({ stop: clamp(state.stop + dx + dy, 0, count) }),
    touch: "pan-y",
  });

  return (walk, domains, eta, [left, top], width, [upperHeight, lowerHeight]) => {
    const xs = [0, ...data.factors];
    const box = { x: left + LEFT, y: top + TOP, width: width - LEFT - RIGHT, height: upperHeight };
    const small = { ...box, y: box.y + upperHeight + BETWEEN, height: lowerHeight };
    const at = upper.frame({ box, x: [0, xs[count]], y: domains.loss, xTicks: [], yName: text("loss") });
    const below = lower.frame({
      box: small, x: [0, xs[count]], y: domains.change, xTicks: [0, 1, 2, 3, 4], yTicks: ticks(...domains.change, 3), decimals: [0, 1],
      xName: text("eta"), yName: text("change"),
    });
    toX = at.x;
    set(title, { x: left, y: top + 14, text: text(network) });
    join(legend, "text", ["reached", "hoped"], (key, i) => ({
      x: left + width - RIGHT - (i ? 0 : 118), y: top + 14, "text-anchor": "end", text: text(key),
      style: { fill: i ? "var(--ink)" : `var(--${HUES[network]})` },
    }));
    // the promise as a straight line, as far as it stays in the plot
    const rate = data.rates[state.activation];
    const reach = Math.min(xs[count], walk.loss / (rate * walk.gradient ** 2));
    join(lines, "path", [
      { d: line([[at.x(0), at.y(walk.loss)], [at.x(reach), at.y(promised(walk, reach * rate))]]), stroke: "var(--ink)", dash: "5 3" },
      { d: line(xs.map((x, stop) => [at.x(x), at.y(loss(walk, stop))])), stroke: `var(--${HUES[network]})`, dash: null },
    ], ({ d, stroke, dash }) => ({ class: "line", d, stroke, "stroke-dasharray": dash }));
    const circle = (x, y, now) => ({
      cx: x, cy: y, r: now ? 7 : 3.5, stroke: `var(--${HUES[network]})`, fill: now ? "var(--pink)" : `var(--${HUES[network]})`, "stroke-width": 1.5,
    });
    join(marks, "circle", xs, (x, stop) => circle(at.x(x), at.y(loss(walk, stop)), stop === state.stop));
    join(changes, "path", [0], () => ({
      class: "line", d: line(xs.map((x, stop) => [below.x(x), below.y(change(walk, stop))])), stroke: `var(--${HUES[network]})`,
    }));
    set(cursor, { d: `M${at.x(xs[state.stop])},${box.y}V${small.y + lowerHeight}` });
    set(hold, {
      x: box.x, y: box.y, width: box.width, height: small.y + lowerHeight - box.y, "aria-label": text("walk", { network: text(network) }),
      "aria-valuenow": state.stop, "aria-valuetext": `η = ${eta(state.stop)}`,
    });
  };
}
