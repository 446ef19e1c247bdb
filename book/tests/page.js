// What a page is asked; reader.py runs these functions in it.

/** All elements that fit a selector, also those within figures, which have shadows of their own. */
function everywhere(selector, root = document) {
  const inside = [...root.querySelectorAll("*")].filter((node) => node.shadowRoot);
  return [...root.querySelectorAll(selector), ...inside.flatMap((node) => everywhere(selector, node.shadowRoot))];
}

const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

/** Open what is folded, load what would wait for scrolling, let formulas be set. */
async function settle() {
  const still = document.createElement("style");
  still.textContent = "*, ::before, ::after { transition: none !important; animation: none !important }";
  document.head.append(still);
  if (document.readyState !== "complete") await new Promise((done) => addEventListener("load", done));
  for (const fold of document.querySelectorAll(".bd-article details")) fold.open = true;
  const images = everywhere("img");
  for (const image of images) image.loading = "eager";
  await Promise.all(images.map((image) => image.complete || new Promise((done) => {
    image.addEventListener("load", done);
    image.addEventListener("error", done);
  })));
  await window.MathJax?.startup?.promise;
  await frame();
}

const name = (node) => node.outerHTML.replace(/\s+/g, " ").slice(0, 120);

/** What is wrong with what stands on the page, in a sentence each. */
function problems(lang) {
  const found = [];
  if (document.documentElement.lang !== lang) found.push(`lang is ${document.documentElement.lang}`);
  const titles = document.querySelectorAll("h1").length;
  if (titles !== 1) found.push(`${titles} first headings`);

  for (const math of document.querySelectorAll(".math"))
    if (!math.querySelector("mjx-container svg")) found.push(`no formula: ${name(math)}`);
  const errors = "mjx-merror, mjx-container [data-mml-node=merror], mjx-container [data-mjx-error], mjx-container [fill=red]";
  for (const error of document.querySelectorAll(errors))
    found.push(`wrong formula: ${error.closest(".math")?.textContent.slice(0, 80) ?? name(error)}`);
  found.push(...unrendered());

  for (const image of everywhere("img")) {
    const spoken = image.closest("a")?.textContent.trim(); // beside words it may be mute
    if (!image.complete || !image.naturalWidth) found.push(`picture not loaded: ${image.src.slice(0, 120)}`);
    if (!image.hasAttribute("alt") || !(image.alt.trim() || spoken)) found.push(`picture without alt: ${name(image)}`);
  }
  for (const host of document.querySelectorAll("[id^=figure-]")) {
    const figure = host.shadowRoot?.querySelector("section.figure");
    if (!figure) { found.push(`no figure in ${host.id}`); continue; }
    if (figure.querySelectorAll(".stage svg *").length < 3) found.push(`nothing drawn: ${figure.ariaLabel}`);
    if (!figure.querySelector(".says").textContent) found.push(`says nothing: ${figure.ariaLabel}`);
    if (!lang.startsWith(figure.lang)) found.push(`${figure.ariaLabel}: speaks ${figure.lang}`);
  }
  return found;
}

/** TeX, and tables of Markdown, that a reader would see as they were written. */
function unrendered() {
  const found = [], walk = document.createTreeWalker(document.querySelector("main") ?? document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    if (node.parentElement.closest("code, pre, script, style, mjx-container, textarea")) continue;
    const tex = node.data.match(/\\[([]|\$\$|\\(frac|mathrm|sum|sqrt|begin|hat|bar|gamma|beta|mu|sigma)\b|\$[\\a-zA-Z][^$\n]{0,60}\$/);
    if (tex) found.push(`TeX: ${node.data.trim().slice(0, 100)}`);
    if (/\|\s*:?[-–—]{1,3}:?\s*\|/.test(node.data)) found.push(`a table: ${node.data.trim().slice(0, 100)}`);
  }
  return found;
}

/** How far the page can be pushed sideways, and what reaches out. */
async function sideways() {
  await frame();
  const width = document.documentElement.clientWidth, page = document.documentElement;
  if (page.scrollWidth <= width) return [];
  const boxed = (node) => node && node !== document.body
    && (getComputedStyle(node).overflowX !== "visible" || boxed(node.parentElement));
  const out = [...document.querySelectorAll("body *")].filter((node) =>
    node.getBoundingClientRect().right > width + 1 && !boxed(node.parentElement));
  const last = out.filter((node) => ![...node.children].some((child) => out.includes(child)));
  return [`${page.scrollWidth} pixels wide of ${width}: ${last.slice(0, 3).map(name).join("; ")}`];
}

/** Choose the dark of the theme's own menu; the themes of the page and its figures. */
async function darken() {
  document.querySelector(".theme-change-button[data-mode=dark]").click();
  await new Promise((done) => setTimeout(done, 100)); // figures follow a little later
  await frame();
  const figures = everywhere("section.figure").map((figure) => figure.dataset.theme);
  return [...new Set([document.documentElement.dataset.theme, ...figures])];
}

/** What axe-core finds serious or critical: rule, place, what to do. */
async function seriousFindings(rules) {
  const seen = new Set(); // the colour of each kind of token in code is looked at once
  for (const token of document.querySelectorAll(".highlight span"))
    if (seen.has(token.className)) token.dataset.alike = "";
    else seen.add(token.className);
  axe.configure({ rules: [{ id: "color-contrast", selector: "*:not([data-alike])" }] });
  const options = { resultTypes: ["violations"], preload: false, ...(rules && { runOnly: rules }) };
  const { violations } = await axe.run({ exclude: ["mjx-container svg"] }, options);
  const serious = violations.filter((each) => ["serious", "critical"].includes(each.impact));
  return serious.flatMap((each) => {
    const places = each.nodes.slice(0, 4).map((node) =>
      `${each.id}: ${node.html.slice(0, 160)} (${node.any[0]?.message ?? each.help})`);
    return each.nodes.length > 4 ? [...places, `${each.id}: ${each.nodes.length - 4} more`] : places;
  });
}
