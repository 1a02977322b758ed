// Slack's text as document nodes: mrkdwn, rich_text, dates, mentions, emoji. Never as HTML.

import { el } from "./dom.js";
import { emoji } from "./emoji.js";
import { known, nameOf } from "./world.js";

const unescaped = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

const INLINE = new RegExp(
  [
    "<(?<token>[^<>\\n]+)>",
    "`(?<code>[^`\\n]+)`",
    "(?<![\\w*])\\*(?<bold>[^\\s*](?:[^*\\n]*[^\\s*])?)\\*(?![\\w*])",
    "(?<![\\w_])_(?<italic>[^\\s_](?:[^_\\n]*[^\\s_])?)_(?![\\w_])",
    "(?<![\\w~])~(?<strike>[^\\s~](?:[^~\\n]*[^\\s~])?)~(?![\\w~])",
    "(?<url>https?:\\/\\/[^\\s<>|]+)",
    ":(?<emoji>[a-z0-9_+'-]+):",
  ].join("|"),
  "g",
);

export function mrkdwn(text) {
  const parts = text.split(/```\n?([\s\S]*?)\n?```/);
  const made = document.createDocumentFragment();
  parts.forEach((part, number) => {
    if (number % 2) made.append(el("pre", {}, unescaped(part)));
    else if (part.trim()) made.append(...paragraphs(part));
  });
  return made;
}

function* paragraphs(text) {
  const lines = text.replace(/^\n|\n$/g, "").split("\n");
  let quoted = false;
  let gathered = [];
  const flush = function* () {
    if (gathered.length) yield el(quoted ? "blockquote" : "div", { class: "words" }, inline(gathered.join("\n")));
    gathered = [];
  };
  for (const line of lines) {
    const quote = /^(&gt;|>)\s?/.exec(line);
    if (Boolean(quote) !== quoted) yield* flush();
    quoted = Boolean(quote);
    gathered.push(quote ? line.slice(quote[0].length) : line);
  }
  yield* flush();
}

function inline(text) {
  const made = document.createDocumentFragment();
  let place = 0;
  for (const found of text.matchAll(INLINE)) {
    made.append(unescaped(text.slice(place, found.index)), ...[inlineNode(found)].flat());
    place = found.index + found[0].length;
  }
  made.append(unescaped(text.slice(place)));
  return made;
}

function inlineNode({ 0: whole, groups }) {
  if (groups.token) return token(groups.token);
  if (groups.code) return el("code", {}, unescaped(groups.code));
  if (groups.bold) return el("strong", {}, inline(groups.bold));
  if (groups.italic) return el("em", {}, inline(groups.italic));
  if (groups.strike) return el("s", {}, inline(groups.strike));
  if (groups.url) return link(unescaped(groups.url));
  return emojiNode(groups.emoji) || whole;
}

function token(inside) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : inside.slice(bar + 1);
  if (target.startsWith("@")) return userMention(target.slice(1));
  if (target.startsWith("#")) return channelMention(target.slice(1));
  if (target.startsWith("!subteam^")) return groupMention(target.slice(9));
  if (target.startsWith("!date^")) return date(target, unescaped(label));
  if (target.startsWith("!")) return broadcast(target.slice(1));
  return link(unescaped(target), label ? inline(label) : null);
}

const PERMALINK = /^https?:\/\/[^/]+\/archives\/(\w+)\/p(\d+)(\d{6})$/;

function link(url, label) {
  const [, channel, seconds, rest] = PERMALINK.exec(url) || [];
  // A message of this workspace is shown here: there is no such workspace anywhere else.
  if (channel) return el("button", { type: "button", class: "link", title: url, onclick: () => followed(channel, `${seconds}.${rest}`) }, label || url);
  if (!/^(https?:|mailto:)/i.test(url)) return label || url;
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, label || url);
}

const followed = (channel, ts) => document.dispatchEvent(new CustomEvent("permalink", { detail: { channel, ts } }));

const mention = (words, mine) => el("span", { class: mine ? "mention mine" : "mention" }, words);
const userMention = (id) => mention(`@${nameOf(id)}`, id === known.me);
const channelMention = (id) => mention(`#${known.channels.get(id)?.name || "unknown-channel"}`, false);
const broadcast = (range) => mention(`@${range}`, true);
function groupMention(id) {
  const group = known.groups.get(id);
  return mention(`@${group?.handle || "unknown-group"}`, Boolean(group?.members.includes(known.me)));
}

