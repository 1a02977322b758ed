// The rules panel: edit, see at once what is wrong and what would happen, have the bot read it.

import { drawBlocks } from "./blocks.js";
import { announce, byId, el, keepUp, setText } from "./dom.js";
import { editor } from "./editor.js";
import { drawExplanation } from "./explain.js";
import { get, known, post, studio } from "./world.js";
import { moment, mrkdwn } from "./words.js";

const PAUSE = 300; // milliseconds without a key until the text is tried
const CUSTOM = "";

const rules = { number: -1, text: null, hash: null, running: null, refused: null, events: [] }; // as the supervisor told last
let edit = null;
let problems = [];
let tried = null; // the text that `problems` speak of
let explained = null; // the event that the explanation speaks of
let timer = null;
let trying = false;
let saving = false;
let sayFailure = "";
let savedAt = null; // Slack's time of the last saving here: what the bot says of it comes later

export function startRules() {
  edit = editor(byId("rules-text"), whenEdited);
  byId("rules-save").addEventListener("click", save);
  byId("rules-back").addEventListener("click", back);
  byId("rules-event").addEventListener("change", chooseEvent);
  byId("rules-event-json").addEventListener("input", () => {
    byId("rules-event").value = CUSTOM;
    later();
  });
  byId("rules-section").addEventListener("change", goToSection);
  byId("rules-make").addEventListener("click", make);
  byId("rules").addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    save();
  });
}

// Follows what the supervisor says; `known.bot` is fresh.
export async function followRules() {
  const number = known.bot?.rules_number ?? -1;
  if (number !== rules.number) {
    const edited = isEdited();
    Object.assign(rules, await get("/world/bot/rules"));
    if (!edited && rules.text !== null && edit.box.value !== rules.text) {
      edit.setText(rules.text);
      edit.box.scrollTop = 0;
      tried = null;
    }
    drawEvents();
  }
  draw();
  if (isShown() && tried !== edit.box.value && timer === null && !trying) attempt();
}

const isShown = () => byId("rules").checkVisibility();
const isEdited = () => rules.text !== null && edit.box.value !== rules.text;
const errors = () => problems.filter((one) => !one.warning);

