// Sliders, buttons that stay down, choices: each shows one setting and changes it.

import { html } from "./dom.js";
import { fixed } from "./scales.js";

let made = 0; // for ids: labels must find their controls

/**
 * A slider with its name and its value. `spec.log` spaces it by ratios, for whole numbers.
 * Returns a function that shows the state.
 */
export function slider(parent, { name, spec, label, change, format }) {
  const id = `c${made++}`;
  const row = html(parent, "div", { class: "slider" });
  html(row, "label", { for: id, text: label });
  const value = html(row, "output", { for: id });
  const [to, from] = spec.log ? [Math.log2, (x) => Math.round(2 ** x)] : [(x) => x, (x) => x];
  const input = html(row, "input", {
    id,
    type: "range",
    name,
    min: to(spec.min),
    max: to(spec.max),
    step: spec.log ? "any" : spec.step,
  });
  input.addEventListener("input", () => change({ [name]: from(Number(input.value)) }));
  if (spec.log) {
    // a step of the arrow keys is a whole number, or an eighth where that is more
    input.addEventListener("keydown", (event) => {
      const up = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (!up) return;
      event.preventDefault();
      const now = from(Number(input.value));
      const next = now + up * Math.max(1, Math.round(now / 8));
      change({ [name]: Math.min(spec.max, Math.max(spec.min, next)) });
    });
  }
  const decimals = (String(spec.step).split(".")[1] || "").length;
  return (state) => {
    const text = format ? format(state[name]) : fixed(state[name], decimals);
    if (from(Number(input.value)) !== state[name]) input.value = to(state[name]);
    input.setAttribute("aria-valuetext", text);
    value.textContent = text;
  };
}

/** A list to choose from, of pairs [value, words]; `settings(value)` is what a choice sets. */
export function choice(parent, { name, label, options, settings, change }) {
  const id = `c${made++}`;
  const row = html(parent, "div", { class: "choice" });
  html(row, "label", { for: id, text: label });
  const list = html(row, "select", { id, name });
  for (const [value, words] of options) html(list, "option", { value, text: words });
  list.addEventListener("change", () => change(settings(list.value)));
  return (state) => (list.value = state[name]);
}

/** A button that stays down while the setting is true. */
export function toggle(parent, { name, label, change }) {
  const button = html(parent, "button", { type: "button", class: "toggle", name, text: label });
  let on = false;
  button.addEventListener("click", () => change({ [name]: !on }));
  return (state) => {
    on = Boolean(state[name]);
    button.setAttribute("aria-pressed", on);
  };
}

/**
 * A button that sets several settings at once, and looks pressed while they are so. Pressed again it
 * sets `otherwise`, if given.
 */
export function preset(parent, { label, settings, otherwise, change }) {
  const button = html(parent, "button", { type: "button", class: "preset", text: label });
  let same = false;
  button.addEventListener("click", () => change(same && otherwise ? otherwise : settings));
  return (state) => {
    same = Object.entries(settings).every(([key, value]) => String(state[key]) === String(value));
    button.setAttribute("aria-pressed", same);
  };
}

/** A named row of controls. */
export function row(parent, label) {
  const group = html(parent, "div", { class: "row", role: "group", "aria-label": label });
  if (label) html(group, "span", { class: "rowname", text: label });
  return group;
}
