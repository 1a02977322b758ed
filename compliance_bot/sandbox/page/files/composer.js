// What a person types: messages, mentions, slash commands, and suggestions for both.

import { byId, el } from "./dom.js";
import { deed, known, placeName } from "./world.js";

const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

// "@bob" and "#compliance" as Slack's client writes them.
export function asSlackText(typed) {
  const names = [
    [`@${known.slack.bot.name}`, `<@${known.slack.bot.user}>`],
    ...[...known.groups.values()].map((one) => [`@${one.handle}`, `<!subteam^${one.id}>`]),
    ...[...known.people.values()].filter((one) => !one.stranger).map((one) => [`@${one.handle}`, `<@${one.id}>`]),
    ...["here", "channel", "everyone"].map((one) => [`@${one}`, `<!${one}>`]),
    ...[...known.channels.values()].filter((one) => one.name).map((one) => [`#${one.name}`, `<#${one.id}>`]),
  ];
  const table = new Map(names.map(([name, token]) => [name.toLowerCase(), token]));
  return escaped(typed).replace(/(?<![\w/])[@#][\w.-]*\w/g, (word) => table.get(word.toLowerCase()) || word);
}

// Sends what stands in the box. Returns what to tell the person, or "".
export async function send(typed, channel, threadTs) {
  const text = typed.trim();
  if (!text) return "";
  const command = /^\/(\S+)\s*([\s\S]*)$/.exec(text);
  if (command && !threadTs) return slash(`/${command[1]}`, command[2], channel);
  const said = { user: known.me, text: asSlackText(text) };
  if (!channel) await deed("dm", said);
  else await deed("say", { ...said, channel: channel.id, ...(threadTs ? { thread_ts: threadTs } : {}) });
  return "";
}

async function slash(command, text, channel) {
  const commands = known.bot?.commands || [];
  if (commands.length && !commands.some((one) => one.command === command)) {
    return `${command} is not a command of this workspace. There is ${commands.map((one) => one.command).join(", ")}.`;
  }
  if (!channel) return "Commands need a conversation: send a message first.";
  const answer = await deed("slash", { user: known.me, channel: channel.id, command, text: asSlackText(text) });
  return answer.acked ? "" : `⚠ ${command} failed: the app did not answer within 3 seconds.`;
}

export function placeholder(channel) {
  if (!channel || channel.kind === "im") return `Message ${known.slack.bot.name}: try “help”`;
  return `Message #${placeName(channel)}, or /compliance soc2, or @${known.slack.bot.name} help`;
}

// ------------------------------------------------------------ suggestions

let chosen = -1;

function choices(box) {
  const before = box.value.slice(0, box.selectionStart);
  if (/^\/\S*$/.test(before)) {
    const commands = (known.bot?.commands || []).filter((one) => one.command.startsWith(before));
    return commands.map((one) => ({ from: 0, insert: `${one.command} `, label: one.command, about: `${one.usage_hint || ""} ${one.description || ""}`.trim() }));
  }
  const word = /(?:^|\s)@([\w.-]*)$/.exec(before);
  if (!word) return [];
  const typed = word[1].toLowerCase();
  const names = [
    { label: known.slack.bot.name, about: "the app" },
    ...[...known.people.values()].filter((one) => !one.bot && !one.stranger && !one.deactivated && one.id !== "USLACKBOT").map((one) => ({ label: one.handle, about: one.real_name })),
    ...[...known.groups.values()].map((one) => ({ label: one.handle, about: `${one.members.length} people` })),
  ];
  const found = names.filter((one) => one.label.toLowerCase().startsWith(typed) || one.about.toLowerCase().startsWith(typed));
  return found.slice(0, 7).map((one) => ({ ...one, from: before.length - typed.length - 1, insert: `@${one.label} `, label: `@${one.label}` }));
}

export function suggest(box) {
  const list = byId("suggestions");
  const found = choices(box);
  chosen = found.length ? 0 : -1;
  list.hidden = !found.length;
  box.setAttribute("aria-expanded", String(Boolean(found.length)));
  list.replaceChildren(...found.map((one, number) => {
    const option = el("li", { role: "option", id: `suggestion-${number}` }, el("strong", {}, one.label), el("span", {}, one.about));
    option.addEventListener("mousedown", (event) => {
      event.preventDefault();
      take(box, one);
    });
    option.choice = one;
    return option;
  }));
  mark(box, list);
}

function mark(box, list) {
  [...list.children].forEach((one, number) => one.setAttribute("aria-selected", String(number === chosen)));
  if (chosen < 0) box.removeAttribute("aria-activedescendant");
  else box.setAttribute("aria-activedescendant", `suggestion-${chosen}`);
}

function take(box, one) {
  box.setRangeText(one.insert, one.from, box.selectionStart, "end");
  suggest(box);
}

// True when the key was for the list of suggestions.
export function suggestionKey(event, box) {
  const list = byId("suggestions");
  if (list.hidden) return false;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const current = list.children[chosen]?.choice;
  if (step) {
    chosen = (chosen + step + list.children.length) % list.children.length;
    mark(box, list);
  } else if (event.key === "Tab" || (event.key === "Enter" && current.insert.trim() !== box.value.slice(current.from).trim())) take(box, current);
  else if (event.key === "Escape") closeSuggestions(box);
  else return false;
  event.preventDefault();
  return true;
}

export function closeSuggestions(box) {
  byId("suggestions").hidden = true;
  box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-activedescendant");
}
