// Modals: the top one of the stack of the person acted as.

import { drawBlocks } from "./blocks.js";
import { announce, byId, el } from "./dom.js";
import { deed, known } from "./world.js";
import { plain } from "./words.js";

let shown = null; // {id, hash, inputs, form}

export function showModal() {
  const dialog = byId("modal");
  const top = known.slack.views.filter((one) => one.user === known.me).at(-1);
  if (!top) {
    shown = null;
    if (dialog.open) dialog.close();
    return;
  }
  const mark = JSON.stringify([top.user, top.view.id, top.view.hash, top.errors]);
  if (shown?.mark !== mark) draw(dialog, top, mark);
  if (!dialog.open) dialog.showModal();
}

function draw(dialog, top, mark) {
  const same = shown?.id === top.view.id;
  const typed = same ? typedIn(shown.inputs) : {};
  const had = same && dialog.contains(document.activeElement) ? document.activeElement.id : null;
  const inputs = [];
  const place = {
    inputs,
    values: typed,
    errors: top.errors,
    act: (one, value) => deed("click_in_view", { user: known.me, view_id: top.view.id, action_id: one.action_id, value, values: valuesOf(inputs) }).catch(say),
    suggest: (one, typed) => suggested(top.view.id, one.action_id, typed),
  };
  const { view } = top;
  const says = el("p", { class: "error", role: "alert", id: "modal-says" }, top.errors[""] ? `⚠ ${top.errors[""]}` : "");
  const form = el(
    "form",
    { novalidate: true, onsubmit: (event) => send(event, view, inputs) },
    el("header", { class: "dialog-head" },
      el("h2", { id: "modal-title" }, plain(view.title)),
      el("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => close(view, true) }, "✕")),
    el("div", { class: "dialog-body" }, drawBlocks(view.blocks, place), says),
    el("footer", { class: "dialog-foot" },
      el("button", { type: "button", class: "button", onclick: () => close(view) }, plain(view.close) || "Cancel"),
      view.submit ? el("button", { type: "submit", class: "button primary" }, plain(view.submit)) : null),
  );
  dialog.replaceChildren(form);
  dialog.oncancel = (event) => {
    event.preventDefault();
    close(view);
  };
  shown = { id: view.id, mark, inputs };
  const wrong = dialog.querySelector("[aria-invalid]");
  if (wrong) wrong.focus();
  else if (had) byId(had)?.focus();
}

const typedIn = (inputs) => {
  const typed = {};
  for (const one of inputs) (typed[one.block] ||= {})[one.action] = one.read();
  return typed;
};

const valuesOf = (inputs) => Object.fromEntries(inputs.map((one) => [one.action, one.read()]));

// The options that the app's ack brings for what was typed into an external select.
async function suggested(viewId, actionId, typed) {
  const { payload } = await deed("suggest", { user: known.me, view_id: viewId, action_id: actionId, typed });
  return payload.options || payload.option_groups.flatMap((group) => group.options);
}

const empty = (value) => value === null || value === "" || (Array.isArray(value) && !value.length);

async function send(event, view, inputs) {
  event.preventDefault();
  const missing = inputs.filter((one) => one.inInput && !one.optional && empty(one.read()));
  if (missing.length) return refuse(missing);
  const button = event.target.querySelector("[type=submit]");
  if (button.getAttribute("aria-busy")) return undefined;
  button.setAttribute("aria-busy", "true");
  try {
    const answer = await deed("submit_view", { user: known.me, view_id: view.id, values: valuesOf(inputs) });
    if (!answer.acked) say("The app did not answer within 3 seconds. Try again.");
  } catch (problem) {
    say(problem);
  } finally {
    button.removeAttribute("aria-busy");
  }
  return undefined;
}

// As Slack's own client does before it sends anything.
function refuse(missing) {
  const dialog = byId("modal");
  dialog.querySelectorAll(".missing").forEach((one) => one.remove());
  for (const { block } of missing) {
    const node = byId(`input-${block}`);
    node.setAttribute("aria-invalid", "true");
    node.closest(".block").append(el("p", { class: "error missing" }, "⚠ Please complete this required field."));
  }
  announce("Please complete the required fields.");
  (byId(`input-${missing[0].block}`).querySelector("input") || byId(`input-${missing[0].block}`)).focus();
}

function say(problem) {
  const node = byId("modal-says");
  if (node) node.textContent = `⚠ ${problem.message || problem}`;
}

function close(view, wholeStack = false) {
  deed("close_view", { user: known.me, view_id: view.id, whole_stack: wholeStack }).catch(say);
}
