// One gesture for mouse, touch and pen, and the arrow keys for those who use none of them.

/**
 * Make an element draggable.
 *
 * `move([x, y])` gets the pointer in the pixels of the SVG drawing; `nudge(dx, dy)` gets -1, 0 or 1
 * for each arrow key, times 5 with Shift. `touch` is what a finger may do besides: "pan-y" scrolls
 * the page where only dragging sideways means something.
 */
export function draggable(node, { move, nudge, touch = "none" }) {
  const drawing = node.ownerSVGElement || node;
  const where = (event) => {
    const box = drawing.getBoundingClientRect();
    const zoom = drawing.width.baseVal.value / box.width || 1; // a page may be zoomed by CSS
    return [(event.clientX - box.left) * zoom, (event.clientY - box.top) * zoom];
  };
  node.style.touchAction = touch; // or a finger scrolls the page in any direction
  node.style.cursor = "grab";
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault(); // no selection of text
    node.setPointerCapture(event.pointerId);
    node.focus({ preventScroll: true });
    node.style.cursor = "grabbing";
    move(where(event));
  });
  node.addEventListener("pointermove", (event) => {
    if (node.hasPointerCapture(event.pointerId)) move(where(event));
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
