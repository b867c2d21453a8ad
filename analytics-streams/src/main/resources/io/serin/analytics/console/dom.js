/**
 * Builds elements. Every text is a text node: what a model or a person wrote is never markup.
 *
 * @param {string} name "div", "p.empty", "button.danger"
 * @param {object} attributes properties that begin with "on" are listeners; false and null are left out
 * @param {...(Node|string|number|null|false|Array)} children
 */
export function h(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split('.');
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(' ');
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'style') Object.entries(value).forEach(([k, v]) => element.style.setProperty(k, v));
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat(3).filter(child => child !== null && child !== false && child !== undefined)
    .map(child => (child instanceof Node ? child : document.createTextNode(String(child)))));
  return element;
}

/** Replaces the children of an element, keeping the focus where it was if the same control is there again. */
export function fill(element, ...children) {
  const focus = document.activeElement && element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const at = focus && document.activeElement.selectionStart;
  element.replaceChildren(...children.flat(3).filter(Boolean));
  if (focus) {
    const again = element.querySelector(`[data-key="${CSS.escape(focus)}"]`);
    if (again) {
      again.focus({preventScroll: true});
      if (typeof at === 'number' && again.setSelectionRange) again.setSelectionRange(at, at);
    }
  }
}
