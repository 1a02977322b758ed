// The channel that is open, as one reads it: at its end it follows, further up it stays where it is.

import { byId, el, keepUp } from "./dom.js";
import { items } from "./messages.js";
import { known } from "./world.js";

export const WINDOW = 60; // messages of a channel that are on screen without asking for earlier ones
const EARLIER = 200; // and how many more each time

// Draws what is seen of the channel. `place` names who reads where; true when that changed since the last time.
export function drawReading(channel, seen, place, extra, showEarlier) {
  const scroller = byId("scroller");
  const list = byId("messages");
  const atEnd = isAtEnd(scroller);
  const moved = list.place !== place;
  const reading = atEnd || moved ? null : firstInView(scroller, list);
  const last = seen.at(-1)?.ts ?? "0";
  keepUp(list, seen.length ? [...earlierLine(channel, showEarlier), ...items(channel, seen)] : [nothingYet(channel)]);
  if (moved || atEnd || (last > list.last && seen.at(-1)?.user === known.me)) scroller.scrollTop = scroller.scrollHeight;
  else {
    if (last > list.last) byId("newer").hidden = false;
    holdInView(scroller, reading);
  }
  Object.assign(list, { place, last });
  known.last = WINDOW + extra;
  if (!atEnd && !moved) keepWhatIsRead(list);
  return moved;
}

// However much comes in below until the next look: it must not push out what is read further up.
const keepWhatIsRead = (list) => (known.last = Math.max(known.last, list.childElementCount + EARLIER));

const isAtEnd = (scroller) => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;

function firstInView(scroller, list) {
  const top = scroller.getBoundingClientRect().top;
  const node = [...list.children].find((one) => one.dataset.ts && one.getBoundingClientRect().bottom > top);
  return node && { ts: node.dataset.ts, at: node.getBoundingClientRect().top };
}

// What is read stays where it is, whatever came, went or changed above it.
function holdInView(scroller, reading) {
  const node = reading && scroller.querySelector(`[data-ts="${reading.ts}"]`);
  if (node) scroller.scrollTop += node.getBoundingClientRect().top - reading.at;
}

function earlierLine(channel, showEarlier) {
  if (!channel.earlier) return [];
  const words = `Show earlier messages (${channel.earlier.toLocaleString()})`;
  return [{ key: "earlier", signature: words, draw: () => el("li", { class: "earlier" }, el("button", { type: "button", class: "link", "data-focus": "earlier", onclick: () => showEarlier(EARLIER) }, words)) }];
}

function nothingYet(channel) {
  const alerts = channel?.name === "compliance-alerts";
  const words = alerts ? "Nothing has been said here yet. Make a critical finding, and the bot will." : "Nothing has been said here yet.";
  return { key: "nothing", signature: words, draw: () => el("li", { class: "nothing" }, words) };
}

export function watchReader() {
  const scroller = byId("scroller");
  let stuck = true; // whoever reads the end still reads it when a pane beside it opens
  byId("newer").addEventListener("click", () => {
    scroller.scrollTop = scroller.scrollHeight;
    byId("newer").hidden = true;
  });
  scroller.addEventListener("scroll", () => {
    stuck = isAtEnd(scroller);
    if (stuck) byId("newer").hidden = true;
    else keepWhatIsRead(byId("messages"));
  });
  new ResizeObserver(() => stuck && (scroller.scrollTop = scroller.scrollHeight)).observe(scroller);
}
