// Makes and updates elements. Nothing here or elsewhere on the page parses text as markup.

/** Makes an element: h("p.note", {title: "…"}, "text", child). */
export function h(what, properties = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  set(element, properties);
  element.append(...children.filter((child) => child != null));
  return element;
}

/** Makes an element of SVG with presentation attributes. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function set(element, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.includes("-") || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Sets text only if it differs, so that a selection and a screen reader are left in peace. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets an attribute only if it differs; null removes it. */
export function setAttribute(element, name, value) {
  if (value == null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/**
 * Makes the children of an element one for each item, and keeps the child of an item that stays.
 * With hold, children that stay also keep their places, as somebody may be about to click.
 */
export function keyed(parent, items, keyOf, create, update, hold = false) {
  const known = (parent.keyedChildren ??= new Map());
  let wanted = items;
  if (hold) {
    const places = new Map([...known.keys()].map((key, place) => [key, place]));
    wanted = items.toSorted((a, b) => (places.get(keyOf(a)) ?? places.size) - (places.get(keyOf(b)) ?? places.size));
  }
  const next = new Map(wanted.map((item) => [keyOf(item), item]));
  for (const [key, child] of known) if (!next.has(key)) child.remove(); // first, as moving a child costs it the focus
  let at = parent.firstElementChild;
  for (const [key, item] of next) {
    const child = known.get(key) ?? create(item);
    update(child, item);
    next.set(key, child);
    if (child === at) at = at.nextElementSibling;
    else parent.insertBefore(child, at);
  }
  parent.keyedChildren = next;
}

/** The parts of a row by their names: what h made with data-part. */
export function parts(element) {
  if (!element.namedParts) {
    element.namedParts = {};
    for (const part of element.querySelectorAll("[data-part]")) element.namedParts[part.dataset.part] = part;
  }
  return element.namedParts;
}