// <!date^1764000000^{date_short} at {time}^https://link|fallback>
function date(target, fallback) {
  const [, seconds, form, url] = target.split("^");
  const shown = moment(Number(seconds), form || "{date_short_pretty} {time}") || fallback;
  const node = el("time", { datetime: iso(Number(seconds)), title: fallback }, shown);
  return url ? link(unescaped(url), node) : node;
}

const iso = (seconds) => (Number.isFinite(seconds) ? new Date(seconds * 1000).toISOString() : null);

export function moment(seconds, form) {
  if (!Number.isFinite(seconds)) return "";
  const at = new Date(seconds * 1000);
  const say = (options) => new Intl.DateTimeFormat(undefined, options).format(at);
  const short = { month: "short", day: "numeric", year: "numeric" };
  const long = { weekday: "long", month: "long", day: "numeric", year: "numeric" };
  const pretty = (options) => near(at) || say(options);
  const forms = {
    date_num: () => `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`,
    date_slash: () => say({ year: "numeric", month: "2-digit", day: "2-digit" }),
    date: () => say({ month: "long", day: "numeric", year: "numeric" }),
    date_pretty: () => pretty({ month: "long", day: "numeric", year: "numeric" }),
    date_short: () => say(short),
    date_short_pretty: () => pretty(short),
    date_long: () => say(long),
    date_long_pretty: () => pretty(long),
    time: () => say({ hour: "2-digit", minute: "2-digit" }),
    time_secs: () => say({ hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    ago: () => ago(known.slack.now - seconds),
  };
  return form.replace(/\{(\w+)\}/g, (whole, name) => forms[name]?.() ?? whole);
}

function near(at) {
  const day = (when) => new Date(when.getFullYear(), when.getMonth(), when.getDate()).getTime();
  const days = Math.round((day(at) - day(new Date(known.slack.now * 1000))) / 86400000);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
}

export function ago(seconds) {
  const units = [[86400, "day"], [3600, "hour"], [60, "minute"]];
  const [size, name] = units.find(([one]) => seconds >= one) || [1, "second"];
  const number = Math.max(0, Math.floor(seconds / size));
  return `${number} ${name}${number === 1 ? "" : "s"} ago`;
}

export function emojiNode(name) {
  const sign = emoji(name);
  return sign ? el("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " ") }, sign) : null;
}

function withEmoji(text) {
  return text.split(/:([a-z0-9_+'-]+):/).map((part, number) => (number % 2 ? emojiNode(part) || `:${part}:` : part));
}

// A text object: plain_text or mrkdwn.
export function words(object) {
  if (!object) return "";
  if (object.type === "mrkdwn") return mrkdwn(object.text);
  return el("span", { class: "words" }, object.emoji === false ? object.text : withEmoji(object.text));
}

export const plain = (object) => (object?.text || "").replace(/:([a-z0-9_+'-]+):/g, (whole, name) => emoji(name) || whole);

export function richText(block) {
  return el("div", { class: "rich" }, block.elements.map(richPart));
}

function richPart(part) {
  if (part.type === "rich_text_list") {
    const items = part.elements.map((one) => el("li", {}, one.elements.map(richNode)));
    const list = el(part.style === "ordered" ? "ol" : "ul", { start: part.offset ? part.offset + 1 : null }, items);
    list.style.marginInlineStart = `${(part.indent || 0) * 1.25}rem`;
    return list;
  }
  const tags = { rich_text_preformatted: "pre", rich_text_quote: "blockquote" };
  return el(tags[part.type] || "div", { class: "words" }, part.elements.map(richNode));
}

function richNode(one) {
  const made = {
    text: () => one.text,
    link: () => link(one.url, one.text || null),
    user: () => userMention(one.user_id),
    usergroup: () => groupMention(one.usergroup_id),
    channel: () => channelMention(one.channel_id),
    broadcast: () => broadcast(one.range),
    emoji: () => emojiNode(one.name) || `:${one.name}:`,
    date: () => date(`!date^${one.timestamp}^${one.format || ""}${one.url ? `^${one.url}` : ""}`, one.fallback || ""),
    color: () => one.value,
  }[one.type]?.() ?? "";
  const style = one.style || {};
  const wraps = [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"]];
  return wraps.reduce((inner, [name, tag]) => (style[name] ? el(tag, {}, inner) : inner), made);
}
