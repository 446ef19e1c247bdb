// Elements of SVG and HTML, made and changed by tables of attributes.

const SVG = "http://www.w3.org/2000/svg";

/** Set attributes of an element; `text` is its content, `on` a table of listeners, null removes. */
export function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") {
      if (node.textContent !== String(value)) node.textContent = value;
    } else if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "style") {
      for (const [property, x] of Object.entries(value)) node.style.setProperty(property, x);
    } else if (value === null || value === false) node.removeAttribute(name);
    else node.setAttribute(name, value);
  }
  return node;
}

export function svg(parent, tag, attributes = {}) {
  const node = set(document.createElementNS(SVG, tag), attributes);
  if (parent) parent.append(node);
  return node;
}

export function html(parent, tag, attributes = {}) {
  const node = set(document.createElement(tag), attributes);
  if (parent) parent.append(node);
  return node;
}

/**
 * One SVG child for each item: those that are there are changed and not made anew, so that a drag
 * keeps its pointer, a key its focus and a transition its start.
 */
export function join(parent, tag, items, attributes) {
  while (parent.childNodes.length > items.length) parent.lastChild.remove();
  items.forEach((item, i) => {
    const node = parent.childNodes[i] || svg(parent, tag);
    set(node, attributes(item, i));
  });
  return [...parent.childNodes];
}
