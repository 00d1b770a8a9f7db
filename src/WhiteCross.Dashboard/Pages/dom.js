// Views say what the page should be; morph changes what is there into it. What stays is left in its place, with its focus, its
// scroll position and what has been typed.

const asProperties = new Set(['checked', 'value', 'indeterminate']);

export function h(tag, attributes, ...children) {
  return build(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes, ...children) {
  return build(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function build(node, attributes, children) {
  node.handlers = {};
  node.properties = {};
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || (value === false && !asProperties.has(name))) continue;
    if (name === 'key') node.key = value;
    else if (name.startsWith('on')) node[name] = node.handlers[name] = value;
    else if (asProperties.has(name)) node.properties[name] = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  // Text only ever becomes a text node.
  node.append(...children.flat(Infinity).filter(child => child !== undefined && child !== null && child !== false));
  // A select knows its value only once its options are there.
  Object.assign(node, node.properties);
  return node;
}

export function morph(from, to) {
  if (from.nodeType === Node.TEXT_NODE) {
    if (from.data !== to.data) from.data = to.data;
    return;
  }
  morphAttributes(from, to);
  morphHandlers(from, to);
  morphChildren(from, to);
  for (const [name, value] of Object.entries(to.properties ?? {})) {
    const isBeingTyped = name === 'value' && from === document.activeElement;
    if (!isBeingTyped && from[name] !== value) from[name] = value;
  }
}

function morphAttributes(from, to) {
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  for (const { name } of [...from.attributes]) {
    // Whoever opened it has the say.
    const isTheReaders = name === 'open' && from.nodeName === 'DETAILS';
    if (!to.hasAttribute(name) && !isTheReaders) from.removeAttribute(name);
  }
}

function morphHandlers(from, to) {
  for (const name of Object.keys(from.handlers ?? {})) {
    if (!to.handlers?.[name]) from[name] = null;
  }
  Object.assign(from, to.handlers);
  from.handlers = to.handlers;
}

function morphChildren(from, to) {
  const known = new Map();
  for (const child of from.childNodes) if (child.key !== undefined) known.set(child.key, child);
  const wanted = new Set();
  for (const child of to.childNodes) if (child.key !== undefined) wanted.add(child.key);

  let place = from.firstChild;
  for (const next of [...to.childNodes]) {
    // What goes is taken out first: an element that is moved loses its focus, one that stays put does not.
    while (place?.key !== undefined && !wanted.has(place.key)) place = takeOut(place);
    const match = next.key !== undefined ? known.get(next.key) : place?.key === undefined ? place : null;
    if (match?.nodeName !== next.nodeName) {
      from.insertBefore(next, place);
      continue;
    }
    if (match === place) place = place.nextSibling;
    else from.insertBefore(match, place);
    morph(match, next);
  }
  while (place) place = takeOut(place);
}

function takeOut(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}
