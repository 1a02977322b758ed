// The panel beside the conversation: Studio's side of the story, the bot's process, the clock.

import { byId, el, keepUp, setText } from "./dom.js";
import { drawClock, startTime } from "./time.js";
import { get, known, post, studio } from "./world.js";
import { moment } from "./words.js";

const FIRST = 8;
let all = false;
let refreshed = () => {};

export function startPanel(whenRefreshed) {
  refreshed = whenRefreshed;
  press("make-critical", () => studio("finding", { severity: "critical" }), () => "A critical finding is in Studio. The bot looks every two seconds.");
  press("make-burst", () => studio("burst", { count: 40 }), () => "40 findings are in Studio.");
  press("make-storm", () => studio("burst", { count: 10000 }), () => "10,000 findings are in Studio.");
  press("make-away", () => studio("away", { seconds: known.studio?.away ? 0 : 60 }), (answer) =>
    answer.away ? "Studio drops every connection now. Acknowledge something meanwhile." : "Studio is back.");
  press("make-project", askForApproval, () => "An audit waits for approval. The bot asks Studio for those once a minute.");
  startTime(refresh);
  press("kill", () => post("/world/bot/kill"), () => "");
  byId("findings-more").addEventListener("click", () => {
    all = !all;
    drawFindings();
  });
}

function press(id, order, words) {
  const button = byId(id);
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    try {
      byId("studio-said").textContent = words(await order());
    } catch (problem) {
      byId("studio-said").textContent = problem.message;
    } finally {
      button.removeAttribute("aria-busy");
      refresh();
    }
  });
}

export async function refresh() {
  [known.studio, known.bot, known.clock] = await Promise.all([get("/world/studio/state"), get("/world/bot"), get("/world/clock")]);
  drawClock();
  drawBot();
  drawStudio();
  drawFindings();
  if (byId("calls-box").open) drawCalls();
  refreshed();
}

export function askForApproval() {
  const name = `SOC 2 for the patient portal, no. ${1 + known.studio.projects.length}`;
  return studio("project", { name, status: "pending", auditorId: null, reviewerAuditorId: null });
}

const BOT = {
  absent: ["off", "No bot was started with this world."],
  starting: ["wait", "Starting…"],
  running: ["on", "Running"],
  killed: ["off", "Killed. Starts again in two seconds."],
  stopped: ["off", "Stopped"],
};

export function drawBot() {
  if (!known.bot) return;
  const { state, pid, restarts, supervised } = known.bot;
  const connected = known.slack?.sockets || 0;
  const [light, words] = BOT[state] || ["off", state];
  const waiting = state === "running" && !connected;
  const parts = [waiting ? "Running, connecting…" : words];
  if (state === "running") parts.push(`process ${pid}`, `${connected} ${connected === 1 ? "socket" : "sockets"} open`);
  if (restarts) parts.push(`started again ${restarts === 1 ? "once" : `${restarts} times`}`);
  const node = byId("bot-state");
  node.dataset.light = waiting ? "wait" : light;
  node.dataset.state = waiting ? "connecting" : state;
  setText(node, parts.join(" · "));
  byId("kill").disabled = !supervised || state !== "running";
}

function drawStudio() {
  const { away, total } = known.studio;
  const node = byId("studio-state");
  node.dataset.light = away ? "off" : "on";
  setText(node, away ? "Away: every connection is dropped" : `Answers · ${total.toLocaleString()} findings`);
  setText(byId("make-away"), away ? "Bring Studio back" : "Studio away for a minute");
}

const CLOSED = new Set(["resolved", "false_positive", "accepted_risk", "dismissed"]);

function drawFindings() {
  const { findings, total } = known.studio;
  const shown = all ? findings : findings.slice(0, FIRST);
  setText(byId("findings-count"), `${shown.length} of ${total.toLocaleString()}`);
  byId("findings-more").hidden = findings.length <= FIRST;
  setText(byId("findings-more"), all ? "Show fewer" : "Show more");
  keepUp(byId("findings"), shown.map((one) => ({
    key: one.id,
    signature: JSON.stringify([one.status, one.severity, one.title, one.comments]),
    draw: () => drawFinding(one),
  })));
}

function drawFinding(one) {
  const closed = CLOSED.has(one.status);
  const change = (status) => () => studio("change", { id: one.id, fields: { status } }).then(refresh);
  return el(
    "li",
    { class: "finding", "data-status": one.status, "data-finding": one.id },
    el("div", { class: "finding-head" },
      el("span", { class: `severity ${one.severity}` }, one.severity),
      el("span", { class: "status" }, one.status.replaceAll("_", " "))),
    el("p", { class: "finding-title" }, one.title),
    one.comments.length
      ? el("details", { open: one.comments.length === 1, "data-focus": "comments" },
          el("summary", {}, `${one.comments.length} ${one.comments.length === 1 ? "comment" : "comments"}`),
          one.comments.map((each) => el("blockquote", {}, each.content)))
      : null,
    el("button", { type: "button", class: "link", "data-focus": "turn", onclick: closed ? change("open") : change("resolved") }, closed ? "Reopen in Studio" : "Mark resolved in Studio"),
  );
}

export function drawCalls() {
  keepUp(byId("calls"), known.studio.calls.slice(0, 25).map((one) => {
    const key = `${one.at} ${one.method} ${one.path}`;
    const query = new URLSearchParams(one.query || {}).toString();
    return {
      key,
      signature: `${key} ${one.status}`,
      draw: () =>
        el("li", { class: one.method === "GET" ? "" : "write" },
          el("code", {}, `${one.method} ${one.path}${query ? `?${query}` : ""}`),
          el("span", {}, `${one.status ?? "dropped"} · ${moment(one.at, "{time_secs}")}`)),
    };
  }));
}
