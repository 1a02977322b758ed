// Block Kit as document nodes.
//
// `place` is where the blocks stand: {act(element, value, block), state(element, value), inputs?, values?,
// errors?}. `inputs` gathers what a view must send: {block, action, read}.

import { el } from "./dom.js";
import { element } from "./elements.js";
import { plain, richText, words, mrkdwn } from "./words.js";

export function drawBlocks(list, place) {
  return (list || []).map((block) => {
    const draw = BLOCKS[block.type] || unknown;
    const node = draw(block, place);
    node.classList.add("block", `block-${block.type}`);
    return node;
  });
}

const BLOCKS = {
  header: (block) => el("h3", {}, words(block.text)),
  divider: () => el("hr"),
  section,
  context: (block, place) =>
    el("div", {}, block.elements.map((one) => (one.type === "image" ? picture(one, "tiny") : el("span", {}, words(one))))),
  actions: (block, place) => el("div", {}, block.elements.map((one) => element(one, block, place))),
  context_actions: (block, place) => el("div", {}, block.elements.map((one) => element(one, block, place))),
  image: (block) => el("figure", {}, block.title ? el("figcaption", {}, words(block.title)) : null, picture(block)),
  rich_text: richText,
  markdown: (block) => el("div", {}, mrkdwn(block.text.replace(/\*\*(.+?)\*\*/g, "*$1*"))),
  input,
  alert: (block) => el("div", { role: "note" }, words(block.text)),
  table,
};

const unknown = (block) => el("div", { class: "unknown" }, `A block of type ${block.type}, which this page does not draw.`);

function section(block, place) {
  const inside = [];
  if (block.text) inside.push(el("div", { class: "section-text" }, words(block.text)));
  if (block.fields) inside.push(el("div", { class: "fields" }, block.fields.map((one) => el("div", {}, words(one)))));
  const beside = block.accessory;
  const drawn = beside && (beside.type === "image" ? picture(beside, "thumb") : element(beside, block, place));
  return el("div", {}, el("div", { class: "section-body" }, inside), drawn ? el("div", { class: "accessory" }, drawn) : null);
}

// Pictures of other hosts are not fetched: this page asks nobody but the world.
function picture(one, size = "") {
  const own = (one.image_url || "").startsWith("data:") || (one.image_url || "").startsWith(location.origin);
  if (own) return el("img", { src: one.image_url, alt: one.alt_text, class: size });
  return el("span", { class: `picture ${size}`, role: "img", "aria-label": one.alt_text }, size ? "🖼" : `🖼 ${one.alt_text}`);
}

function table(block) {
  const cell = (one, tag) => el(tag, {}, one.type === "rich_text" ? richText(one) : String(one.text ?? one.value ?? ""));
  const [head, ...rows] = block.rows;
  return el(
    "div",
    { tabindex: "0", role: "region", "aria-label": "Table" },
    el("table", {}, el("thead", {}, el("tr", {}, head.map((one) => cell(one, "th")))),
      el("tbody", {}, rows.map((row) => el("tr", {}, row.map((one) => cell(one, "td")))))),
  );
}

function input(block, place) {
  const id = `input-${block.block_id}`;
  const error = place.errors?.[block.block_id];
  const many = ["checkboxes", "radio_buttons"].includes(block.element.type);
  const label = el(many ? "legend" : "label", many ? {} : { for: id }, words(block.label), block.optional ? el("span", { class: "optional" }, " (optional)") : null);
  const described = [block.hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  const given = { id, "aria-describedby": described || null, "aria-invalid": error ? "true" : null, "aria-required": block.optional ? null : "true" };
  return el(
    many ? "fieldset" : "div",
    many ? { "aria-describedby": described || null } : {},
    label,
    element(block.element, block, place, given),
    error ? el("p", { class: "error", id: `${id}-error`, role: "alert" }, `⚠ ${error}`) : null,
    block.hint ? el("p", { class: "hint", id: `${id}-hint` }, plain(block.hint)) : null,
  );
}
