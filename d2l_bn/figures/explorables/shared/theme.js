// Light or dark: as the page around the figure is, whoever made it so.

/** The lightness, 0 to 1, of a CSS colour such as `rgb(17, 17, 17)`; null of a transparent one. */
export function lightness(colour) {
  const [red, green, blue, alpha = 1] = (colour.match(/[\d.]+/g) || []).map(Number);
  return red === undefined || alpha < 0.5 ? null : (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

/** Whether the first thing with a colour behind the figure is dark; if none has, what the reader prefers. */
function isDark(host) {
  for (let node = host; node; node = node.parentElement) {
    const light = lightness(getComputedStyle(node).backgroundColor);
    if (light !== null) return light < 0.5;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Keep `data-theme` of the figure's root as the page is: themes of Jupyter, VS Code and the book can change. */
export function followTheme(host, root) {
  const look = () => (root.dataset.theme = isDark(host) ? "dark" : "light");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look);
  const watch = new MutationObserver(() => setTimeout(look, 50)); // after the new style sheet
  const attributeFilter = ["class", "style", "data-theme", "data-jp-theme-name", "data-vscode-theme-kind"];
  for (const node of [document.documentElement, document.body]) {
    watch.observe(node, { attributes: true, attributeFilter });
  }
  new ResizeObserver(look).observe(root); // colours are unknown until the page holds the figure
  look();
}
