// What the pages do beyond the theme: the language is kept, cards turn, the reader's machine is found.
"use strict";

const remember = (name, value) => { try { localStorage.setItem(name, value); } catch { /* storage is off */ } };

function languageSwitch() {
  for (const link of document.querySelectorAll("a[data-language]")) {
    link.addEventListener("click", () => {
      remember("d2l_bn-language", link.dataset.language);
      if (location.hash && !location.hash.startsWith("#id")) link.hash = "";
    });
  }
}

function flashCards(host) {
  const words = JSON.parse(host.dataset.words), cards = [...host.querySelectorAll(".card")];
  const make = (name, text = "", action = null) => {
    const node = Object.assign(document.createElement(name), { textContent: text });
    if (action) { node.type = "button"; node.addEventListener("click", action); }
    return node;
  };
  let shown = cards, at = 0;
  const count = make("output"), choice = make("select"), bar = make("div"), keys = make("p", words.keys);
  count.className = "count"; bar.className = "cards-bar"; keys.className = "cards-keys";
  choice.setAttribute("aria-label", words.lesson);
  choice.append(new Option(words.all, ""));
  for (const lesson of new Set(cards.map((card) => card.dataset.lesson)))
    choice.append(new Option(`${words.lesson} ${Number(lesson)}`, lesson));

  const show = (index) => {
    at = (index + shown.length) % shown.length;
    for (const card of cards) card.classList.toggle("shown", card === shown[at]);
    shown[at].open = false;
    count.textContent = words.of.replace("{}", at + 1).replace("{}", shown.length);
  };
  const turn = () => { shown[at].open = !shown[at].open; };
  choice.addEventListener("change", () => {
    shown = cards.filter((card) => !choice.value || card.dataset.lesson === choice.value);
    show(0);
  });
  bar.append(make("button", words.previous, () => show(at - 1)), make("button", words.turn, turn),
    make("button", words.next, () => show(at + 1)), choice, count);
  host.before(bar);
  host.after(keys);
  host.classList.add("one");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, dialog")) return;
    const action = { ArrowRight: () => show(at + 1), ArrowLeft: () => show(at - 1) }[event.key];
    const free = !event.target.closest("button, a, summary"); // these have a space bar of their own
    if (action) action();
    else if (event.key === " " && free) turn();
    else return;
    event.preventDefault();
    event.stopPropagation(); // the theme takes the arrows for the next page
  }, true);
  let start = null;
  host.addEventListener("touchstart", (event) => { start = event.touches[0]; }, { passive: true });
  host.addEventListener("touchend", (event) => {
    const across = event.changedTouches[0].clientX - start.clientX;
    const down = event.changedTouches[0].clientY - start.clientY;
    if (Math.abs(across) > 50 && Math.abs(across) > 2 * Math.abs(down)) show(at + (across < 0 ? 1 : -1));
  });
  show(0);
}

async function machine() {
  const hints = navigator.userAgentData;
  const facts = hints?.getHighEntropyValues
    ? await hints.getHighEntropyValues(["architecture"]).catch(() => ({})) : {};
  const platform = (hints?.platform || navigator.platform || "").toLowerCase();
  const arm = (facts.architecture || "").startsWith("arm");
  if (platform.startsWith("win")) return "windows";
  if (platform.startsWith("mac")) return arm || (!facts.architecture && appleGraphics()) ? "mac-arm" : "mac-intel";
  if (platform.includes("linux")) return arm || /aarch64|arm/.test(platform) ? "linux-arm" : "linux";
  return null;
}

/** Safari says "MacIntel" on every Mac; the name of its graphics processor says which. */
function appleGraphics() {
  const gl = document.createElement("canvas").getContext("webgl");
  const info = gl?.getExtension("WEBGL_debug_renderer_info");
  return /apple (m\d|gpu)/i.test(String(gl?.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER)));
}

async function machineChoice(host) {
  const select = host.querySelector("select"), says = host.querySelector("output");
  const rows = [...document.querySelectorAll("table tbody tr")];
  const order = ["linux", "mac-intel", "mac-arm", "windows", "linux-arm", "musl"]; // of the table
  const choose = (name) => {
    for (const part of document.querySelectorAll(".machine"))
      part.classList.toggle("mine", part.classList.contains(`machine-${name}`));
    rows.forEach((row, index) => row.classList.toggle("mine", order[index] === name));
    document.querySelector(".machines").classList.add("one");
  };
  select.addEventListener("change", () => { says.textContent = ""; choose(select.value); });
  host.hidden = false;
  const found = await machine();
  select.value = found || "linux";
  if (found) says.textContent = `(${says.dataset.found})`;
  choose(select.value);
}

/** What the theme leaves out for those who listen, or read without a mouse. */
function accessibleNames() {
  for (const summary of document.querySelectorAll(".bd-links summary"))
    summary.setAttribute("aria-label", summary.parentElement.previousElementSibling.textContent);
  for (const button of document.querySelectorAll(".search-button-field"))
    button.removeAttribute("aria-label"); // its text says more
}

/** A formula that scrolls can be reached by keyboard. */
async function scrollableFormulas() {
  await window.MathJax?.startup?.promise;
  const mark = () => {
    for (const formula of document.querySelectorAll("mjx-container[display=true]"))
      if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
      else formula.removeAttribute("tabindex");
  };
  mark();
  addEventListener("resize", mark);
}

document.addEventListener("DOMContentLoaded", () => {
  languageSwitch();
  accessibleNames();
  scrollableFormulas();
  document.querySelectorAll(".cards").forEach(flashCards);
  document.querySelectorAll(".machine-choice").forEach(machineChoice);
});
