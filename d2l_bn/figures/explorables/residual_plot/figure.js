import { plot } from "../shared/axes.js";
import { join, set, svg } from "../shared/dom.js";
import { draggable } from "../shared/drag.js";
import { clamp, fixed } from "../shared/scales.js";
import { backward, leftOver, moveTo, normalize } from "./math.js";

const [REACH, TALL, BACK] = [3.2, 2.5, 1.75]; // of the axes: x̂, dy and dx
const TICKS = [-3, -2, -1, 0, 1, 2, 3];
const [LEFT, UNIT] = [34, 42]; // pixels: of the margin, and of 1 in dy as in dx, so that arrows compare
const round = (value) => Math.round(value * 1000) / 1000; // what an address should hold

export function draw(figure) {
  const { data, text, drawing, state } = figure;
  const [above, below] = [plot(drawing), plot(drawing)];
  const fitted = svg(above.inside, "path", { class: "line", stroke: "var(--ink)", "stroke-dasharray": "6 4" });
  const arrows = svg(above.inside, "g");
  const points = svg(above.inside, "g");
  const returned = svg(below.inside, "g");
  const zero = svg(below.inside, "path", { class: "line", stroke: "var(--ink)" });
  let at = null;

  const first = (values) => values.slice(0, state.m);
  const put = (i, xHat, dy) => {
    const change = { x: [...state.x], dy: [...state.dy] };
    change.x[i] = clamp(round(moveTo(first(state.x), i, xHat)), -20, 20);
    change.dy[i] = clamp(round(dy), -TALL, TALL);
    figure.change(change);
  };
  const now = (i) => normalize(first(state.x), data.eps).xHat[i];
  const handles = state.x.map((_, i) =>
    draggable(svg(above.inside, "circle", { r: 16, fill: "transparent", role: "slider", "aria-label": text("point", { i: i + 1 }) }), {
      move: ([x, y]) => put(i, at.x.invert(x), at.y.invert(y)),
      nudge: (dx, dy) => put(i, now(i) + dx / 10, state.dy[i] + dy / 10),
      held: () => [at.x(now(i)), at.y(state.dy[i])],
    }));

  figure.slider("m");
  figure.slider("gamma");
  const suggestions = figure.row("try");
  const suggest = (key, dy) => figure.action(key, () => ({ dy: state.dy.map((old, i) => (i < state.m ? round(dy(i)) : old)) }), suggestions);
  const start = [...state.dy];
  suggest("mixed", (i) => start[i]);
  suggest("alike", () => 1);
  suggest("straight", (i) => clamp(0.4 + 0.7 * now(i), -TALL, TALL));
  suggest("alone", (i) => (i === 2 ? 2 : 0));

  return function update({ x, dy, m, gamma }, width) {
    const asked = first(dy);
    const run = backward(first(x), asked, gamma, data.eps);
    const box = { x: LEFT, width: width - LEFT - 14 };
    figure.size(472);
    at = above.frame({
      box: { ...box, y: 24, height: 2 * TALL * UNIT },
      x: [-REACH, REACH], y: [-TALL, TALL], xTicks: TICKS, yTicks: [-2, -1, 0, 1, 2],
      yName: text("upstream"), decimals: [0, 0],
    });
    const back = below.frame({
      box: { ...box, y: 290, height: 2 * BACK * UNIT },
      x: [-REACH, REACH], y: [-BACK, BACK], xTicks: TICKS, yTicks: [-1, 0, 1],
      xName: text("x_hat"), yName: text("sent_back"), decimals: [0, 0],
    });

    const onLine = (v) => run.height + run.slope * v;
    const [from, to] = ends(onLine);
    set(fitted, { d: `M${at.x(from)},${at.y(onLine(from))}L${at.x(to)},${at.y(onLine(to))}` });
    join(arrows, "path", run.xHat, (v, i) => arrow(at.x(v), at.y(onLine(v)), at.y(asked[i])));
    join(points, "circle", run.xHat, (v, i) => ({ cx: at.x(v), cy: at.y(asked[i]), r: 6, fill: "var(--blue)", stroke: "var(--paper)", "stroke-width": 2 }));
    handles.forEach((handle, i) => set(handle, i < m
      ? { cx: at.x(run.xHat[i]), cy: at.y(asked[i]), display: null, "aria-valuenow": asked[i], "aria-valuetext": text("place", { x: fixed(run.xHat[i]), dy: fixed(asked[i]) }) }
      : { display: "none" }));
    set(zero, { d: `M${box.x},${back.y(0)}h${box.width}` });
    join(returned, "path", run.xHat, (v, i) => arrow(back.x(v), back.y(0), back.y(run.dx[i]), back.y));
    figure.say(...sentences(text, run, asked, gamma));
  };
}

/** From where to where the line is inside the plot. */
function ends(onLine) {
  const inside = (v) => Math.abs(onLine(v)) <= TALL;
  const steps = Array.from({ length: 129 }, (_, i) => -REACH + (i * REACH) / 64).filter(inside);
  return steps.length ? [steps[0], steps.at(-1)] : [0, 0];
}

/** An upright arrow; without a head where it is too short for one, or ends outside the plot. */
function arrow(x, from, tip, scale = null) {
  const way = Math.sign(tip - from);
  const to = scale ? clamp(tip, scale(BACK), scale(-BACK)) : tip;
  const head = Math.abs(to - from) > 9 && to === tip ? `M${x - 4},${to - 7 * way}L${x},${to}L${x + 4},${to - 7 * way}` : "";
  return { class: "line", stroke: "var(--red)", d: `M${x},${from}V${to}${head}` };
}

function sentences(text, run, dy, gamma) {
  const share = leftOver(dy, run.residual);
  if (dy.length === 2) return [text("says_two")];
  if (share < 5e-4) return [text("says_nothing")];
  const sum = (values) => fixed(values.reduce((total, v) => total + v, 0));
  return [
    text("says", {
      height: fixed(run.height),
      slope: fixed(run.slope),
      share: `${fixed(100 * share, 0)}\u00a0%`,
      factor: fixed(gamma / run.deviation),
    }),
    text("says_sums", { sum: sum(run.dx), stretch: sum(run.dx.map((d, i) => d * run.xHat[i])) }),
  ];
}
