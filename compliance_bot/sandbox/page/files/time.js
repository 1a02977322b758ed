// The world's clock, moved on before one's eyes: ladders climb, snoozes end, days to fix things pass.

import { announce, byId, el, setText } from "./dom.js";
import { known, post } from "./world.js";
import { moment } from "./words.js";

const JUMPS = [
  ["10 minutes later", () => 600],
  ["An hour later", () => 3600],
  ["Tomorrow at 9:00", untilTomorrow],
  ["3 days later", () => 3 * 86400],
];

// Seconds until nine o'clock of the next day, where this browser is.
function untilTomorrow() {
  const nine = new Date(known.clock.now * 1000);
  nine.setDate(nine.getDate() + 1);
  nine.setHours(9, 0, 0, 0);
  return nine / 1000 - known.clock.now;
}

export function startTime(moved) {
  for (const place of document.querySelectorAll(".jumps")) {
    place.append(...JUMPS.map(([words, seconds]) => el("button", { type: "button", class: "button", onclick: () => jump(seconds(), moved) }, words)));
  }
  const box = byId("clock-box");
  box.addEventListener("focusout", (event) => box.contains(event.relatedTarget) || (box.open = false));
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !box.open) return;
    event.stopPropagation();
    box.open = false;
    box.firstElementChild.focus();
  });
}

async function jump(seconds, moved) {
  try {
    const { now } = await post("/world/clock", { jump: seconds });
    const words = `It is ${moment(now, "{date_short} {time}")} for everybody here.`;
    setText(byId("time-said"), words);
    announce(words);
  } catch (problem) {
    setText(byId("time-said"), problem.message);
  }
  moved();
}

export function drawClock() {
  const { now, rate } = known.clock;
  setText(byId("clock"), `${moment(now, "{date_short} {time_secs}")} · ${rate === 1 ? "real time" : rate === 0 ? "clock stopped" : `${rate} times as fast`}`);
}
