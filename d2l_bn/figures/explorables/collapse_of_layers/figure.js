import { plot } from "../shared/axes.js";
import { join, set, svg } from "../shared/dom.js";
import { draggable } from "../shared/drag.js";
import { address } from "../shared/pictures.js";
import { clamp, fixed, line } from "../shared/scales.js";
import { apart, digit, EACH, factor, magnification, places, short, sorted, typical } from "./math.js";

const DEPTH = 8;
const NETWORKS = ["plain", "batch"];
const NAMES = { plain: "plain_line", batch: "batch_line" };
const REACH = 0.27; // of the panels, in the units of one output
const [LEFT, RIGHT, TOP] = [44, 14, 40]; // pixels for numbers and names

export function draw(figure) {
  const { data, text, state, drawing, change } = figure;
  const panels = NETWORKS.map((name) => dots(figure, name));
  const curves = distances(figure);
  const pair = garments(figure);
  figure.slider("layer");
  figure.slider("shirt");
  figure.slider("boot");
  figure.toggle("magnify", figure.row());

  return function update({ layer, shirt, boot, magnify }, width) {
    const wide = width >= 640;
    const side = wide ? Math.min(280, (width * 0.66 - 24) / 2) : (width - 12) / 2;
    panels.forEach((panel, i) => panel({ x: i * (side + (wide ? 16 : 12)), y: TOP, width: side, height: side }));
    const below = TOP + side;
    const chart = wide
      ? { x: 2 * side + 32 + LEFT, y: TOP, width: width - 2 * side - 32 - LEFT - RIGHT, height: side - 20 }
      : { x: LEFT, y: below + 96, width: width - LEFT - RIGHT, height: 150 };
    curves(chart);
    pair(below + 12);
    figure.size(wide ? below + 62 : below + 286);

    const { plain, batch } = data.networks;
    const [now, first, normal] = [plain[layer], plain[0], batch[layer]].map((at) => apart(at, shirt - 1, boot - 1));
    if (!layer) figure.say(text("says_images", { distance: short(now) }));
    else {
      figure.say(
        text("says_plain", { layer, distance: short(now), digit: digit(now), times: whole(first / now) }),
        text("says_batch", { distance: short(normal) }),
        text(magnify ? "says_magnified" : "says_factor", {
          magnification: whole(magnification(plain, layer)),
          right: right(plain[layer]),
          images: right(plain[0]),
          plain: fixed(factor(plain, layer)),
          batch: fixed(factor(batch, layer)),
        }),
      );
    }
  };
}

const right = (layer) => Math.round(sorted(layer.points) * 2 * EACH);

/** With two digits that count, and a comma between thousands. */
const whole = (x) => (x < 10 ? fixed(x, 1) : Number(x.toPrecision(2)).toLocaleString("en"));

