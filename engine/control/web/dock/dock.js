// The control room in a few hundred pixels: a custom browser dock of OBS.
//
// What the address may say: /dock?view=main begins with that View; left out: the first.

import { ask } from "../base/api.js";
import { press, setText } from "../base/dom.js";
import { DockPeople } from "./dockpeople.js";
import { listen } from "../base/events.js";
import { wordOf } from "../base/words.js";

const SILENCE_MS = 3000;
const STEPS = { ArrowLeft: "previous", ArrowRight: "next" };
const MODES = { f: "follow", h: "hold", w: "wide" };

const byId = (id) => document.getElementById(id);
const all = (key) => document.querySelectorAll(`[data-${key}]`);
let chosen = new URLSearchParams(location.search).get("view");
let newest = null;

const viewNow = () => newest?.views.find((view) => view.name === chosen) ?? newest?.views[0] ?? null;

// ---- what is told

/** Every command is for the View that is shown; without one there is nothing to command. */
function command(path, body) {
  const view = viewNow();
  if (view) ask(path, { view: view.name, ...body });
}

const previewsFirst = () => byId("first").getAttribute("aria-pressed") === "true";
const choose = (wish) => command(previewsFirst() ? "/api/preview" : "/api/target", wish);
const setMode = (mode) => command("/api/camera", { mode });
const take = (how) => command("/api/take", how ? { how } : {});
const toggleGuard = () => command("/api/guard", { on: !viewNow()?.guarded });
const toggleFirst = () => byId("first").setAttribute("aria-pressed", String(!previewsFirst()));

const people = new DockPeople(byId("people"), choose);

function onClick(key, act) {
  for (const button of all(key)) button.addEventListener("click", () => act(button.dataset[key]));
}

onClick("mode", setMode);
onClick("kind", (kind) => command("/api/target", { kind }));
onClick("take", take);
onClick("feel", (feel) => command("/api/view", { changes: { "camera.feel": feel } }));
byId("guard").addEventListener("click", toggleGuard);
byId("first").addEventListener("click", toggleFirst);

/** The Latin letter of a key, also while a Korean or Cyrillic layout is on. */
function letterOf(event) {
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : "";
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !newest) return;
  const letter = letterOf(event);
  const letters = { t: () => take(), l: toggleGuard, p: toggleFirst, v: nextView };
  if (event.key in STEPS) command("/api/target", { kind: STEPS[event.key] });
  else if (/^[1-9]$/.test(event.key)) choose({ kind: "member", number: Number(event.key), frame: newest.frame_index });
  else if (letter in MODES) setMode(MODES[letter]);
  else if (letter in letters) letters[letter]();
  else return;
  event.preventDefault();
});

// ---- what is shown

function chooseView(name) {
  chosen = name;
  show(newest);
}

function nextView() {
  const names = newest.views.map((view) => view.name);
  chooseView(names[(names.indexOf(viewNow().name) + 1) % names.length]);
}

function showViews(views, present) {
  const root = byId("views");
  root.hidden = views.length < 2;
  const names = views.map((view) => view.name);
  if (names.join("\n") !== [...root.children].map((button) => button.dataset.view).join("\n")) {
    root.replaceChildren(...names.map((name) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.view = name;
      button.textContent = name;
      button.addEventListener("click", () => chooseView(name));
      return button;
    }));
  }
  press(root.children, "view", present);
}

function show(state) {
  newest = state;
  const view = viewNow();
  document.body.classList.toggle("stale", !view);
  if (!view) return;
  showViews(state.views, view.name);
  byId("lock").className = view.lock;
  setText(byId("state"), wordOf(view.lock));
  const sure = view.person === null || !view.sure ? "" : ` ${Math.round(view.sure * 100)} %`;
  setText(byId("who"), view.person === null ? "choose a person" : (view.label || `Person ${view.person}`) + sure);
  setText(byId("reason"), view.reason);
  byId("reason").title = view.reason;
  people.show(view, state);
  press(all("mode"), "mode", view.mode);
  press(all("feel"), "feel", view.feel);
  byId("guard").setAttribute("aria-pressed", String(view.guarded));
  setText(byId("guard"), view.guarded ? "Locked" : "Lock");
  const next = view.previewed === null ? "" : people.nameOf(view.previewed);
  setText(byId("next"), next ? `Next: ${next}` : "Nobody is next");
  for (const button of all("take")) button.disabled = !next;
}

function showSilence() {
  document.body.classList.add("stale");
  setText(byId("state"), "NO ENGINE");
  setText(byId("who"), "The engine does not answer.");
  setText(byId("reason"), "");
}

listen({ onState: show, onSilence: showSilence, onClosed: showSilence, silenceMs: SILENCE_MS });
