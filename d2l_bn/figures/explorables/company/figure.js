import { join, set, svg } from "../shared/dom.js";
import { draggable } from "../shared/drag.js";
import { address, pixels } from "../shared/pictures.js";
import { fixed } from "../shared/scales.js";
import { another, exchanged, largest, predict } from "./math.js";

const CLASSES = ["tshirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"];
const [EACH, SANDAL, BOOT, TROUSER] = [7, 5, 9, 1];
const ITSELF = CLASSES.length * EACH; // the number of the framed garment
const percent = (share) => `${fixed(100 * share, 0)}\u00a0%`;
const kindOf = (garment) => (garment === ITSELF ? CLASSES.length : Math.floor(garment / EACH));

export function draw(figure) {
  const { data, text, drawing, change, state } = figure;
  const images = [...data.garments, data.framed].map(pixels);
  const hrefs = [...data.garments, data.framed].map(address);
  const names = [...CLASSES, "itself"].map((key) => text(key));
  let slot = 0; // the place that a click fills

  const fill = (place, kind) => {
    slot = (place + 1) % EACH;
    change({ others: exchanged(state.others, place, kind === CLASSES.length ? ITSELF : another(kind, state.others, EACH)) });
  };
  const batch = places(figure, hrefs, names, { fill, choose: (i) => (slot = i), chosen: () => slot });
  const stock = stacks(figure, hrefs, names, { fill: (place, kind) => fill(place ?? slot, kind), under: batch.under });
  const bars = probabilities(figure, names);

  const company = figure.row("company");
  const seven = (kind) => ({ others: Array.from({ length: EACH }, (_, i) => kind * EACH + i) });
  figure.preset("mixed", { others: [0, 1, 2, 4, 6, 8, 9].map((kind) => kind * EACH) }, company);
  figure.preset("sandals", seven(SANDAL), company);
  figure.preset("trousers", seven(TROUSER), company);
  figure.preset("boots", seven(BOOT), company);
  figure.preset("only_itself", { others: Array(EACH).fill(ITSELF) }, company);

  return function update(state, width) {
    const others = state.others.map(Math.round); // an address may hold anything
    const wide = width >= 640;
    const left = wide ? Math.min(width / 2, 430) : width;
    const size = Math.floor((left - 8) / 8) - 3;
    batch.show(others, size);
    stock.show(size + 62, left);
    bars.place = wide ? { x: left + 30, y: 30, width: width - left - 30 } : { x: 0, y: size + 246, width };
    figure.size(wide ? 290 : size + 510);

    const eight = [ITSELF, ...others].map((garment) => images[garment]);
    const [now, still] = [predict(data.network, eight, true), predict(data.network, eight, false)];
    bars.show(now, still);
    const [said, always] = [largest(now), largest(still)];
    const alone = others.every((garment) => garment === ITSELF);
    figure.say(
      text("says_batch", { name: names[said], share: percent(now[said]) }),
      ...(said === SANDAL ? [] : [text("says_wrong", { sandal: now[SANDAL] < 0.005 ? text("under") : percent(now[SANDAL]) })]),
      ...(alone ? [text("says_itself")] : []),
      text("says_averages", { name: names[always], share: percent(still[always]) }),
    );
  };
}

/** The batch: the framed sandal and seven places. */
function places({ text, drawing, state, change }, hrefs, names, { fill, choose, chosen }) {
  svg(drawing, "text", { x: 0, y: 14, class: "title", "font-weight": 600, text: text("batch") });
  const pictures = svg(drawing, "g");
  const frames = svg(drawing, "g");
  let edge = 0;
  const corner = (i) => 4 + i * (edge + 4);
  for (let i = 0; i < EACH; i++) {
    const place = svg(frames, "rect", { role: "slider", tabindex: 0, "aria-valuemin": 0, "aria-valuemax": 10, style: { cursor: "pointer" } });
    const pick = () => {
      choose(i);
      change({});
    };
    place.addEventListener("click", pick);
    place.addEventListener("focus", pick);
    place.addEventListener("keydown", (event) => {
      const step = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const count = CLASSES.length + 1;
      fill(i, (kindOf(state.others[i]) + step + count) % count);
      choose(i);
      change({});
    });
  }
  const framed = svg(drawing, "rect", { fill: "none", stroke: "var(--orange)", "stroke-width": 4 });

  return {
    show(others, size) {
      edge = size;
      join(pictures, "image", [ITSELF, ...others], (garment, i) => ({
        x: corner(i), y: 26, width: size, height: size, href: hrefs[garment], style: { "image-rendering": "pixelated" },
      }));
      [...frames.childNodes].forEach((place, i) => set(place, {
        x: corner(i + 1), y: 26, width: size, height: size, fill: "transparent",
        stroke: i === chosen() ? "var(--blue)" : "none", "stroke-width": 2, "stroke-dasharray": "4 3",
        "aria-label": text("place", { place: i + 2 }), "aria-valuenow": kindOf(others[i]), "aria-valuetext": names[kindOf(others[i])],
      }));
      set(framed, { x: corner(0), y: 26, width: size, height: size });
    },
    /** The place at a point of the drawing, null if there is none. */
    under([x, y]) {
      const i = Math.floor((x - corner(1)) / (edge + 4));
      return y > 14 && y < 38 + edge && i >= 0 && i < EACH ? i : null;
    },
  };
}