/** The garments of one network as dots: circles are shirts, squares boots. */
function dots({ data, text, state, drawing, change }, name) {
  const layers = data.networks[name];
  const frame = svg(drawing, "rect", { fill: "var(--panel)", stroke: "var(--rule)", rx: 4 });
  const title = svg(drawing, "text", { "font-weight": 600, text: text(name) });
  const scale = svg(drawing, "text", { class: "faint" });
  const link = svg(drawing, "path", { class: "line", stroke: "var(--ink)", "stroke-dasharray": "2 3" });
  const marks = svg(drawing, "g");
  const nodes = data.pictures.map((_, i) => {
    const kind = i < EACH ? "shirt" : "boot";
    const mark = svg(marks, "g", { class: "moves", style: { cursor: "pointer" } });
    svg(mark, "circle", { r: 12, fill: "transparent" }); // a finger needs more than the dot
    mark.addEventListener("click", () => change({ [kind]: (i % EACH) + 1 }));
    return svg(mark, "rect", { "stroke-width": 2 });
  });

  return (box) => {
    const to = ([x, y]) => [
      box.x + box.width * (0.5 + x / (2 * REACH)),
      box.y + box.height * (0.5 - y / (2 * REACH)),
    ];
    const magnify = state.magnify && name === "plain";
    const at = places(layers, state.layer, magnify).map(to);
    const chosen = [state.shirt - 1, EACH + state.boot - 1];
    const times = magnification(layers, state.layer);
    set(frame, box);
    set(title, { x: box.x, y: box.y - 24 });
    set(scale, { x: box.x, y: box.y - 8, text: magnify ? text("magnified", { times: whole(times) }) : text("to_scale") });
    set(link, { d: line(chosen.map((i) => at[i])) });
    nodes.forEach((node, i) => {
      const half = chosen.includes(i) ? (i < EACH ? 9 : 6) : 4.5; // one on the other: both are seen
      const colour = i < EACH ? "blue" : "orange";
      set(node.parentNode, { style: { transform: `translate(${at[i][0]}px, ${at[i][1]}px)` } });
      set(node, {
        x: -half, y: -half, width: 2 * half, height: 2 * half, rx: i < EACH ? half : 0,
        fill: `var(--${colour}${chosen.includes(i) ? "" : "-fill"})`, stroke: `var(--${colour})`,
      });
    });
  };
}

/** The two chosen garments. */
function garments({ data, text, state, drawing }) {
  const images = svg(drawing, "g");
  const words = svg(drawing, "g");
  const hrefs = data.pictures.map(address);
  return (y) => {
    const chosen = [state.shirt - 1, EACH + state.boot - 1];
    join(images, "image", chosen, (i, k) => ({
      x: 132 * k, y, width: 44, height: 44, href: hrefs[i], style: { "image-rendering": "pixelated" },
    }));
    join(words, "text", ["a_shirt", "a_boot"], (key, k) => ({
      x: 132 * k + 50, y: y + 27, text: text(key), style: { fill: k ? "var(--orange)" : "var(--blue)" },
    }));
  };
}

/** The typical distance after each layer, on a scale of powers of ten; dragging goes to a layer. */
function distances({ data, text, state, drawing, change }) {
  const chart = plot(drawing);
  const lines = svg(chart.inside, "g");
  const names = svg(drawing, "g");
  const cursor = svg(drawing, "path", { class: "line", stroke: "var(--pink)" });
  let toX = null;
  const goTo = (layer) => change({ layer: clamp(Math.round(layer), 0, DEPTH) });
  const hold = draggable(svg(drawing, "rect", { fill: "transparent", role: "slider", "aria-valuemin": 0, "aria-valuemax": DEPTH }), {
    move: ([x]) => goTo(toX.invert(x)),
    nudge: (dx, dy) => goTo(state.layer + dx + dy),
    touch: "pan-y",
  });

  return (box) => {
    const at = chart.frame({
      box, x: [0, DEPTH], y: [-6, 0], xTicks: [0, 2, 4, 6, 8], yTicks: [-6, -4, -2, 0],
      xName: text("layer"), yName: text("distance"), yFormat: (power) => (power ? `10${raised(power)}` : "1"),
    });
    toX = at.x;
    const ends = NETWORKS.map((name) => {
      const points = data.networks[name].map((layer, i) => [at.x(i), at.y(Math.log10(typical(layer)))]);
      return { name, points };
    });
    join(lines, "path", ends, ({ name, points }) => ({
      class: "line", d: line(points), stroke: "var(--ink)", "stroke-dasharray": name === "plain" ? "5 3" : null,
    }));
    join(names, "text", ends, ({ name, points }) => ({
      x: points[5][0] + (name === "plain" ? 8 : 0), y: points[5][1] + (name === "plain" ? -9 : 18), text: text(NAMES[name]),
    }));
    set(cursor, { d: `M${at.x(state.layer)},${box.y}v${box.height}` });
    set(hold, { ...box, "aria-label": text("layer"), "aria-valuenow": state.layer });
  };
}

const raised = (power) => [...String(power)].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("");
