import { plot } from "../shared/axes.js";
import { slider } from "../shared/controls.js";
import { html, join, set, svg } from "../shared/dom.js";
import { fixed, ticks } from "../shared/scales.js";
import { brier, cost, decided, extent, tally } from "./math.js";

const LOOKS = {
  algebra: ["✓", "--green"], supported: ["✓", "--green"], refuted: ["✗", "--red"],
  negligible: ["≈", "--blue"], undecided: ["?", "--orange"], no_test: ["–", "--faint"],
};
const VERDICTS = ["algebra", "supported", "refuted", "negligible", "undecided"];
const said = ({ exact, verdict, kind }) => // "equal" and "no worse" read an interval another way
  exact && verdict === "refuted" ? "exact_refuted" : verdict === "supported" && kind === "equal" ? "supported_equal" : verdict;
const percent = (bet) => `${fixed(bet, 0)}\u00a0%`;

export function draw(figure) {
  const { data: { claims }, text, state, change } = figure;
  const replace = (values, value) => values.map((old, i) => (i === state.at - 1 ? value : old));
  const go = (by) => () => ({ at: ((state.at - 1 + by + claims.length) % claims.length) + 1 });

  const words = quotation(figure);
  // the controls stand above what grows and shrinks: no button runs away from under the pointer
  const controls = html(null, "div", { class: "controls", style: { "margin-bottom": "12px" } });
  figure.drawing.before(controls);
  const bet = slider(controls, {
    name: "sure", label: text("bets"), spec: { min: 0, max: 100, step: 5 }, format: percent,
    change: ({ sure }) => change({ bets: replace(state.bets, sure) }),
  });
  const sure = controls.querySelector("input");
  set(sure.parentNode, { style: { "grid-column": "1 / -1" } });
  const buttons = html(controls, "div", { class: "row" });
  figure.action("previous", go(-1), buttons);
  const show = figure.action("show", () => ({ shown: replace(state.shown, 1) }), buttons);
  figure.action("next", go(1), buttons);
  const overview = marks(figure);
  const evidence = intervals(figure);

  return function update(_, width) {
    const claim = claims[state.at - 1];
    const shown = Boolean(state.shown[state.at - 1]);
    const wide = width >= 640;
    words(claim, width);
    bet({ sure: state.bets[state.at - 1] });
    sure.disabled = shown; // a bet stands
    set(show, { "aria-pressed": shown });
    overview(width);
    figure.size(evidence(claim, shown, width, wide));
    figure.say(...sentences(figure, claim, shown));
  };
}

function sentences({ data: { claims }, text, state }, claim, shown) {
  const { score, count } = brier(state.bets, state.shown, claims.map(({ verdict }) => verdict));
  const bet = state.bets[state.at - 1];
  const words = shown ? [text(said(claim))] : [text("ask")];
  if (shown && !claim.exact && claim.rows.length > 1) words.push(text("counts", tally(claim.rows)));
  if (shown && claim.remark) words.push(text("remark", claim));
  const outcome = decided(claim.verdict);
  if (shown && outcome !== null) {
    words.push(text("costs", { bet: percent(bet), p: fixed(bet / 100), outcome, cost: fixed(cost(bet / 100, outcome), 3) }));
  }
  if (count) words.push(text("score", { score: fixed(score, 3), count }));
  if (state.shown.every(Boolean)) {
    const all = VERDICTS.map((key) => [key, claims.filter(({ verdict }) => verdict === key).length]);
    words.push(text("all", Object.fromEntries(all)));
  }
  return words;
}

/** The claim in its own words and in English, and what is measured. */
function quotation({ stage, drawing, data: { claims }, text, state }) {
  const box = html(null, "div");
  drawing.before(box);
  const [about, quote, meaning, measured] = ["lead", "", "", "lead"].map((name) => html(box, "p", { class: name }));
  set(about, { style: { margin: 0 } });
  set(quote, { lang: "zh", style: { "font-size": "18px" } });
  set(meaning, { style: { "font-weight": 600 } });
  return (claim, width) => {
    set(box, { style: { "min-height": `${width >= 800 ? 115 : width >= 640 ? 137 : 226}px` } }); // for the longest
    set(about, { text: text("about", { at: state.at, of: claims.length, source: claim.source }) });
    set(quote, { text: claim.quote });
    set(meaning, { text: text("meaning", claim) });
    const what = claim.exact ? text("exact") : text("measured", { effect: claim.effect, of: claim.rows.length });
    set(measured, { text: claim.exact ? what : `${what} ${text(claim.kind)} ${text("matters", claim)}` });
  };
}

