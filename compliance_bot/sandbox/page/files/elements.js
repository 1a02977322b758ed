// The interactive elements: buttons, menus, selects, dates, inputs of views.

import { el } from "./dom.js";
import { ask } from "./confirm.js";
import { externalSelect } from "./external.js";
import { menuButton } from "./menu.js";
import { known, nameOf } from "./world.js";
import { plain, words } from "./words.js";

// `given`: attributes that tie an input to its label, hint and error.
export function element(one, block, place, given = {}) {
  const draw = ELEMENTS[one.type];
  if (!draw) return el("span", { class: "unknown" }, `An element of type ${one.type}, which this page does not draw.`);
  return draw(one, block, place, { "data-focus": `${block.block_id}/${one.action_id}/${one.value ?? ""}`, ...given });
}

export const isInput = (block) => block.type === "input";

// Unix seconds as a field of date and time holds them, in the reader's own zone, and back.
const MOMENT = {
  show: (seconds) => new Date(seconds * 1000 - new Date(seconds * 1000).getTimezoneOffset() * 60000).toISOString().slice(0, 16),
  read: (typed) => Math.floor(new Date(typed) / 1000),
};
const AS_IT_IS = { show: (value) => value, read: (value) => value };

const ELEMENTS = {
  button,
  workflow_button: button,
  overflow,
  icon_button: (one, block, place, given) => button({ ...one, text: { type: "plain_text", text: "🗑" } }, block, place, given),
  feedback_buttons: (one, block, place) =>
    el("span", {}, [one.positive_button, one.negative_button].map((each) =>
      button({ ...each, action_id: one.action_id }, block, place, { "data-focus": `${one.action_id}/${each.value}` }))),
  static_select: select((one) => options(one), "initial_option"),
  external_select: external,
  users_select: select(() => people(), "initial_user"),
  channels_select: select(() => channels(), "initial_channel"),
  conversations_select: select(() => channels(), "initial_conversation"),
  multi_static_select: many((one) => options(one)[0][1], "checkbox"),
  multi_users_select: many(() => people()[0][1], "checkbox"),
  multi_channels_select: many(() => channels()[0][1], "checkbox"),
  multi_conversations_select: many(() => channels()[0][1], "checkbox"),
  checkboxes: many((one) => flat(one.options), "checkbox"),
  radio_buttons: many((one) => flat(one.options), "radio"),
  datepicker: text("date", "initial_date"),
  timepicker: text("time", "initial_time"),
  datetimepicker: text("datetime-local", "initial_date_time", MOMENT),
  plain_text_input: text("text"),
  email_text_input: text("email"),
  url_text_input: text("url"),
  number_input: text("number"),
};

async function act(one, value, block, place) {
  if (one.confirm && !(await ask(one.confirm))) return false;
  place.act(one, value, block);
  return true;
}

function button(one, block, place, given) {
  const state = place.state?.(one, one.value);
  const style = { primary: "primary", danger: "danger" }[one.style] || "";
  const node = el(
    "button",
    {
      type: "button",
      class: `button ${style}`,
      "data-action": one.action_id,
      "aria-label": one.accessibility_label,
      "aria-busy": state === "pending" ? "true" : null,
      "aria-disabled": state === "pending" ? "true" : null,
      ...given,
      onclick: () => {
        if (state === "pending") return;
        if (one.url && /^https?:/i.test(one.url)) window.open(one.url, "_blank", "noopener");
        act(one, one.value ?? null, block, place);
      },
    },
    words(one.text),
  );
  return warned(node, state);
}

function warned(node, state) {
  if (state !== "failed") return node;
  const why = "The app did not answer within 3 seconds. Press again.";
  return el("span", { class: "with-warning" }, node, el("span", { class: "warning", role: "img", "aria-label": why, title: why }, "⚠"));
}

function overflow(one, block, place, given) {
  const items = one.options.map((option) => ({
    label: words(option.text),
    chosen: () => {
      if (option.url && /^https?:/i.test(option.url)) window.open(option.url, "_blank", "noopener");
      act(one, option.value, block, place);
    },
  }));
  const state = one.options.map((option) => place.state?.(one, option.value)).find(Boolean);
  const busy = state === "pending" ? { "aria-busy": "true" } : {};
  return warned(menuButton(items, { class: "button overflow", "data-action": one.action_id, "aria-label": "More actions", ...busy, ...given }), state);
}

