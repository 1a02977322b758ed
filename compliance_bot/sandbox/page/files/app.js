// The page's beginning: follows the world and keeps everything on screen up to date.

import { closeSuggestions, placeholder, send, suggest, suggestionKey } from "./composer.js";
import { drawConversations, firstPlace, noteRead, totalUnread } from "./conversations.js";
import { announce, byId, el, keepUp, setText } from "./dom.js";
import { drawHome } from "./home.js";
import { items, seenIn, seenInThread, whenPressed } from "./messages.js";
import { showModal } from "./modal.js";
import { drawPersons, startPersons } from "./persons.js";
import { drawReading, watchReader, WINDOW } from "./reading.js";
import { followRules, startRules } from "./rules.js";
import { drawBot, drawCalls, refresh, startPanel } from "./studio.js";
import { startTrying } from "./trying.js";
import { deed, directMessageOf, get, isBot, known, learn, placeName } from "./world.js";

const BREATH = 150; // milliseconds between two looks, in which the changes of a storm gather
const FAR_BACK = 2000; // how far back a link may lead
const here = { place: null, thread: null, extra: 0, tab: "messages" }; // place: a channel's id, or "app"
const drafts = new Map();
let newest = null; // the ts up to which new messages were announced

const channelHere = () => (here.place === "app" ? directMessageOf(known.me) : known.channels.get(here.place));

// ------------------------------------------------------------ following the world

let looking = null;
let askAgain = false;

// Resolves once what was asked for meanwhile is on screen, too.
function look() {
  askAgain = true;
  looking ||= lookUntilStill().finally(() => {
    looking = null;
    if (askAgain) look();
  });
  return looking;
}

async function lookUntilStill() {
  try {
    while (askAgain) {
      askAgain = false;
      learn(await get(`/world/slack/state?last=${known.last}`));
      draw();
      lost(false);
      await new Promise((done) => setTimeout(done, BREATH));
    }
  } catch (problem) {
    lost(problem);
  }
}

function follow() {
  const stream = new EventSource("/world/slack/events");
  stream.onmessage = look;
  stream.onerror = () => lost(new TypeError("the stream ended"));
}

function lost(problem) {
  if (problem && !(problem instanceof TypeError)) console.error(problem);
  byId("lost").hidden = !problem;
}

async function everySecond() {
  if (!document.hidden) await refresh().catch(lost);
  setTimeout(everySecond, 1000);
}

// ------------------------------------------------------------ drawing

function draw() {
  if (!known.me || !known.people.has(known.me)) {
    const kept = sessionStorage.getItem("me");
    known.me = known.people.has(kept) ? kept : [...known.people.values()].find((one) => one.handle === "bob")?.id;
  }
  if (here.place === null || (here.place !== "app" && !mayBeIn(here.place))) here.place = firstPlace();
  setText(byId("workspace-name"), known.slack.team.name);
  drawPersons();
  drawPlace();
  drawMessages();
  drawThread();
  drawConversations(here.place, go);
  drawBot();
  const unread = totalUnread();
  byId("all-unread").hidden = !unread;
  setText(byId("all-unread"), unread);
  document.title = `${unread ? `(${unread}) ` : ""}compliance-bot DEMO`;
  showModal();
}

function mayBeIn(id) {
  return known.channels.get(id)?.members.includes(known.me);
}

function drawPlace() {
  const channel = channelHere();
  const app = here.place === "app" || channel?.kind === "im";
  setText(byId("place-name"), app ? known.slack.bot.name : `#${placeName(channel)}`);
  setText(byId("place-about"), app ? "App" : about(channel));
  const tabs = byId("place-tabs");
  tabs.hidden = !app;
  if (app && tabs.mark !== here.tab) {
    tabs.mark = here.tab;
    tabs.replaceChildren(...["home", "messages"].map((tab) =>
      el("button", { type: "button", class: "tab", "aria-pressed": String(here.tab === tab), "data-focus": tab, onclick: () => openTab(tab) }, tab === "home" ? "Home" : "Messages")));
  }
  const home = app && here.tab === "home";
  byId("home").hidden = !home;
  byId("messages").hidden = home;
  byId("composer").hidden = home;
  if (home) drawHome(byId("home"));
  const box = byId("composer-text");
  box.placeholder = placeholder(app ? null : channel);
  setText(byId("composer-label"), `Message to ${byId("place-name").textContent}`);
}

