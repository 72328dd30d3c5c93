// Elements of the page. Names from the cluster are written by strangers: they become text, and
// there is no other way here for them to get into the page.

/**
 * @typedef {Node | string} Child
 * @typedef {Record<string, string | number | boolean | undefined>} Attributes
 */

/**
 * The part of the page with this id.
 * @param {string} id
 * @returns {HTMLElement}
 */
function part(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
}

/**
 * An element of HTML; strings among its children become text.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {Child[]} children
 */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

/**
 * An element of SVG; strings among its children become text.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {Child[]} children
 */
function shape(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

/**
 * @param {Element} target
 * @param {Attributes} attributes
 */
function setAttributes(target, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) target.removeAttribute(name);
    else target.setAttribute(name, value === true ? "" : `${value}`);
  }
}

/**
 * Replaces what an element says, if it says something else: a selection in it survives.
 * @param {Node} target
 * @param {string} text
 */
function say(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/**
 * Says something, or hides the element if there is nothing to say.
 * @param {HTMLElement} target
 * @param {string | undefined} text
 */
function sayOrHide(target, text) {
  target.hidden = text === undefined;
  say(target, text ?? "");
}

/**
 * @template Item
 * @typedef {{ node: HTMLElement, update: (item: Item) => void }} Row
 */

/**
 * One child of an element for each item of a list that changes. An item keeps its child as long as
 * it is there, so that what has the focus keeps it.
 * @template Item
 */
class Rows {
  /** @type {Map<string, Row<Item>>} */
  #rows = new Map();
  #parent;
  #key;
  #make;

  /**
   * @param {Element} parent
   * @param {(item: Item) => string} key
   * @param {(item: Item) => Row<Item>} make
   */
  constructor(parent, key, make) {
    this.#parent = parent;
    this.#key = key;
    this.#make = make;
  }

  /** @param {Item[]} items */
  show(items) {
    const focused = document.activeElement;
    /** @type {Map<string, Row<Item>>} */
    const rows = new Map();
    for (const item of items) {
      const key = this.#key(item);
      const row = this.#rows.get(key) ?? this.#make(item);
      row.update(item);
      rows.set(key, row);
    }
    for (const [key, row] of this.#rows) if (!rows.has(key)) row.node.remove();
    let next = this.#parent.firstElementChild;
    for (const { node } of rows.values()) {
      if (node === next) next = next.nextElementSibling;
      else this.#parent.insertBefore(node, next);
    }
    this.#rows = rows;
    // What is moved loses the focus.
    if (
      focused instanceof HTMLElement &&
      focused !== document.activeElement &&
      this.#parent.contains(focused)
    ) {
      focused.focus({ preventScroll: true });
    }
  }
}
