// Building and keeping up the document, without losing the reader's place.

// el("p", {class: "x", onclick: f}, "words", node, null)
export function el(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Makes `list` show `items`: [{key, signature, draw}]. What did not change is left alone; where what
// changed held the keyboard focus, its successor gets it (by data-focus).
export function keepUp(list, items) {
  const wanted = new Set(items.map((one) => one.key));
  const standing = new Map([...list.children].map((node) => [node.dataset.key, node]));
  for (const [key, node] of standing) if (!wanted.has(key)) node.remove();
  let cursor = list.firstElementChild;
  for (const { key, signature, draw } of items) {
    const node = standing.get(key);
    if (node && node.signature === signature) {
      if (node === cursor) cursor = cursor.nextElementSibling;
      else list.insertBefore(node, cursor);
      continue;
    }
    const fresh = draw();
    fresh.dataset.key = key;
    fresh.signature = signature;
    if (node && node === cursor) {
      cursor = cursor.nextElementSibling;
      swap(node, fresh);
    } else {
      node?.remove();
      list.insertBefore(fresh, cursor);
    }
  }
}

function swap(old, fresh) {
  const active = old.contains(document.activeElement) ? document.activeElement : null;
  for (const one of fresh.querySelectorAll("details[data-focus]")) {
    const before = old.querySelector(`details[data-focus="${CSS.escape(one.dataset.focus)}"]`);
    if (before) one.open = before.open;
  }
  old.replaceWith(fresh);
  if (!active) return;
  const name = active.dataset?.focus;
  const heir = name && fresh.querySelector(`[data-focus="${CSS.escape(name)}"]`);
  if (heir) heir.focus({ preventScroll: true });
  else {
    fresh.tabIndex = -1;
    fresh.focus({ preventScroll: true });
  }
}

let wanted = null;
// Says something to screen readers, the last of several in one breath.
export function announce(words) {
  clearTimeout(wanted);
  wanted = setTimeout(() => (byId("announcer").textContent = words), 50);
}

const COLOURS = ["#9b2c5a", "#7a3ea1", "#3b51a8", "#0f5f8c", "#0f6b63", "#2e6b2e", "#7a5200", "#9a3412", "#5b4636"];

export function avatar(node, id, name, bot) {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
  node.textContent = bot ? "✓" : name.split(/[\s._-]+/).filter(Boolean).slice(0, 2).map((one) => one[0].toUpperCase()).join("");
  node.style.setProperty("--avatar", bot ? "#1d3b47" : COLOURS[sum % COLOURS.length]);
  return node;
}
