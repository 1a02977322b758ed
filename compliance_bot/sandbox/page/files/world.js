// What the page knows of the world, and how it asks the world for something.

export const known = {
  slack: null, // the last state of the workspace
  studio: null,
  bot: null,
  me: null, // the id of the person acted as
  people: new Map(),
  channels: new Map(),
  groups: new Map(),
  last: 60, // how many messages of each channel are asked for
};

export class Refused extends Error {}

export async function get(path) {
  const response = await fetch(path, { cache: "no-store" });
  if (!response.ok) throw new Refused(`${path} answered ${response.status}`);
  return response.json();
}

export async function post(path, body = {}) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(answer.error || `${path} answered ${response.status}`);
  return answer;
}

export const deed = (name, given) => post(`/world/slack/${name}`, given);
export const studio = (order, given) => post(`/world/studio/${order}`, given);

export function learn(state) {
  known.slack = state;
  known.people = new Map(state.people.map((one) => [one.id, one]));
  known.channels = new Map(state.channels.map((one) => [one.id, one]));
  known.groups = new Map(state.groups.map((one) => [one.id, one]));
}

export const isBot = (id) => id === known.slack.bot.user;
export const nameOf = (id) => known.people.get(id)?.real_name || known.people.get(id)?.name || id;

export function placeName(channel) {
  if (channel.kind === "im") return known.slack.bot.name;
  return channel.name;
}

// The conversations a person has in the left column: where they are a member.
export function conversationsOf(person) {
  return [...known.channels.values()].filter(
    (one) => !one.archived && (one.members.includes(person) || one.user === person),
  );
}

export function directMessageOf(person) {
  return [...known.channels.values()].find((one) => one.kind === "im" && one.user === person);
}

// Whether a message pings a person: by name, by a group they are in, or everybody.
export function pings(message, person) {
  const mine = new Set([...known.groups.values()].filter((one) => one.members.includes(person)).map((one) => one.id));
  const inText = (text) =>
    [...text.matchAll(/<([@!])(subteam\^)?([A-Za-z0-9]+)[^>]*>/g)].some(([, kind, group, name]) =>
      group ? mine.has(name) : kind === "@" ? name === person : ["here", "channel", "everyone"].includes(name),
    );
  const inside = (value) => {
    if (typeof value === "string") return inText(value);
    if (Array.isArray(value)) return value.some(inside);
    if (!value || typeof value !== "object") return false;
    if (value.type === "user") return value.user_id === person;
    if (value.type === "usergroup") return mine.has(value.usergroup_id);
    if (value.type === "broadcast") return true;
    return Object.values(value).some(inside);
  };
  return message.user !== person && (message.blocks?.length ? inside(message.blocks) : inText(message.text || ""));
}
