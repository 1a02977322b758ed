// The app's Home tab, as the bot published it for the person acted as.

import { drawBlocks } from "./blocks.js";
import { el, keepUp } from "./dom.js";
import { deed, known } from "./world.js";

export function drawHome(node) {
  const mine = known.slack.homes.find((one) => one.user === known.me);
  if (!mine) {
    keepUp(node, [{ key: "none", signature: "none", draw: () => el("p", { class: "nothing" }, "This app has not published a Home tab for you.") }]);
    return;
  }
  const act = (one, value) => deed("click_in_view", { user: known.me, view_id: mine.view.id, action_id: one.action_id, value }).catch(console.error);
  keepUp(node, [{ key: mine.view.id, signature: mine.view.hash, draw: () => el("div", {}, drawBlocks(mine.view.blocks, { act })) }]);
}
