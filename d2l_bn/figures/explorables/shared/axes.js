// A rectangle to plot in: scales, grid, numbers, names of the axes.

import { join, svg } from "./dom.js";
import { fixed, linear, ticks } from "./scales.js";

/** Make the groups of a plot once; `frame` then lays it out for a box and a domain. */
export function plot(parent) {
  const group = svg(parent, "g");
  const grid = svg(group, "g", { class: "grid" });
  const numbers = svg(group, "g", { class: "numbers" });
  const names = svg(group, "g", { class: "names" });
  const inside = svg(group, "g");

  /**
   * box: {x, y, width, height} in pixels; x, y: [low, high]; names and ticks are optional, and so are
   * functions that write a tick's number.
   */
  function frame({ box, x, y, xName = "", yName = "", xTicks, yTicks, decimals = [0, 1], xFormat, yFormat }) {
    const toX = linear(x, [box.x, box.x + box.width]);
    const toY = linear(y, [box.y + box.height, box.y]);
    const bottom = box.y + box.height;
    const across = xTicks || ticks(...x, Math.max(2, Math.round(box.width / 90)));
    const up = yTicks || ticks(...y, Math.max(2, Math.round(box.height / 45)));
    join(grid, "path", [...across.map((v) => [toX(v), 0]), ...up.map((v) => [0, toY(v)])], ([px, py]) => ({
      d: px ? `M${px},${box.y}V${bottom}` : `M${box.x},${py}h${box.width}`,
    }));
    const labels = [
      ...across.map((v) => ({ x: toX(v), y: bottom + 15, anchor: "middle", text: (xFormat || fixed)(v, decimals[0]) })),
      ...up.map((v) => ({ x: box.x - 6, y: toY(v) + 4, anchor: "end", text: (yFormat || fixed)(v, decimals[1]) })),
    ];
    join(numbers, "text", labels, (l) => ({ x: l.x, y: l.y, "text-anchor": l.anchor, text: l.text }));
    join(names, "text", [xName, yName], (name, i) => ({
      // the name of the upright axis stands above it: read without turning the head
      x: i ? box.x - 28 : box.x + box.width,
      y: i ? box.y - 9 : bottom + 31,
      "text-anchor": i ? "start" : "end",
      text: name,
    }));
    return { x: toX, y: toY, box };
  }

  return { frame, inside };
}
