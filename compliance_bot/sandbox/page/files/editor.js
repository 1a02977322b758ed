// A text area for YAML: line numbers, colours, and a mark where something is wrong.
//
// What is typed lives in the text area alone; the numbers and colours lie beside and under it. Tab indents;
// after Escape, Tab leaves, as it does everywhere else.

import { el } from "./dom.js";

const INDENT = "  ";

// {node, box, mark(problems), jump(line, column), setText(text), replace(text)}; `changed` is called after each
// change by a person. `replace` can be undone, `setText` cannot.
export function editor(box, changed) {
  const numbers = el("div", { class: "editor-numbers", "aria-hidden": "true" });
  const shade = el("pre", { class: "editor-shade", "aria-hidden": "true" });
  const body = el("div", { class: "editor-body" }, shade);
  const node = el("div", { class: "editor" }, numbers, body);
  let problems = [];
  let leaving = false;
  box.replaceWith(node);
  body.append(box);

  const draw = () => {
    const lines = box.value.split("\n");
    const wrong = byLine(problems);
    drawLines(numbers, lines.map((_, at) => ({ mark: `${at + 1} ${tone(wrong.get(at + 1))}`, draw: () => number(at + 1, wrong.get(at + 1)) })));
    drawLines(shade, lines.map((text, at) => ({ mark: `${tone(wrong.get(at + 1))} ${columns(wrong.get(at + 1))} ${text}`, draw: () => line(text, wrong.get(at + 1)) })));
    keepInStep();
  };
  const keepInStep = () => {
    numbers.scrollTop = box.scrollTop;
    shade.scrollTop = box.scrollTop;
    shade.scrollLeft = box.scrollLeft;
  };
  const insert = (text) => {
    // Unlike setRangeText, this can be undone with Ctrl+Z.
    if (!document.execCommand("insertText", false, text)) {
      box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
      box.dispatchEvent(new InputEvent("input"));
    }
  };
  box.addEventListener("scroll", keepInStep);
  box.addEventListener("input", () => {
    draw();
    changed();
  });
  box.addEventListener("blur", () => (leaving = false));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      leaving = true;
      event.stopPropagation();
    } else if (event.key === "Tab" && !leaving) {
      event.preventDefault();
      shift(box, event.shiftKey, insert);
    } else if (event.key === "Enter" && !event.isComposing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      insert(`\n${/^ */.exec(lineAt(box))[0]}`);
    } else if (!["Tab", "Shift", "Control", "Alt", "Meta"].includes(event.key)) leaving = false;
  });
  return {
    node,
    box,
    mark: (found) => {
      problems = found;
      draw();
    },
    setText: (text) => {
      box.value = text;
      draw();
    },
    replace: (text) => {
      box.focus();
      box.select();
      insert(text);
    },
    jump: (at, column) => {
      node.scrollIntoView({ block: "nearest" });
      jump(box, at, column);
    },
  };
}

const byLine = (problems) => {
  const found = new Map();
  for (const one of problems) found.set(one.line, [...(found.get(one.line) || []), one]);
  return found;
};
const tone = (found) => (!found ? "" : found.some((one) => !one.warning) ? "bad" : "doubt");
const columns = (found) => (found || []).map((one) => one.column).join(",");

// Only the lines that differ are made anew.
function drawLines(parent, lines) {
  while (parent.childElementCount > lines.length) parent.lastElementChild.remove();
  lines.forEach(({ mark, draw }, at) => {
    const standing = parent.children[at];
    if (standing?.mark === mark) return;
    const fresh = draw();
    fresh.mark = mark;
    if (standing) standing.replaceWith(fresh);
    else parent.append(fresh);
  });
}

const number = (at, found) => el("div", { class: tone(found), title: (found || []).map((one) => one.message).join("\n") || null }, String(at));

function line(text, found) {
  const from = found ? Math.min(...found.map((one) => (one.column || 1) - 1)) : Infinity;
  const parts = [];
  let at = 0;
  for (const [words, kind] of coloured(text)) {
    const cut = Math.max(0, Math.min(words.length, from - at));
    if (cut > 0) parts.push(el("span", { class: kind }, words.slice(0, cut)));
    if (cut < words.length) parts.push(el("span", { class: kind === "comment" ? kind : `${kind} wrong` }, words.slice(cut)));
    at += words.length;
  }
  return el("div", { class: tone(found) }, parts, "\n");
}

const PIECES = /(?<comment>(?:^|(?<=\s))#.*$)|(?<text>"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?)|(?<key>[^\s"'#][^"'#:]*?(?=:(?:\s|$)))|(?<plain>[^"'#\s]+|\s+|.)/gy;

// [[words, kind]] of one line, in order and complete.
function* coloured(text) {
  PIECES.lastIndex = 0;
  for (const found of text.matchAll(PIECES)) {
    const { comment, text: quoted, key } = found.groups;
    const quotedKey = quoted && /^\s*:(\s|$)/.test(text.slice(found.index + quoted.length));
    yield [found[0], comment ? "comment" : quoted && !quotedKey ? "text" : key || quotedKey ? "key" : "plain"];
  }
}

const lineStart = (box, at = box.selectionStart) => box.value.lastIndexOf("\n", at - 1) + 1;
const lineAt = (box) => box.value.slice(lineStart(box), box.selectionStart);

// Indents at the caret, or every selected line; backwards takes one step away.
function shift(box, back, insert) {
  const { selectionStart: from, selectionEnd: to } = box;
  if (!back && from === to) return insert(INDENT);
  const start = lineStart(box);
  const lines = box.value.slice(start, to).split("\n");
  const shifted = lines.map((one) => (back ? one.replace(/^ {1,2}/, "") : one && INDENT + one)).join("\n");
  box.setSelectionRange(start, to);
  if (shifted !== box.value.slice(start, to)) insert(shifted);
  const end = start + shifted.length;
  if (from === to) box.setSelectionRange(Math.max(start, from - (to - end)), Math.max(start, from - (to - end)));
  else box.setSelectionRange(start, end);
  return undefined;
}

function jump(box, at, column) {
  const lines = box.value.split("\n");
  const start = lines.slice(0, at - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const text = lines[at - 1] || "";
  const from = start + Math.min((column || 1) - 1, text.length);
  box.focus({ preventScroll: true });
  box.setSelectionRange(from, start + text.trimEnd().length);
  const height = box.scrollHeight / lines.length;
  box.scrollTop = Math.max(0, (at - 1) * height - box.clientHeight / 3);
  box.scrollLeft = 0;
}