function about(channel) {
  const people = channel.members.filter((one) => !isBot(one));
  const guests = people.filter((one) => known.people.get(one)?.guest).length;
  const bot = channel.members.includes(known.slack.bot.user) ? "the bot is here" : "the bot is not here";
  const also = guests ? `, ${guests === 1 ? "a guest" : `${guests} guests`} among them` : "";
  return `${people.length} people${also} · ${bot}${channel.shared_outside ? " · shared with another workspace" : ""}${channel.private ? " · private" : ""}`;
}

function drawMessages() {
  const channel = channelHere();
  const seen = channel ? seenIn(channel) : [];
  const moved = drawReading(channel, seen, `${here.place}|${known.me}`, here.extra, showEarlier);
  if (channel && !document.hidden) noteRead(channel.id, seen.at(-1)?.ts ?? "0");
  tell(moved);
}

function showEarlier(number) {
  here.extra += number;
  known.last = WINDOW + here.extra;
  return look();
}

// New messages anywhere in this person's conversations are announced once.
function tell(moved) {
  const mine = [...known.channels.values()].filter((one) => one.members.includes(known.me) || one.user === known.me);
  const all = mine.flatMap((channel) => seenIn(channel).map((message) => ({ channel, message })));
  const last = all.reduce((most, { message }) => (message.ts > most ? message.ts : most), "0");
  if (newest !== null && !moved) {
    const fresh = all.filter(({ message }) => message.ts > newest && message.user !== known.me);
    const { channel, message } = fresh.at(-1) || {};
    if (fresh.length > 1) announce(`${fresh.length} new messages`);
    else if (message) announce(`${message.ephemeral ? "Only visible to you" : `New message in ${placeName(channel)}`}: ${message.text}`);
  }
  newest = last > (newest ?? "0") ? last : newest ?? last;
}

function drawThread() {
  const pane = byId("thread");
  const channel = here.thread && known.channels.get(here.thread.channel);
  const seen = channel && mayBeIn(channel.id) ? seenInThread(channel, here.thread.ts) : null;
  if (!seen) here.thread = null;
  pane.hidden = !seen;
  document.documentElement.dataset.thread = seen ? "open" : "";
  if (!seen) return;
  setText(byId("thread-place"), channel.kind === "im" ? known.slack.bot.name : `#${placeName(channel)}`);
  const list = byId("thread-messages");
  const mark = `${here.thread.ts} ${seen.length}`;
  const fresh = list.mark?.startsWith(here.thread.ts) && seen.length > list.replies && seen.at(-1).user !== known.me;
  if (fresh) announce(`New reply: ${seen.at(-1).text}`);
  list.replies = seen.length;
  keepUp(list, items(channel, seen));
  if (list.mark !== mark) byId("thread-scroller").scrollTop = byId("thread-scroller").scrollHeight;
  list.mark = mark;
}

// ------------------------------------------------------------ going about

export function go(place, tab = "messages") {
  drafts.set(`${here.place}|${known.me}`, byId("composer-text").value);
  here.place = place;
  here.tab = tab;
  here.thread = null;
  here.extra = 0;
  byId("composer-text").value = drafts.get(`${place}|${known.me}`) || "";
  setText(byId("composer-says"), "");
  byId("newer").hidden = true;
  showPane("messages");
  draw();
  if (place === "app" && tab === "home") openTab("home");
}

function actAs(person) {
  drafts.set(`${here.place}|${known.me}`, byId("composer-text").value);
  known.me = person;
  sessionStorage.setItem("me", known.me);
  byId("composer-text").value = drafts.get(`${here.place}|${known.me}`) || "";
  newest = null;
  draw();
}

function openTab(tab) {
  here.tab = tab;
  if (tab === "home") deed("open_home", { user: known.me }).catch(lost);
  else deed("open_home", { user: known.me, tab: "messages" }).catch(lost);
  draw();
  byId("place-tabs").querySelector(`[data-focus=${tab}]`)?.focus();
}

