// A select whose options the app gives while one types: a text box with a list below it.

import { el } from "./dom.js";
import { plain } from "./words.js";

const BREATH = 200; // milliseconds without a key after which the app is asked

let number = 0;

// `start`: the option that stands in it, or null. `ask(typed)` promises the app's options. Returns {node, read}.
export function externalSelect(one, given, start, ask, chosen) {
  const listId = `options-${(number += 1)}`;
  const list = el("ul", { class: "suggestions below", role: "listbox", id: listId, hidden: true });
  const box = el("input", {
    type: "text", role: "combobox", autocomplete: "off", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": listId,
    "data-action": one.action_id, placeholder: plain(one.placeholder) || "Type to search", ...given,
  });
  let option = start;
  let at = -1;
  let timer = null;
  box.value = option ? plain(option.text) : "";

  const show = (options, words = "No results") => {
    at = options.length ? 0 : -1;
    const rows = options.map((each) => {
      const row = el("li", { role: "option" }, plain(each.text), each.description ? el("span", {}, plain(each.description)) : null);
      row.choice = each;
      row.addEventListener("mousedown", (event) => {
        event.preventDefault();
        take(each);
      });
      return row;
    });
    list.replaceChildren(...(rows.length ? rows : [el("li", { class: "fine" }, words)]));
    open(true);
  };
  const open = (wide) => {
    list.hidden = !wide;
    box.setAttribute("aria-expanded", String(wide));
    mark();
  };
  const mark = () => {
    const rows = [...list.querySelectorAll("[role=option]")];
    rows.forEach((row, place) => {
      row.id = `${listId}-${place}`;
      row.setAttribute("aria-selected", String(place === at));
      if (place === at) row.scrollIntoView({ block: "nearest" });
    });
    if (at < 0 || list.hidden) box.removeAttribute("aria-activedescendant");
    else box.setAttribute("aria-activedescendant", `${listId}-${at}`);
  };
  const take = (each) => {
    option = each;
    box.value = plain(each.text);
    open(false);
    chosen(each);
  };
  const look = async () => {
    const typed = box.value;
    if (typed.length < (one.min_query_length ?? 3)) return open(false);
    try {
      const options = await ask(typed);
      if (box.value === typed && document.activeElement === box) show(options);
    } catch {
      show([], "The app did not answer.");
    }
    return undefined;
  };
  box.addEventListener("input", () => {
    option = null;
    clearTimeout(timer);
    timer = setTimeout(look, BREATH);
  });
  box.addEventListener("focus", () => !option && look());
  box.addEventListener("blur", () => open(false));
  box.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const rows = list.querySelectorAll("[role=option]");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && rows.length) at = (at + step + rows.length) % rows.length;
    else if (event.key === "Enter" && at >= 0) take(rows[at].choice);
    else if (event.key === "Escape") open(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
    mark();
  });
  return { node: el("div", { class: "external" }, box, list), read: () => option };
}
