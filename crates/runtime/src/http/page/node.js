// Changes of the page. Each touches only what is different, so that nothing that has the focus is
// made anew. What the API says goes into texts, never into markup.

/** Sets a text. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets an attribute, or removes it where there is no value. */
export function mark(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

/** Makes an element with a class, a text and children. */
export function element(tag, className, text, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

let emptied;

/** Has screen readers say a text, even if it is the same as the last. */
export function announce(text) {
  const place = document.getElementById("announced");
  place.textContent = "";
  clearTimeout(emptied);
  emptied = setTimeout(() => { place.textContent = text; }, 50);
}
