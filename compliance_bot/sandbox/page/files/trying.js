// "Try this": a few things to do, each with the person, the place and the finding it takes.

import { byId, el, keepUp } from "./dom.js";
import { whoPlays } from "./persons.js";
import { askForApproval } from "./studio.js";
import { known, studio } from "./world.js";

const ALERTS = "compliance-alerts";
const critical = (told) => () => studio("finding", { severity: "critical", ...told });

const BUCKET = {
  title: "Storage bucket public-press-kit is readable by everyone", category: "data_leak", affectedResource: "arn:aws:s3:::public-press-kit",
  description: "The bucket's policy lets everybody read. 41 pictures and one logo are exposed.", recommendation: "Block public access, or say why it is meant to be public.",
};
const ROOT = {
  title: "Root account of northwind-staging has no second factor", category: "unauthorized_access", affectedResource: "arn:aws:iam::0457:root",
  description: "The root user can sign in with a password alone. Last sign-in: 9 days ago.", recommendation: "Enrol a hardware key for the root user.",
};
const SNAPSHOT = {
  title: "Database snapshot of northwind-payments is shared outside", category: "data_leak", affectedResource: "arn:aws:rds:eu-central-1:snapshot:northwind-payments",
  description: "A manual snapshot of the customer database is shared with an unknown account.", recommendation: "Remove the share and find out who made it.",
};
const TERMINAL = {
  title: "Old payment terminal cannot encrypt its disk", category: "compliance_gap", affectedResource: "terminal/lobby-2",
  description: "The vendor stopped updates; the terminal is replaced in spring.", recommendation: "Replace it, or accept the risk until then.",
};
const COOKIES = {
  title: "Session cookies of the patient portal never expire", category: "vulnerability", affectedResource: "portal.northwind.example",
  description: "Whoever copies a cookie stays signed in for good.", recommendation: "Let sessions end after 15 minutes without use.",
};
const KEY = {
  title: "Signing key of the build farm lies in a public repository", category: "data_leak", affectedResource: "repository/build-scripts",
  description: "The key was committed 4 hours ago and can be read by everybody.", recommendation: "Revoke the key, then rewrite the repository's history.",
};

// Who it takes, where ("app": the direct messages of the bot), what is made for it, what to do there.
const STEPS = [
  {
    name: "Approve an audit in two taps", part: "manager", place: "app", prepare: leaveOneWaiting,
    words: "The request came to those who may approve. Press Approve…, read what you approve, press Approve. As anybody else you are told that you may not.",
  },
  {
    name: "A false positive, and back", part: "engineer", place: ALERTS, prepare: critical(BUCKET),
    words: "Press Close…, choose False positive and give a reason. Studio knows it at once. Then press Undo, within ten minutes: it is as it was.",
  },
  {
    name: "Snooze until tomorrow", part: "engineer", place: ALERTS, prepare: critical(ROOT),
    words: "Open ⋯ on the newest message, choose Snooze…, and say why. Then click the clock at the top: Tomorrow at 9:00. It is open again, and says so.",
  },
  {
    name: "Let the ladder climb", part: "lead", place: ALERTS, prepare: critical(SNAPSHOT),
    words: "Touch nothing. Click the clock at the top: 10 minutes later, twice. The next people are called in the thread, and so on until somebody takes it.",
  },
  {
    name: "A risk takes two", part: "lead", place: ALERTS, prepare: critical(TERMINAL),
    words: "Press Close… and choose Accept risk. A critical risk needs a second person: act as the manager, and look at the thread or at your direct messages.",
  },
  {
    name: "What a guest may", part: "guest", place: "shared-with-partner", prepare: critical(COOKIES),
    words: "Outside people read this channel, so the message says only that there is something. Press Acknowledge: one friendly sentence, which you alone see.",
  },
  {
    name: "Send to Studio", part: "engineer", place: ALERTS, prepare: critical(KEY),
    words: "Write something into the newest message's thread. Over what you wrote, open ⋯ and choose Send to Studio: it becomes a comment there.",
  },
];

let now = null;

// `go(person, place)`: act as that person in that conversation.
export function startTrying(go) {
  byId("coach-end").addEventListener("click", () => {
    now = null;
    draw();
  });
  const start = async (step) => {
    now = step;
    draw();
    const place = [...known.channels.values()].find((one) => one.name === step.place)?.id ?? "app";
    go(whoPlays(step.part) ?? known.me, place);
    await step.prepare().catch(console.error);
  };
  byId("tries").replaceChildren(...STEPS.map((step) => el("li", {}, el("button", { type: "button", class: "link try", onclick: () => start(step) }, step.name))));
}

function draw() {
  byId("coach").hidden = !now;
  if (now) keepUp(byId("coach-words"), [{ key: now.name, signature: now.name, draw: () => el("span", {}, el("strong", {}, `${now.name}. `), now.words) }]);
  document.querySelectorAll(".try").forEach((one) => one.setAttribute("aria-pressed", String(one.textContent === now?.name)));
}

async function leaveOneWaiting() {
  if (known.studio?.projects.some((one) => one.status === "pending")) return;
  await askForApproval();
}