// Shows one message where it stands: somebody followed a link to it.
async function goToMessage({ channel, ts }) {
  const place = known.channels.get(channel);
  if (!place || !mayBeIn(channel)) {
    announce("You can't see that conversation.");
    return;
  }
  if (here.place !== channel) go(place.kind === "im" ? "app" : channel);
  if (!place.messages.some((one) => one.ts === ts)) {
    await showEarlier(FAR_BACK);
  }
  const node = byId("messages").querySelector(`[data-ts="${CSS.escape(ts)}"]`);
  if (!node) {
    announce("That message is not there any more.");
    return;
  }
  node.scrollIntoView({ block: "center" });
  node.classList.add("changed");
  node.tabIndex = -1;
  node.focus({ preventScroll: true });
}

function openThread(channel, ts) {
  here.thread = { channel, ts };
  draw();
  byId("reply-text").focus();
}

function closeThread() {
  const ts = here.thread?.ts;
  here.thread = null;
  draw();
  document.querySelector(`#messages [data-ts="${ts}"] [data-focus=thread]`)?.focus();
}

// The parts of the page: on a narrow screen one at a time. The world's panel and the rules share a place.
function showPane(name) {
  document.documentElement.dataset.pane = name;
  document.querySelectorAll(".panes button").forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.show === name)));
  if (name === "studio") showSide("world");
  if (name === "rules") showSide("rules");
}

function showSide(name) {
  document.documentElement.dataset.side = name;
  document.querySelectorAll(".side-tabs button").forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.side === name)));
  followRules().catch(lost);
}

// ------------------------------------------------------------ wiring

function grow(box) {
  box.style.height = "";
  if (!box.value) return;
  box.style.height = `${Math.min(box.scrollHeight + 2, 160)}px`;
}

function sends(form, box, target, says) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = box.value;
    if (!text.trim()) return;
    box.value = "";
    grow(box);
    setText(says, "");
    const { channel, threadTs } = target();
    try {
      setText(says, await send(text, channel, threadTs));
    } catch (problem) {
      setText(says, `⚠ ${problem.message}`);
      box.value = text;
    }
  });
  box.addEventListener("input", () => grow(box));
  box.addEventListener("keydown", (event) => {
    if (box.id === "composer-text" && suggestionKey(event, box)) return;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (box.id === "composer-text") closeSuggestions(box);
    form.requestSubmit();
  });
}

function wire() {
  const box = byId("composer-text");
  sends(byId("composer"), box, () => ({ channel: channelHere() }), byId("composer-says"));
  sends(byId("reply"), byId("reply-text"), () => ({ channel: known.channels.get(here.thread.channel), threadTs: here.thread.ts }), byId("composer-says"));
  box.addEventListener("input", () => suggest(box));
  box.addEventListener("blur", () => closeSuggestions(box));
  document.addEventListener("permalink", (event) => goToMessage(event.detail).catch(lost));
  byId("thread-close").addEventListener("click", closeThread);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && here.thread && !document.querySelector("dialog[open]")) closeThread();
  });
  byId("studio-fold").addEventListener("click", fold);
  byId("to-persons").addEventListener("click", () => showPane("conversations"));
  byId("calls-box").addEventListener("toggle", () => known.studio && drawCalls());
  document.querySelectorAll(".panes button").forEach((one) => one.addEventListener("click", () => showPane(one.dataset.show)));
  document.querySelectorAll(".side-tabs button").forEach((one) => one.addEventListener("click", () => showPane(one.dataset.side === "rules" ? "rules" : "studio")));
  document.addEventListener("visibilitychange", () => document.hidden || look());
}

function fold() {
  const folded = document.documentElement.dataset.studio === "folded";
  document.documentElement.dataset.studio = folded ? "" : "folded";
  byId("studio-fold").setAttribute("aria-expanded", String(folded));
  byId("studio-fold").setAttribute("aria-label", folded ? "Fold the panel" : "Unfold the panel");
  setText(byId("studio-fold"), folded ? "›" : "‹");
}

whenPressed(draw, openThread);
let offered = ""; // the shortcuts and the cast, as they were last on screen
startPanel(() => {
  const now = JSON.stringify([known.bot.shortcuts, known.bot.cast]);
  if (known.slack && now !== offered) {
    offered = now;
    draw();
  }
  followRules().catch(lost);
});
startPersons(actAs);
startTrying((person, place) => {
  actAs(person);
  go(place);
});
startRules();
watchReader();
wire();
showPane("messages");
showSide("world");
follow();
everySecond();
