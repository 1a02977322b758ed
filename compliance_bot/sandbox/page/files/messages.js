// Messages of a channel or a thread, and what happens when somebody presses in one.

import { drawBlocks } from "./blocks.js";
import { avatar, el } from "./dom.js";
import { reactions, tools } from "./tools.js";
import { deed, isBot, known, nameOf, pings } from "./world.js";
import { moment, mrkdwn } from "./words.js";

const pressed = new Map(); // who|channel|ts|action|value -> "pending" or "failed"
const dismissed = new Set();
const drawn = new Map(); // channel|ts -> the blocks as they were last on screen
let redraw = () => {};
let openThread = () => {};

export function whenPressed(draw, thread) {
  redraw = draw;
  openThread = thread;
}

// What one person sees in a channel: its messages and what is for their eyes only, in order.
export function seenIn(channel) {
  const own = known.slack.ephemerals.filter((one) => one.channel === channel.id && one.user === known.me && !one.thread_ts);
  return inOrder([...channel.messages, ...own.map(asEphemeral)]);
}

export function seenInThread(channel, ts) {
  const parent = channel.messages.find((one) => one.ts === ts);
  if (!parent) return null;
  const own = known.slack.ephemerals.filter((one) => one.channel === channel.id && one.user === known.me && one.thread_ts === ts);
  return [{ ...parent, inThread: true }, ...inOrder([...parent.thread, ...own.map(asEphemeral)])];
}

const asEphemeral = (one) => ({ ...one, user: known.slack.bot.user, bot: true, ephemeral: true });
const inOrder = (list) => list.filter((one) => !dismissed.has(one.ts)).sort((a, b) => a.ts - b.ts);

export function items(channel, messages) {
  let day = null;
  let last = null;
  return messages.flatMap((message) => {
    const made = [];
    const today = moment(Number(message.ts), "{date_long_pretty}");
    if (today !== day && !messages[0]?.inThread) made.push({ key: `day ${today}`, signature: today, draw: () => el("li", { class: "day" }, el("span", {}, today)) });
    const follows = last && today === day && last.user === message.user && isBareText(message) && !last.ephemeral && !message.ephemeral && message.ts - last.ts < 300;
    day = today;
    last = message;
    made.push({ key: message.ts, signature: signature(channel, message, follows), draw: () => draw(channel, message, follows) });
    if (message.inThread) {
      last = null; // the first reply stands below a line, with its author
      if (messages.length > 1) made.push(repliesLine(messages.length - 1));
    }
    return made;
  });
}

const count = (number) => `${number} ${number === 1 ? "reply" : "replies"}`;

function repliesLine(number) {
  return { key: "replies", signature: String(number), draw: () => el("li", { class: "day replies" }, el("span", {}, count(number))) };
}

function signature(channel, message, follows) {
  const { text, blocks, reactions } = message;
  const presses = [...pressed].filter(([key]) => key.startsWith(`${known.me}|${channel.id}|${message.ts}|`));
  const thread = message.inThread ? 0 : (message.thread || []).map((one) => one.ts);
  return JSON.stringify([text, blocks, message.changes, reactions, thread, presses, follows, known.me, known.groups.size, known.bot?.shortcuts?.length]);
}

function draw(channel, message, follows) {
  const bot = message.bot || isBot(message.user);
  const name = bot ? known.slack.bot.name : nameOf(message.user);
  const mine = pings(message, known.me);
  const classes = ["message", follows && "follows", mine && "pinged", message.ephemeral && "ephemeral"].filter(Boolean).join(" ");
  return el(
    "li",
    { class: classes, "data-ts": message.ts },
    follows ? el("span", { class: "gutter" }, clock(message.ts, "gutter-time")) : avatar(el("span", { class: "avatar", "aria-hidden": "true" }), message.user, name, bot),
    el(
      "div",
      { class: "message-body" },
      message.ephemeral ? onlyYou(message) : null,
      el("div", { class: follows ? "hidden" : "message-head" }, el("span", { class: "author" }, name), bot ? el("span", { class: "app" }, "APP") : null, clock(message.ts)),
      mine ? el("span", { class: "hidden" }, "Mentions you. ") : null,
      withChanges(channel, message, isBareText(message) ? [el("div", { class: "block" }, mrkdwn(message.text || ""))] : drawBlocks(message.blocks, placeOf(channel, message))),
      reactions(channel, message),
      message.inThread || message.ephemeral ? null : threadLine(channel, message),
      tools(channel, message, openThread),
    ),
  );
}

// Marks the blocks that say something else than when this message was last on screen: they light up once.
function withChanges(channel, message, nodes) {
  const said = (isBareText(message) ? [message.text] : message.blocks).map((one) => JSON.stringify({ ...Object(one), block_id: null }));
  const place = `${channel.id}|${message.ts}`;
  const before = drawn.get(place);
  drawn.set(place, new Set(said));
  if (before) nodes.forEach((node, number) => node.classList.toggle("changed", !before.has(said[number])));
  return nodes;
}

// What was posted as text alone, and has only the blocks that Slack makes of a text.
function isBareText({ blocks }) {
  if (!blocks?.length) return true;
  const sections = blocks.length === 1 && blocks[0].type === "rich_text" ? blocks[0].elements : [];
  return sections.length === 1 && sections[0].type === "rich_text_section" && !sections[0].elements.some((one) => one.style);
}

function onlyYou(message) {
  const dismiss = () => {
    dismissed.add(message.ts);
    redraw();
  };
  return el("p", { class: "only-you" }, "Only visible to you ", el("button", { type: "button", class: "link", onclick: dismiss }, "Dismiss"));
}

const clock = (ts, kind = "time") => el("time", { class: kind, datetime: new Date(ts * 1000).toISOString(), title: moment(Number(ts), "{date_long} {time_secs}") }, moment(Number(ts), "{time}"));

function threadLine(channel, message) {
  const replies = message.thread || [];
  if (!replies.length) return null;
  const faces = [...new Map(replies.map((one) => [one.user, one])).values()].slice(0, 3);
  return el("button", { type: "button", class: "link thread-line", "data-focus": "thread", onclick: () => openThread(channel.id, message.ts) },
    faces.map((one) => face(one)), el("span", { class: "replies-count" }, count(replies.length)),
    el("span", { class: "time" }, ` last ${moment(Number(replies.at(-1).ts), "{date_short_pretty} {time}")}`));
}

function face(message) {
  const bot = message.bot || isBot(message.user);
  return avatar(el("span", { class: "avatar tiny-face", "aria-hidden": "true" }), message.user, bot ? known.slack.bot.name : nameOf(message.user), bot);
}

function placeOf(channel, message) {
  const key = (one, value) => `${known.me}|${channel.id}|${message.ts}|${one.action_id}|${value ?? ""}`;
  const settle = (name, state) => {
    if (state) pressed.set(name, state);
    else pressed.delete(name);
    redraw();
  };
  return {
    state: (one, value) => pressed.get(key(one, value)),
    act: async (one, value) => {
      const name = key(one, value);
      settle(name, "pending");
      try {
        const answer = await deed("click", { user: known.me, channel: channel.id, ts: message.ts, action_id: one.action_id, value });
        settle(name, answer.acked ? null : "failed");
      } catch {
        settle(name, "failed");
      }
    },
  };
}
