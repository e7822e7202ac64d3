// The keys of the page; the same on every keyboard layout.

import { made } from "../base/dom.js";

/** The Latin letter of a key, also while a Korean or Cyrillic layout is on. */
export function letter(event) {
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : "";
}

/** The digit of a key, also on layouts that have other signs there without Shift; "" for any other key. */
export function digit(event) {
  if (/^[0-9]$/.test(event.key)) return event.key;
  return !event.shiftKey && /^Digit[0-9]$/.test(event.code) ? event.code.slice(5) : "";
}

const STEPS = { ArrowLeft: "previous", ArrowRight: "next" };
const MODES = { f: "follow", h: "hold", w: "wide" };

const TABLE = [
  ["W", "WIDE: everything is shown, at once; Shift+W in every View"],
  ["F", "Follow again"],
  ["H", "Hold the camera where it is"],
  ["1 – 9", "Named person; while nobody is named, counted from the left"],
  ["← →", "The neighbour to the left or to the right"],
  ["0", "Let go"],
  ["T", "Take who is previewed"],
  ["L", "Lock against changes on air"],
  ["V", "Next View"],
  ["E", "Stage area: draw, or leave"],
  ["Tab", "Into the wide picture; there ← → go from person to person"],
  ["Enter", "In the wide picture: follow; P previews, N names, C says that it is them"],
  ["?", "This table"],
];

/**
 * @param desk takes the commands.
 * @param room {frame(), nextView(), guard(), area(), allWide()}
 */
export function listenToKeys(desk, room) {
  const body = document.querySelector("#help tbody");
  for (const [key, what] of TABLE) {
    const row = body.insertRow();
    const head = made("th");
    head.scope = "row";
    head.append(made("kbd", key));
    row.append(head, made("td", what));
  }
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target.closest?.("input, textarea")) return; // a name is being typed
    const key = letter(event);
    // In a dialog only the way out of trouble works.
    if (event.target.closest?.("dialog") && key !== "w") return;
    if (desk.view !== null && command(event, key, desk, room)) event.preventDefault();
  });
}

function command(event, key, desk, room) {
  const number = digit(event);
  const inList = event.target.closest?.("select");
  if (event.key === "?") document.getElementById("help").showModal();
  else if (event.key in STEPS && !inList) desk.choose({ kind: STEPS[event.key] });
  else if (number === "0") desk.choose({ kind: "none" });
  else if (number) desk.choose({ kind: "member", number: Number(number), frame: room.frame() });
  else if (key === "w" && event.shiftKey) room.allWide();
  else if (key in MODES) desk.setMode(MODES[key]);
  else if (key === "t") desk.take();
  else if (key === "l") room.guard();
  else if (key === "v") room.nextView();
  else if (key === "e") room.area();
  else return false;
  return true;
}
