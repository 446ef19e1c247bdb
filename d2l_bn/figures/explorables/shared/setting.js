// The setting of a figure as text: in the address of a page, and as a line of Python.
//
// `specs` is the figure's settings.json: from a name to its type, its default and its bounds.

import { clamp } from "./scales.js";

const READ = {
  number: (text, { min, max }) => (text.trim() === "" || isNaN(text) ? null : clamp(Number(text), min, max)),
  flag: (text) => ({ 1: true, 0: false })[text] ?? null,
  choice: (text, { choices }) => (choices.includes(text) ? text : null),
  numbers: (text, spec) => {
    const found = text.split(",").map((part) => READ.number(part, spec));
    return found.length === spec.length && !found.includes(null) ? found : null;
  },
  // up to `most` pairs, 0.1:0.83,1:0.75; `min` and `max` are pairs, too
  points: (text, { most, min, max }) => {
    const bounds = [0, 1].map((i) => ({ min: min[i], max: max[i] }));
    const found = text.split(",").map((pair) => pair.split(":").map((part, i) => READ.number(part, bounds[i] || {})));
    return found.slice(0, most).every((pair) => pair.length === 2 && !pair.includes(null)) ? found.slice(0, most) : null;
  },
};
const WRITE = {
  flag: (value) => (value ? "1" : "0"),
  numbers: (value) => value.join(","),
  points: (value) => value.map((pair) => pair.join(":")).join(","),
};

export const defaults = (specs) =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default]));

/** What a setting changes of the defaults. */
function changed(specs, state) {
  return Object.keys(specs).filter((name) => String(state[name]) !== String(specs[name].default));
}

/** The part of an address after "#": `lagging_average:m=0.99&rate=0.1`. */
export function toAddress(name, specs, state) {
  const write = (key) => (WRITE[specs[key].type] || String)(state[key]);
  return `${name}:${changed(specs, state).map((key) => `${key}=${write(key)}`).join("&")}`;
}

/** The settings in an address, null if it is not of this figure; what makes no sense is left out. */
export function fromAddress(name, specs, address) {
  const text = decodeURIComponent(address.replace(/^#/, ""));
  if (!text.startsWith(`${name}:`)) return null;
  const found = {};
  for (const pair of text.slice(name.length + 1).split("&")) {
    const [key, value = ""] = pair.split("=");
    const read = Object.hasOwn(specs, key) ? READ[specs[key].type](value, specs[key]) : null;
    if (read !== null) found[key] = read;
  }
  return found;
}

/** The line of Python that shows the figure so. */
export function toPython(name, specs, state) {
  const write = (value) =>
    typeof value === "boolean" ? (value ? "True" : "False") : JSON.stringify(value);
  const options = changed(specs, state).map((key) => `, ${key}=${write(state[key])}`);
  return `figures.interactive("${name}"${options.join("")})`;
}