/** One mark for each claim: what came of it, and which is the present one. */
function marks({ drawing, data: { claims }, state, text, change }) {
  const circles = svg(drawing, "g", { style: { cursor: "pointer" } });
  circles.addEventListener("click", ({ target }) => change({ at: [...circles.childNodes].indexOf(target) + 1 }));
  const signs = svg(drawing, "g", { style: { "pointer-events": "none" } });
  return (width) => {
    const step = Math.min(34, width / claims.length);
    const look = (i) => (state.shown[i] ? LOOKS[claims[i].verdict] : [String(i + 1), "--faint"]);
    join(circles, "circle", claims, ({ verdict }, i) => ({
      cx: (i + 0.5) * step, cy: 16, r: 12, role: "img",
      "aria-label": text(state.shown[i] ? `mark_${verdict}` : "mark_hidden", { n: i + 1 }),
      style: { fill: "var(--panel)", stroke: `var(${look(i)[1]})`, "stroke-width": i === state.at - 1 ? 3 : 1 },
    }));
    join(signs, "text", claims, (_, i) => ({
      x: (i + 0.5) * step, y: 20, "text-anchor": "middle", text: look(i)[0],
      "font-weight": i === state.at - 1 ? 700 : 400, style: { fill: `var(${look(i)[1]})` },
    }));
  };
}

/** The effects as points with bars; gives the height that they take. */
function intervals({ drawing, text }) {
  const panel = plot(drawing);
  const band = svg(panel.inside, "rect", { style: { fill: "var(--orange-fill)", opacity: 0.55 } });
  const zero = svg(panel.inside, "path", { class: "line", stroke: "var(--ink)" });
  const [bars, points] = [svg(panel.inside, "g"), svg(panel.inside, "g")];
  const halo = { stroke: "var(--paper)", "stroke-width": "4px", "paint-order": "stroke" }; // legible on a line
  const [names, signs] = [svg(drawing, "g", { style: halo }), svg(drawing, "g")];
  const bandName = svg(drawing, "text", { text: text("band"), style: { fill: "var(--orange)" } });
  const hidden = svg(drawing, "text", { x: 2, y: 58, text: text("hidden"), style: { fill: "var(--faint)" } });

  return ({ rows, delta, exact, verdict }, shown, width, wide) => {
    const pitch = wide ? 24 : 38;
    const left = wide ? 220 : 8;
    const top = 66;
    const box = { x: left, y: top, width: width - left - 34, height: rows.length * pitch };
    const drawn = shown && !exact ? rows : [];
    set(panel.inside.parentNode, { display: drawn.length ? null : "none" });
    set(hidden, { display: shown ? "none" : null });
    set(bandName, { display: drawn.length ? null : "none" });
    const colour = (side) => `var(${LOOKS[side][1]})`;
    const middle = (i) => top + (i + 0.5) * pitch + (wide ? 0 : 8);
    if (drawn.length) {
      const across = extent(rows, delta);
      const xTicks = ticks(...across, wide ? 6 : 4);
      const step = xTicks.length > 1 ? xTicks[1] - xTicks[0] : 1;
      const at = panel.frame({
        box, x: across, y: [0, 1], xTicks, yTicks: [], xName: text("axis"),
        decimals: [Math.max(0, -Math.floor(Math.log10(step) + 1e-9)), 0],
      });
      set(band, { x: at.x(-delta), y: box.y, width: at.x(delta) - at.x(-delta), height: box.height });
      set(bandName, { x: Math.min(at.x(-delta), width - 110), y: box.y - 6 });
      set(zero, { d: `M${at.x(0)},${box.y}v${box.height}` });
      const [from, to] = [(low) => at.x(low ?? across[0]), (high) => at.x(high ?? across[1])]; // an open end runs on
      join(bars, "path", drawn, ({ low, high, side }, i) => ({
        class: "line", stroke: colour(side), style: { "stroke-width": 3 },
        d: `M${from(low)},${middle(i)}H${to(high)}m0,-5v10M${from(low)},${middle(i) - 5}v10`,
      }));
      join(points, "circle", drawn, ({ effect, side }, i) => ({ cx: at.x(effect), cy: middle(i), r: 5, style: { fill: colour(side) } }));
    }
    join(names, "text", shown ? rows : [], ({ name }, i) => ({ x: 2, y: wide || exact ? middle(i) + 4 : middle(i) - 12, text: name }));
    join(signs, "text", shown ? rows : [], ({ side }, i) => ({
      x: exact ? left + 160 : width - 18, y: middle(i) + 5, "font-weight": 700, style: { fill: colour(side), "font-size": "15px" },
      text: exact ? `${LOOKS[verdict][0]} ${text(verdict === "algebra" ? "true" : "false")}` : LOOKS[side][0],
    }));
    if (!shown) return 70;
    return exact ? 66 + pitch + 8 : box.y + box.height + 38;
  };
}