// The sections of the file, those too that are commented out as a whole.
function drawSections() {
  const select = byId("rules-section");
  const lines = edit.box.value.split("\n");
  const found = lines.flatMap((text, at) => {
    const name = /^(# )?([a-z_]+):(\s|$)/.exec(text);
    return name ? [{ name: name[2], line: at + 1, off: Boolean(name[1]) }] : [];
  });
  const mark = JSON.stringify(found);
  if (select.mark === mark) return;
  select.mark = mark;
  select.replaceChildren(select.options[0], ...found.map((one) => el("option", { value: one.line }, `${one.name}${one.off ? " (not set)" : ""}`)));
}

function goToSection(event) {
  if (event.target.value) edit.jump(Number(event.target.value), 1);
  event.target.value = "";
}

// ------------------------------------------------------------ trying the text

function whenEdited() {
  sayFailure = "";
  later();
  draw();
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(attempt, PAUSE);
}

// One attempt at a time; what was typed meanwhile is tried next.
async function attempt() {
  clearTimeout(timer);
  timer = null;
  if (trying || rules.text === null) return;
  trying = true;
  const text = edit.box.value;
  const event = byId("rules-event-json").value;
  try {
    const answer = await post("/world/bot/rules/try", { text, event });
    tried = text;
    explained = event;
    problems = answer.problems;
    sayFailure = "";
    drawProblems();
    drawExplained(answer);
  } catch (problem) {
    tried = text;
    explained = event;
    sayFailure = problem.message;
  } finally {
    trying = false;
    draw();
  }
  if (edit.box.value !== text || byId("rules-event-json").value !== event) later();
}

function drawProblems() {
  edit.mark(problems.filter((one) => one.file === "rules.yaml" && one.line));
  keepUp(byId("rules-problems"), problems.map((one) => {
    const key = JSON.stringify(one);
    return { key, signature: key, draw: () => el("li", { class: one.warning ? "doubt" : "bad" }, problem(one)) };
  }));
}

function problem(one) {
  const place = [one.file === "rules.yaml" ? null : one.file, one.line, one.column].filter((part) => part !== null).join(":");
  const words = [
    el("strong", {}, one.warning ? "Warning " : "Problem ", place),
    one.path ? el("code", {}, one.path) : null,
    el("span", {}, `${one.message}${one.hint ? ` (${one.hint})` : ""}`),
  ];
  if (one.file !== "rules.yaml" || !one.line) return el("div", { class: "problem" }, words);
  return el("button", { type: "button", class: "problem", "data-focus": "jump", onclick: () => edit.jump(one.line, one.column) }, words);
}

// ------------------------------------------------------------ what would happen

function drawEvents() {
  const select = byId("rules-event");
  if (!rules.events?.length || select.options.length > 1) return;
  select.append(...rules.events.map((one) => el("option", { value: one.name }, one.label)));
  select.value = rules.events[0].name;
  chooseEvent();
}

function chooseEvent() {
  const chosen = rules.events.find((one) => one.name === byId("rules-event").value);
  if (chosen) byId("rules-event-json").value = JSON.stringify(chosen.event, null, 2);
  attempt();
}

// While the rules have a problem, what was explained last stays, and is said to be of before.
function drawExplained(answer) {
  const told = answer.explanation;
  byId("rules-stale").hidden = Boolean(told || answer.no_event) || !byId("rules-explained").firstChild;
  if (!told && !answer.no_event) return;
  const draw = () => (told ? drawExplanation(told) : el("p", { class: "error" }, answer.no_event));
  keepUp(byId("rules-explained"), [{ key: byId("rules-event").value || "own", signature: JSON.stringify([told, answer.no_event]), draw }]);
}

const NAMES_IN_STUDIO = { severity: "severity", finding_category: "category", title: "title", description: "description", resource: "affectedResource", action: "recommendation", frameworks: "frameworks", status: "status" };

async function make() {
  const said = byId("rules-made");
  try {
    const event = JSON.parse(byId("rules-event-json").value);
    const fields = Object.entries(NAMES_IN_STUDIO).filter(([name]) => name in event).map(([name, there]) => [there, event[name]]);
    await studio("finding", Object.fromEntries(fields));
    said.textContent = "It is in Studio. The bot looks every two seconds.";
  } catch (problem) {
    said.textContent = problem.message;
  }
}

// ------------------------------------------------------------ saving

async function save() {
  const why = cannotSave();
  if (why || saving) {
    announce(why || "Saving");
    return;
  }
  saving = true;
  draw();
  const text = edit.box.value;
  try {
    const answer = await post("/world/bot/rules/save", { text });
    problems = answer.problems;
    tried = text;
    if (answer.saved) {
      Object.assign(rules, { text, hash: answer.saved, refused: null });
      savedAt = known.slack.now;
    }
    drawProblems();
    later();
  } catch (problem) {
    sayFailure = problem.message;
  } finally {
    saving = false;
    draw();
  }
}

// The bot's own word of a reload, wherever its operations channel is.
function drawNotice() {
  const all = savedAt === null ? [] : [...known.channels.values()].flatMap((channel) => channel.messages.map((message) => ({ channel, message })));
  const found = all.filter(({ message }) => message.ts > savedAt && message.user === known.slack.bot.user && /\brules\b/i.test(message.text));
  keepUp(byId("rules-notice"), found.slice(-1).map(({ channel, message }) => ({
    key: message.ts,
    signature: JSON.stringify(message.blocks),
    draw: () => el("section", { class: "notice" }, el("p", { class: "fine" }, `The bot said in #${channel.name}`), message.blocks?.length ? drawBlocks(message.blocks, { act: () => {} }) : mrkdwn(message.text)),
  })));
}

function back() {
  edit.replace(rules.text);
  edit.jump(1, 1);
}

// Why nothing can be saved just now; "" when it can.
function cannotSave() {
  if (rules.text === null) return "No bot was started with this world.";
  if (!isEdited()) return "Nothing was changed.";
  if (tried !== edit.box.value) return "";
  const count = errors().length;
  return count ? `${count === 1 ? "One problem stands" : `${count} problems stand`} in the way.` : "";
}

function draw() {
  const why = cannotSave();
  const button = byId("rules-save");
  button.setAttribute("aria-disabled", String(Boolean(why)));
  if (saving) button.setAttribute("aria-busy", "true");
  else button.removeAttribute("aria-busy");
  byId("rules-back").disabled = !isEdited();
  const [light, words] = state();
  const node = byId("rules-state");
  node.dataset.light = light;
  setText(node, words);
  byId("rules-quiet").hidden = Boolean(problems.length) || rules.text === null;
  byId("rules-make").disabled = !/"type":\s*"finding"/.test(byId("rules-event-json").value);
  edit.box.readOnly = rules.text === null;
  edit.box.setAttribute("aria-invalid", String(errors().length > 0));
  byId("rules-explained").setAttribute("aria-busy", String(tried !== edit.box.value || explained !== byId("rules-event-json").value));
  byId("rules-mark").hidden = !isEdited();
  drawSections();
  drawNotice();
}

function state() {
  if (sayFailure) return ["off", sayFailure];
  if (rules.text === null) return ["off", "No bot was started with this world, so there are no rules to edit."];
  if (isEdited()) {
    const count = errors().length;
    if (tried !== edit.box.value) return ["wait", "Edited. Checking…"];
    return count ? ["off", `Edited. ${cannotSave()}`] : ["wait", "Edited, not saved. It can be saved."];
  }
  if (rules.refused) return ["off", "The bot refused the saved rules; its notice says why."];
  if (!rules.running || known.bot.state !== "running") return ["wait", "Saved. The bot reads it when it starts."];
  if (rules.running.hash !== rules.hash) return ["wait", "Saved. The bot is reading it…"];
  return ["on", `In force since ${moment(rules.running.at, "{time_secs}")}`];
}
