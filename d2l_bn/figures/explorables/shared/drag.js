// One gesture for mouse, touch and pen, and the arrow keys for those who use none of them.

/**
 * Make an element draggable.
 *
 * `move([x, y])` gets the pointer in the pixels of the SVG drawing; `nudge(dx, dy)` gets -1, 0 or 1
 * for each arrow key, times 5 with Shift. `touch` is what a finger may do besides: "pan-y" scrolls
 * the page where only dragging sideways means something. `held()` is where the thing is that the
 * pointer takes hold of, so that it does not jump to the pointer; without it, it does.
 */
export function draggable(node, { move, nudge, held = null, touch = "none" }) {
  const drawing = node.ownerSVGElement || node;
  const where = (event) => {
    const box = drawing.getBoundingClientRect();
    const zoom = drawing.width.baseVal.value / box.width || 1; // a page may be zoomed by CSS
    return [(event.clientX - box.left) * zoom, (event.clientY - box.top) * zoom];
  };
  let offset = [0, 0];
  // Or a finger scrolls the page. Chromium reads touch-action of an SVG drawing (style.css: pan-y),
  // not of the shapes in it.
  if (touch === "none") node.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  node.style.cursor = "grab";
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault(); // no selection of text
    node.setPointerCapture(event.pointerId);
    node.focus({ preventScroll: true });
    node.style.cursor = "grabbing";
    if (held) {
      const [pointer, thing] = [where(event), held()];
      offset = [thing[0] - pointer[0], thing[1] - pointer[1]];
    } else move(where(event));
  });
  node.addEventListener("pointermove", (event) => {
    if (!node.hasPointerCapture(event.pointerId)) return;
    const [x, y] = where(event);
    move([x + offset[0], y + offset[1]]);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    node.addEventListener(end, () => (node.style.cursor = "grab"));
  }
  if (!nudge) return node;
  node.setAttribute("tabindex", 0);
  node.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault(); // or the page scrolls
    const times = event.shiftKey ? 5 : 1;
    nudge(step[0] * times, step[1] * times);
  });
  return node;
}
