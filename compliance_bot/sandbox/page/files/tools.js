// What people do to a message: put an emoji under it, reply, start one of the app's message shortcuts.

import { announce, el } from "./dom.js";
import { changesButton } from "./history.js";
import { menuButton } from "./menu.js";
import { deed, known, nameOf } from "./world.js";
import { emojiNode } from "./words.js";

const QUICK = ["eyes", "white_check_mark"];

export function reactions(channel, message) {
  const all = Object.entries(message.reactions || {});
  if (!all.length) return null;
  return el("div", { class: "reactions" }, all.map(([name, who]) => {
    const people = who.map(nameOf).join(", ");
    const mine = who.includes(known.me);
    return el("button", {
      type: "button", class: "reaction", "aria-pressed": String(mine), title: people, "data-reaction": name, "data-focus": `reaction ${name}`,
      "aria-label": `${name.replaceAll("_", " ")}, ${who.length}: ${people}`, onclick: () => react(channel, message, name, mine),
    }, emojiNode(name) || `:${name}:`, ` ${who.length}`);
  }));
}

const react = (channel, message, name, mine) =>
  deed(mine ? "unreact" : "react", { user: known.me, channel: channel.id, ts: message.ts, name }).catch(() => announce("That reaction could not be set."));

function quick(channel, message, name) {
  const mine = Boolean(message.reactions?.[name]?.includes(known.me));
  const what = `${mine ? "Take back" : "React with"} ${name.replaceAll("_", " ")}`;
  return el("button", { type: "button", class: "tool emoji-tool", title: what, "aria-label": what, "data-focus": `quick ${name}`, onclick: () => react(channel, message, name, mine) }, emojiNode(name));
}

// The app's shortcuts on messages, as Slack lists them under "More actions".
function shortcuts(channel, message) {
  const items = (known.bot?.shortcuts || []).map((one) => ({
    label: el("span", {}, one.name, el("small", {}, known.slack.bot.name)),
    chosen: async () => {
      const answer = await deed("message_action", { user: known.me, channel: channel.id, ts: message.ts, callback_id: one.callback_id }).catch(() => ({}));
      if (!answer.acked) announce(`${one.name}: the app did not answer within 3 seconds.`);
    },
  }));
  return items.length ? menuButton(items, { class: "tool", title: "More actions", "aria-label": "More message actions", "data-focus": "shortcuts" }) : null;
}

// What lies over a message while it is pointed at.
export function tools(channel, message, openThread) {
  const own = !message.ephemeral;
  const reply = own && !message.inThread && !message.thread_ts && !message.thread?.length;
  const inside = [
    changesButton(message),
    own ? QUICK.map((name) => quick(channel, message, name)) : null,
    reply ? el("button", { type: "button", class: "link tool", "data-focus": "thread", onclick: () => openThread(channel.id, message.ts) }, "Reply in thread") : null,
    own ? shortcuts(channel, message) : null,
  ].flat().filter(Boolean);
  return inside.length ? el("div", { class: "tools" }, inside) : null;
}
