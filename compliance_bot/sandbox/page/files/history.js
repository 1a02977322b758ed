// What a message said before it was changed. Slack's own client does not show this of an app's messages.

import { byId, el } from "./dom.js";
import { moment, mrkdwn } from "./words.js";

export function changesButton(message) {
  if (!message.changes) return null;
  const words = `Changed ${message.changes === 1 ? "once" : `${message.changes} times`}`;
  return el("button", { type: "button", class: "link tool", "data-focus": "changes", onclick: () => show(message) }, words);
}

function show({ changes, versions }) {
  const dialog = byId("history");
  const left = changes + 1 - versions.length;
  dialog.replaceChildren(
    el("header", { class: "dialog-head" }, el("h2", { id: "history-title" }, "How this message changed"),
      el("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => dialog.close() }, "✕")),
    el("div", { class: "dialog-body" },
      el("p", { class: "fine" }, "In the words of its notification. The bot edits a message in place, so that no copy of it is ever out of date."),
      left > 0 ? el("p", { class: "fine" }, `${left} older wordings are left out.`) : null,
      el("ol", { class: "versions" }, versions.map(({ at, text }) => el("li", {}, el("time", { class: "time" }, moment(at, "{time_secs}")), el("div", {}, mrkdwn(text || "")))))),
  );
  dialog.showModal();
}
