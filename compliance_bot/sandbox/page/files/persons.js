// Whom the reader acts as: everybody in a list, the parts of the story as chips, and what each may do.

import { avatar, byId, el, keepUp, setText } from "./dom.js";
import { deed, known, nameOf } from "./world.js";

const PARTS = { lead: "Lead", engineer: "Engineer", manager: "Manager", guest: "Guest" };
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const FITTED = new Set(); // whose client has said where it is

export function startPersons(actAs) {
  byId("act-as").addEventListener("change", (event) => actAs(event.target.value));
  byId("parts").addEventListener("click", (event) => {
    const chip = event.target.closest("[data-user]");
    if (chip) actAs(chip.dataset.user);
  });
}

export const whoPlays = (part) => (known.bot?.cast || []).find((one) => one.part === part)?.user;

export function drawPersons() {
  const select = byId("act-as");
  const people = [...known.people.values()].filter((one) => !one.bot && one.id !== "USLACKBOT");
  const what = (one) => (one.deactivated ? ", deactivated" : one.stranger ? ", other workspace" : one.guest ? ", guest" : "");
  const mark = JSON.stringify(people);
  if (select.mark !== mark) {
    select.replaceChildren(...people.map((one) => el("option", { value: one.id, disabled: one.deactivated }, `${one.real_name}${what(one)}`)));
    select.mark = mark;
  }
  select.value = known.me;
  avatar(byId("my-avatar"), known.me, nameOf(known.me), false);
  setText(byId("acting"), nameOf(known.me));
  drawCast();
  fitZone();
}

function drawCast() {
  const cast = known.bot?.cast || [];
  const parts = Object.keys(PARTS).map((part) => cast.find((one) => one.part === part)).filter((one) => one && known.people.has(one.user));
  keepUp(byId("parts"), parts.map(({ user, part }) => ({
    key: part,
    signature: JSON.stringify([user, nameOf(user), user === known.me]),
    draw: () => el("button", { type: "button", class: "part", "data-user": user, "data-focus": part, "aria-pressed": String(user === known.me), title: nameOf(user) },
      avatar(el("span", { class: "avatar tiny-face", "aria-hidden": "true" }), user, nameOf(user), false), PARTS[part]),
  })));
  const mine = cast.find((one) => one.user === known.me);
  byId("may").hidden = !mine;
  if (mine) keepUp(byId("may"), [{ key: "may", signature: JSON.stringify(mine), draw: () => el("span", {}, sentences(mine)) }]);
}

function sentences({ may, may_not: mayNot, never }) {
  if (never) return [never];
  return [
    may.length ? [el("strong", {}, "May "), `${listed(may, "and")}. `] : null,
    mayNot.length ? [el("strong", {}, "May not "), `${listed(mayNot, "or")}.`] : null,
  ];
}

const listed = (words, last) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`);

// As Slack's own client does of itself: whoever sits here is where this browser is.
function fitZone() {
  const me = known.people.get(known.me);
  if (FITTED.has(known.me) || me.stranger || me.time_zone === HERE) return;
  FITTED.add(known.me);
  const offset = -60 * new Date().getTimezoneOffset();
  deed("change_person", { user: known.me, time_zone: [HERE, HERE, offset] }).catch(console.error);
}
