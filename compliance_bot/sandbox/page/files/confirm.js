// Confirmation dialogs, as Slack shows them before an action that has `confirm`.

import { byId, el } from "./dom.js";
import { plain, words } from "./words.js";

// True when the person confirms; false for "deny", Esc and closing.
export function ask(given) {
  const dialog = byId("confirm");
  return new Promise((settle) => {
    const end = (answer) => () => dialog.close(answer);
    dialog.replaceChildren(
      el("h2", { id: "confirm-title" }, plain(given.title) || "Are you sure?"),
      el("div", { class: "dialog-body" }, words(given.text)),
      el("div", { class: "dialog-foot" },
        el("button", { type: "button", class: "button", onclick: end("no") }, plain(given.deny) || "Cancel"),
        el("button", { type: "button", class: `button ${given.style === "danger" ? "danger" : "primary"}`, autofocus: true, onclick: end("yes") }, plain(given.confirm) || "Yes")),
    );
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => settle(dialog.returnValue === "yes"), { once: true });
    dialog.showModal();
  });
}
