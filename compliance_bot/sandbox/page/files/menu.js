// A button with a menu: of a message's block, of a modal's, or of the message itself.

import { el } from "./dom.js";

// `items`: [{label: node or words, chosen: what happens}]. `given`: attributes of the button.
export function menuButton(items, given) {
  const menu = el("div", { class: "menu", role: "menu", hidden: true });
  const opener = el("button", { type: "button", "aria-haspopup": "menu", "aria-expanded": "false", ...given }, "⋯");
  const show = (open) => {
    menu.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (!open) return;
    place(menu);
    menu.firstElementChild.focus({ preventScroll: true });
  };
  menu.append(...items.map(({ label, chosen }) => el("button", { type: "button", role: "menuitem", tabindex: "-1", onclick: () => {
    show(false);
    opener.focus();
    chosen();
  } }, label)));
  opener.addEventListener("click", () => show(menu.hidden));
  const wrap = el("span", { class: "overflow-wrap" }, opener, menu);
  wrap.addEventListener("keydown", (event) => {
    if (menu.hidden) return;
    const all = [...menu.children];
    const at = all.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Escape") {
      event.stopPropagation();
      event.preventDefault();
      show(false);
      opener.focus();
    } else if (to !== undefined) {
      event.preventDefault();
      all[(to + all.length) % all.length].focus();
    }
  });
  wrap.addEventListener("focusout", (event) => wrap.contains(event.relatedTarget) || show(false));
  return wrap;
}

// Where there is room: below unless it would be cut off, and towards the middle of what it stands in.
function place(menu) {
  menu.classList.remove("up", "leftward");
  const around = (menu.closest(".scroller, .dialog-body") || document.documentElement).getBoundingClientRect();
  const box = menu.getBoundingClientRect();
  const opener = menu.parentElement.getBoundingClientRect();
  menu.classList.toggle("up", box.bottom > around.bottom && opener.top - box.height > around.top);
  menu.classList.toggle("leftward", box.right > around.right);
}
