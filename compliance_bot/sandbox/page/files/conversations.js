// The left column: channels, the app, and what is unread in each for the person acted as.

import { byId, el, keepUp } from "./dom.js";
import { conversationsOf, directMessageOf, known, nameOf, pings, placeName } from "./world.js";

const read = new Map(JSON.parse(sessionStorage.getItem("read") || "[]")); // person|channel -> ts

export function noteRead(channel, ts) {
  const key = `${known.me}|${channel}`;
  if ((read.get(key) || "0") >= ts) return;
  read.set(key, ts);
  sessionStorage.setItem("read", JSON.stringify([...read]));
}

// {new: is anything unread, pings: how many unread messages call this person}
function unreadIn(channel) {
  const since = read.get(`${known.me}|${channel.id}`) || "0";
  const fresh = channel.messages.filter((one) => one.ts > since && one.user !== known.me);
  const calls = channel.kind === "im" ? fresh : fresh.filter((one) => pings(one, known.me));
  return { fresh: fresh.length > 0, pings: calls.length };
}

export function totalUnread() {
  return conversationsOf(known.me).reduce((sum, one) => sum + unreadIn(one).pings, 0);
}

export function firstPlace() {
  const mine = conversationsOf(known.me).filter((one) => one.kind === "channel");
  const wished = ["compliance-alerts", "compliance"].map((name) => mine.find((one) => one.name === name));
  return wished.find(Boolean)?.id ?? mine[0]?.id ?? "app";
}

export function drawConversations(place, go) {
  const mine = conversationsOf(known.me);
  const channels = mine.filter((one) => one.kind === "channel").sort((a, b) => a.name.localeCompare(b.name));
  const groups = mine.filter((one) => one.kind === "mpim");
  const direct = directMessageOf(known.me);
  const rows = [
    title("Channels"),
    ...channels.map((one) => row(one.id, one.private ? "lock" : "#", placeName(one), unreadIn(one), place, go)),
    ...(groups.length ? [title("Group messages")] : []),
    ...groups.map((one) => row(one.id, "+", one.members.filter((each) => each !== known.me).map(nameOf).join(", "), unreadIn(one), place, go)),
    title("Apps"),
    row("app", "✓", known.slack.bot.name, direct ? unreadIn(direct) : { fresh: false, pings: 0 }, place, go),
  ];
  keepUp(byId("conversations"), rows);
}

const title = (words) => ({ key: words, signature: words, draw: () => el("h2", { class: "sidebar-title" }, words) });

function row(id, sign, name, unread, place, go) {
  const current = id === place;
  return {
    key: id,
    signature: JSON.stringify([sign, name, unread, current, known.me]),
    draw: () =>
      el(
        "button",
        { type: "button", class: `conversation ${unread.fresh ? "fresh" : ""}`, "aria-current": current ? "page" : null, "data-focus": id, "data-place": name, onclick: () => go(id) },
        el("span", { class: "sign", "aria-hidden": "true" }, sign === "lock" ? el("span", { class: "lock" }) : sign),
        el("span", { class: "conversation-name" }, name),
        unread.pings ? el("span", { class: "badge", "aria-label": `${unread.pings} unread for you` }, unread.pings > 99 ? "99+" : String(unread.pings)) : unread.fresh ? el("span", { class: "hidden" }, "unread") : null,
      ),
  };
}
