// What an event would become: where it goes, why, who is pinged, until when it is held, how it looks.

import { drawBlocks } from "./blocks.js";
import { avatar, el } from "./dom.js";
import { known } from "./world.js";
import { moment, mrkdwn } from "./words.js";

// `told` is an explanation; `before` the channels it went to by the saved rules.
export function drawExplanation(told) {
  const places = told.destinations;
  return el(
    "div",
    { class: "explanation" },
    verdict(told, places),
    told.notes.map((note) => el("p", { class: "fine" }, sentence(note))),
    places.map((place, number) => drawPlace(place, told, number === 0)),
    reasons(told),
  );
}

const sentence = (words) => words[0].toUpperCase() + words.slice(1) + (/[.!?]$/.test(words) ? "" : ".");

function verdict(told, places) {
  const now = places.map((place) => place.channel);
  const gone = told.before.filter((one) => !now.includes(one));
  return el(
    "div",
    { class: "verdict" },
    el("p", {}, el("strong", {}, told.told ? `${words(told.notification)}, ${told.lane}` : "Recorded, not told"), told.told ? null : `: ${told.untold_words}`),
    el("ul", { class: "ways", "aria-label": "Goes to" },
      now.map((name) => el("li", { class: told.before.includes(name) ? "way" : "way fresh" }, name, told.before.includes(name) ? null : el("em", {}, "new"))),
      gone.map((name) => el("li", { class: "way gone" }, el("s", {}, name), el("em", {}, "no longer")))),
  );
}

const words = (name) => sentence(name.replaceAll("_", " ")).slice(0, -1);

function drawPlace(place, told, first) {
  return el(
    "section",
    { class: "destination", "data-channel": place.channel },
    el("h4", {}, place.channel, absence(place)),
    el("dl", {},
      row("because", place.because.map((why) => why.words).join("; ")),
      row("pings", pings(place)),
      row("readers", readers(place, told)),
      row("leaves", leaves(place))),
    place.text === null
      ? el("p", { class: "fine" }, "How its message reads is known when it happens.")
      : el("details", { open: first, "data-focus": `preview ${place.channel}` }, el("summary", {}, "The message"), preview(place)),
  );
}

// The bot joins no channel by itself: one that it is named for and not inside of is a slip worth seeing.
function absence(place) {
  if (!place.channel_id) return el("em", {}, "not found in Slack");
  const channel = known.channels.get(place.channel_id);
  return channel && !channel.members.includes(known.slack.bot.user) ? el("em", {}, "the bot is not in it") : null;
}

const row = (name, value) => [el("dt", {}, name), el("dd", {}, value)];

function pings(place) {
  const people = (number) => (number === null ? "" : number === 1 ? " (1 person)" : ` (${number} people)`);
  const made = place.pings.flatMap((one) => [el("span", { class: "mention" }, one.who), people(one.people), " "]);
  if (!made.length) made.push("nobody ");
  if (place.named.length) made.push(`· as text only: ${place.named.join(", ")} `);
  if (place.unresolved.length) made.push(el("strong", { class: "error" }, `· unknown to Slack: ${place.unresolved.join(", ")}`));
  return made;
}

function readers(place, told) {
  if (place.shown === "unread") return place.readers;
  const limit = `${place.readers}, up to ${place.ceiling}`;
  return place.shown === "shown" ? `${limit}: shown (it is ${told.class})` : `${limit}: withheld (it is ${told.class}), a reference stands for it`;
}

function leaves(place) {
  const parts = [];
  if (place.waits_words) parts.push(`waits ${place.waits_words}`);
  if (place.held_at !== null) parts.push(`held by quiet hours until ${moment(place.held_at, "{date_short_pretty} {time}")}`);
  return parts.join("; ") || "at once";
}

// A picture of the message: nothing in it can be pressed.
function preview(place) {
  const blocks = place.blocks.length ? drawBlocks(place.blocks, { act: () => {} }) : el("div", { class: "block" }, mrkdwn(place.text));
  return el("div", { class: "preview", role: "img", "aria-label": `Preview: ${place.text}` },
    el("div", { class: "message", inert: true },
      avatar(el("span", { class: "avatar small" }), known.slack.bot.user, known.slack.bot.name, true),
      el("div", { class: "message-body" }, el("div", { class: "message-head" }, el("span", { class: "author" }, known.slack.bot.name), el("span", { class: "app" }, "APP")), blocks)));
}

const OUTCOMES = { matched: "✓", not_matched: "–", not_looked_at: "·" };

function reasons(told) {
  return el("details", { class: "reasons", "data-focus": "reasons" },
    el("summary", {}, `The rules, one by one (${told.rules.filter((rule) => rule.outcome === "matched").length} of ${told.rules.length} matched)`),
    el("p", { class: "fine" }, sentence(told.trace[0].words)),
    el("ol", { class: "rules-seen" }, told.rules.map((rule) =>
      el("li", { class: rule.outcome },
        el("p", {}, el("span", { "aria-hidden": "true" }, `${OUTCOMES[rule.outcome]} `), el("strong", {}, rule.name), ` ${rule.outcome.replaceAll("_", " ")}`, rule.outcome === "matched" ? [rule.replace ? ", replaces" : "", rule.stop ? ", stops" : ""] : null),
        el("code", {}, rule.condition),
        rule.outcome === "not_looked_at" ? null : el("p", { class: "fine" }, Object.entries(rule.reads).map(([name, value]) => (value === null ? `no ${name}` : `${name} is ${value}`)).join(", "))))));
}
