// What every figure is: a title, a drawing, controls, a sentence, and a setting that can be passed on.

import { choice, preset, row, slider, toggle } from "./controls.js";
import { html, set, svg } from "./dom.js";
import { defaults, fromAddress, toAddress, toPython } from "./setting.js";
import { followTheme } from "./theme.js";

/** A notebook's address is the notebook's own; a plain page's may hold the setting. */
function inNotebook() {
  return location.protocol === "vscode-webview:" || Boolean(document.querySelector("#jupyter-config-data, body.notebook_app"));
}

function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/**
 * Put a figure in the place of its still picture.
 *
 * draw(figure) makes what stays and returns `update(state, width)`, which shows a state: it is called
 * at each change of the setting and of the width.
 */
export function mount(host, draw, { name, data, texts, specs, options, css }) {
  // In its own shadow: the page's style does not reach in, this one does not reach out.
  const shadow = (host.shadowRoot || host.attachShadow({ mode: "open" }));
  shadow.replaceChildren();
  html(shadow, "style", { text: css });
  // Jupyter Lab reads its shortcuts before any element sees the key, but not from here.
  set(host, { "data-lm-suppress-shortcuts": "true" });
  const root = html(shadow, "section", { class: "figure", lang: texts.language, "aria-label": texts.title });
  root.addEventListener("keydown", (event) => event.stopPropagation()); // nor the classic notebook's

  const text = (key, values = {}) => {
    if (!(key in texts)) throw new Error(`${name}: no text '${key}'`);
    return fill(texts[key], values);
  };
  html(root, "h3", { text: text("title") });
  html(root, "p", { class: "lead", text: text("lead") });
  const stage = html(root, "div", { class: "stage" });
  const drawing = svg(stage, "svg", { role: "group", "aria-label": text("drawing") });
  const controls = html(root, "div", { class: "controls" });
  const sentence = html(root, "p", { class: "says", role: "status" });

  const start = { ...defaults(specs), ...options };
  const state = { ...start, ...fromAddress(name, specs, inNotebook() ? "" : location.hash) };
  const shows = []; // functions that show the state, one for each control
  let update = () => {};
  let width = 0;

  function show() {
    if (!width) return;
    shows.forEach((one) => one(state));
    update(state, width);
  }
  function change(settings) {
    Object.assign(state, settings);
    if (!inNotebook()) history.replaceState(history.state, "", `#${toAddress(name, specs, state)}`);
    copied.textContent = "";
    show();
  }

  const figure = {
    stage,
    drawing,
    controls,
    data,
    text,
    change,
    state,
    say: (...sentences) => set(sentence, { text: sentences.join(" ") }),
    size: (height) => set(drawing, { width, height }),
    row: (key) => row(controls, key ? text(key) : ""),
    slider: (key, format, parent = controls) =>
      shows.push(slider(parent, { name: key, spec: specs[key], label: text(key), change, format })),
    choice: (key, options, settings = (value) => ({ [key]: value }), parent = controls) =>
      shows.push(choice(parent, { name: key, label: text(key), options, settings, change })),
    toggle: (key, parent = controls) => shows.push(toggle(parent, { name: key, label: text(key), change })),
    preset: (key, settings, parent = controls, otherwise = null) =>
      shows.push(preset(parent, { label: text(key), settings, otherwise, change })),
    /** A button that sets what `settings()` gives when it is pressed. */
    action: (key, settings, parent = controls) =>
      html(parent, "button", { type: "button", text: text(key), on: { click: () => change(settings()) } }),
  };
  update = draw(figure);

  const foot = html(root, "p", { class: "foot" });
  const button = (key, click) => html(foot, "button", { type: "button", text: text(key), on: { click } });
  button("reset", () => change({ ...start }));
  button("copy", async () => {
    const address = `${location.href.split("#")[0]}#${toAddress(name, specs, state)}`;
    const setting = inNotebook() ? toPython(name, specs, state) : address;
    let key = "copied";
    // where a page may not write to the clipboard, the reader copies the text by hand
    await navigator.clipboard.writeText(setting).catch(() => (key = "by_hand"));
    copied.textContent = text(key, { setting });
  });
  const copied = html(foot, "output", {});

  followTheme(host, root);
  new ResizeObserver(() => {
    const now = Math.floor(stage.clientWidth);
    if (now && now !== width) {
      width = now;
      show();
    }
  }).observe(stage);
  if (!inNotebook()) {
    addEventListener("hashchange", () => {
      const found = fromAddress(name, specs, location.hash);
      if (found) {
        Object.assign(state, start, found);
        show();
      }
    });
    if (fromAddress(name, specs, location.hash)) host.scrollIntoView();
  }
  return figure;
}