// [[group label or null, [[value, words, description]]]]
function options(one) {
  if (one.option_groups) return one.option_groups.map((group) => [plain(group.label), flat(group.options)]);
  return [[null, flat(one.options || [])]];
}
const flat = (list) => list.map((one) => [one.value, plain(one.text), one.description ? plain(one.description) : ""]);
const people = () => [[null, [...known.people.values()].filter((one) => !one.bot && !one.deactivated && one.id !== "USLACKBOT").map((one) => [one.id, nameOf(one.id), ""])]];
const channels = () => [[null, [...known.channels.values()].filter((one) => one.kind === "channel" && !one.archived).map((one) => [one.id, `#${one.name}`, ""])]];

// What an input held before it was drawn anew, else what the app put there.
function before(one, block, place, initial, valueOf = (each) => each.value ?? each) {
  const kept = place.values?.[block.block_id]?.[one.action_id];
  if (kept !== undefined) return kept;
  const given = one[initial];
  if (Array.isArray(given)) return given.map(valueOf);
  return given === undefined || given === null ? null : valueOf(given);
}

function tie(one, block, place, read) {
  place.inputs?.push({ block: block.block_id, action: one.action_id, optional: block.optional, inInput: isInput(block), read });
}

const acts = (block) => !isInput(block) || block.dispatch_action;

function select(list, initial) {
  return (one, block, place, given) => {
    const now = before(one, block, place, initial);
    const choice = ([value, label]) => el("option", { value, selected: value === now }, label);
    const node = el(
      "select",
      { "data-action": one.action_id, "aria-label": isInput(block) ? null : plain(one.placeholder) || "Choose", ...given },
      el("option", { value: "", selected: now === null }, plain(one.placeholder) || "Choose…"),
      list(one).map(([label, all]) => (label === null ? all.map(choice) : el("optgroup", { label }, all.map(choice)))),
    );
    node.addEventListener("change", async () => {
      if (!acts(block) || !node.value) return;
      if (!(await act(one, node.value, block, place))) node.value = now ?? "";
    });
    tie(one, block, place, () => node.value || null);
    return node;
  };
}

function many(list, type) {
  return (one, block, place, given) => {
    const now = before(one, block, place, type === "radio" ? "initial_option" : one.type === "multi_users_select" ? "initial_users" : "initial_options");
    const chosen = new Set([now ?? []].flat());
    const group = `${block.block_id}-${one.action_id}`;
    const box = el("div", { class: "choices", role: type === "radio" ? "radiogroup" : "group", id: given.id, "aria-label": isInput(block) ? null : plain(one.placeholder) || "Choose" });
    const read = () => {
      const values = [...box.querySelectorAll("input:checked")].map((each) => each.value);
      return type === "radio" ? values[0] ?? null : values;
    };
    box.append(...list(one).map(([value, label, description]) =>
      el("label", { class: "choice" },
        el("input", { type, name: group, value, checked: chosen.has(value), "data-focus": `${group}/${value}`, onchange: () => acts(block) && act(one, read(), block, place) }),
        el("span", {}, label, description ? el("small", {}, description) : null))));
    tie(one, block, place, read);
    return box;
  };
}

// An external select; in a message, where no app of ours has one, the world has no such question.
function external(one, block, place, given) {
  const start = before(one, block, place, "initial_option", (option) => option);
  const { node, read } = externalSelect(one, given, start, (typed) => place.suggest(one, typed), (option) => acts(block) && act(one, option, block, place));
  tie(one, block, place, read);
  return node;
}

function text(type, initial = "initial_value", { show, read } = AS_IT_IS) {
  return (one, block, place, given) => {
    const lines = one.multiline;
    const node = el(lines ? "textarea" : "input", {
      type: lines ? null : type,
      rows: lines ? "4" : null,
      "data-action": one.action_id,
      placeholder: plain(one.placeholder),
      maxlength: one.max_length,
      step: type === "number" && one.is_decimal_allowed ? "any" : null,
      "aria-label": isInput(block) ? null : plain(one.placeholder) || one.action_id,
      ...given,
    });
    const now = before(one, block, place, initial);
    node.value = now === null ? "" : show(now);
    const value = () => (node.value ? read(node.value) : null);
    if (one.focus_on_load) node.setAttribute("autofocus", "");
    node.addEventListener("change", () => acts(block) && node.value && act(one, value(), block, place));
    tie(one, block, place, value);
    return node;
  };
}