/** A picture of each class to take from: dragged to a place, or clicked. */
function stacks({ text, drawing }, hrefs, names, { fill, under }) {
  const title = svg(drawing, "text", { x: 0, "font-weight": 600, text: text("take") });
  const group = svg(drawing, "g");
  const words = svg(drawing, "g");
  const carried = svg(drawing, "image", { width: 48, height: 48, opacity: 0, style: { "pointer-events": "none", "image-rendering": "pixelated" } });
  const numbers = names.map((_, kind) => (kind < CLASSES.length ? kind * EACH : ITSELF));
  const nodes = numbers.map((garment, kind) => {
    let [start, end] = [null, null];
    const node = svg(group, "image", {
      width: 44, height: 44, href: hrefs[garment], tabindex: 0, role: "button", "aria-label": text("add", { name: names[kind] }),
      style: { "image-rendering": "pixelated" },
    });
    draggable(node, {
      move: (point) => {
        start ??= point;
        end = point;
        set(carried, { href: hrefs[garment], x: point[0] - 24, y: point[1] - 24, opacity: 0.85 });
      },
    });
    node.addEventListener("pointerup", () => {
      if (!start) return;
      const place = under(end);
      const still = Math.hypot(end[0] - start[0], end[1] - start[1]) < 6; // a click
      if (still || place !== null) fill(place, kind);
    });
    for (const done of ["pointerup", "pointercancel"]) {
      node.addEventListener(done, () => {
        start = null;
        set(carried, { opacity: 0 });
      });
    }
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      fill(null, kind);
    });
    return node;
  });

  return {
    show(y, width) {
      const step = width / 6;
      const at = (i) => [4 + (i % 6) * step, y + 12 + Math.floor(i / 6) * 68];
      set(title, { y });
      nodes.forEach((node, i) => set(node, { x: at(i)[0], y: at(i)[1] }));
      join(words, "text", names, (name, i) => ({ x: at(i)[0], y: at(i)[1] + 57, class: "faint", text: name }));
    },
  };
}

/** Two bars for each class: with the statistics of the batch, and with the moving averages. */
function probabilities({ text, drawing }, names) {
  const legend = svg(drawing, "g");
  const rows = svg(drawing, "g");
  const [BEFORE, BEHIND, STEP] = [64, 88, 23];
  const nodes = CLASSES.map((_, i) => {
    const row = svg(rows, "g");
    return {
      name: svg(row, "text", { "font-weight": i === SANDAL ? 700 : 400, text: names[i] }),
      base: svg(row, "path", { stroke: "var(--rule)" }),
      bars: ["blue", "faint"].map((colour) => svg(row, "rect", { class: "moves", height: 7, fill: `var(--${colour})` })),
      shares: ["blue", "faint"].map((colour) => svg(row, "text", { "text-anchor": "end", style: { fill: `var(--${colour})` } })),
    };
  });

  return {
    show(now, still) {
      const { x, y, width } = this.place;
      const span = width - BEFORE - BEHIND;
      join(legend, "text", [
        { key: "answer", weight: 600, colour: "ink" }, { key: "by_batch", colour: "blue" }, { key: "by_averages", colour: "faint" },
      ], ({ key, weight, colour }, i) => ({
        x, y: y - 16 + i * 18, text: text(key),
        "font-weight": weight || 400, style: { fill: `var(--${colour})` },
      }));
      nodes.forEach(({ name, base, bars, shares }, i) => {
        const top = y + 32 + i * STEP;
        set(name, { x, y: top + 12 });
        set(base, { d: `M${x + BEFORE},${top - 1}v${STEP - 4}` });
        [now, still].forEach((values, k) => {
          set(bars[k], { width: span, style: { transform: `translate(${x + BEFORE}px, ${top + 9 * k}px) scaleX(${values[i].toFixed(4)})` } });
          set(shares[k], { x: x + width - (k ? 0 : 46), y: top + 12, text: percent(values[i]) });
        });
      });
    },
  };
}
