// The control page: it shows what the engine tells and sends what the user chooses.

import { ask } from "./api.js";
import { setText } from "./dom.js";
import { listen } from "./events.js";
import { showObs } from "./obs.js";
import { ViewCard } from "./view.js";

// A browser opens six connections to one server; some must stay free for commands.
const MAX_LIVE_PICTURES = 4;
const SILENCE_MS = 3000;

const byId = (id) => document.getElementById(id);
const cards = new Map();
let newest = null;
let chosen = null;

// ---- Views

function chooseView(name) {
  chosen = name;
  for (const card of cards.values()) card.setChosen(card.name === chosen);
}

function playAll(again = false) {
  let live = document.hidden ? 0 : MAX_LIVE_PICTURES;
  for (const card of cards.values()) card.play(live-- > 0, again);
}

document.addEventListener("visibilitychange", () => playAll());

function showViews({ views, people, members = [], frame_index: frame }) {
  const before = [...cards.keys()].join();
  for (const [name, card] of cards) {
    if (!views.some((view) => view.name === name)) {
      card.remove();
      cards.delete(name);
    }
  }
  for (const view of views) {
    if (!cards.has(view.name)) cards.set(view.name, new ViewCard(view.name, byId("views"), chooseView));
    cards.get(view.name).show(view, people, members, frame);
  }
  if ([...cards.keys()].join() === before) return;
  byId("views").classList.toggle("one", cards.size === 1);
  byId("which-view").hidden = cards.size < 2;
  if (cards.size) chooseView(cards.has(chosen) ? chosen : cards.keys().next().value);
  playAll();
}

function show(state) {
  if (newest?.preset_revision !== state.preset_revision) loadPreset();
  newest = state;
  state.people.sort((a, b) => a.box[0] + a.box[2] / 2 - b.box[0] - b.box[2] / 2);
  setText(byId("source"), `${state.source}: ${state.source_status || "ok"}`);
  setText(byId("perception"), state.perception_status || "ok");
  showObs(state.obs ?? null);
  showViews(state);
  setConnected(true);
}

// ---- preset: what the state does not tell

let loading = null;

async function loadPreset() {
  const mine = (loading = ask("/api/preset"));
  const preset = await mine;
  if (mine !== loading) return; // a newer one is under way
  for (const view of preset?.values?.view ?? []) cards.get(view.name)?.showPreset(view);
}

// ---- keys

/** The Latin letter of a key, also while a Korean or Cyrillic layout is on. */
function letter(event) {
  if (/^[a-z]$/i.test(event.key)) return event.key.toLowerCase();
  return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : "";
}

const STEPS = { ArrowLeft: "previous", ArrowRight: "next" };
const MODES = { f: "follow", h: "hold", w: "wide" };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || chosen === null) return;
  if (event.target.closest?.("dialog")) return; // a name is being typed
  const card = cards.get(chosen);
  const key = letter(event);
  if (event.key in STEPS) {
    card.choose({ kind: STEPS[event.key] });
  } else if (/^[1-9]$/.test(event.key)) {
    card.choose({ kind: "member", number: Number(event.key), frame: newest.frame_index });
  } else if (key in MODES) {
    card.setMode(MODES[key]);
  } else if (key === "t") {
    card.take();
  } else if (key === "l") {
    card.toggleGuard();
  } else if (key === "v") {
    const names = [...cards.keys()];
    chooseView(names[(names.indexOf(chosen) + 1) % names.length]);
  } else {
    return;
  }
  event.preventDefault();
});

// ---- connection

function setConnected(yes) {
  setText(byId("engine"), yes ? "connected" : "not connected");
  byId("engine").classList.toggle("bad", !yes);
  document.body.classList.toggle("stale", !yes);
}

listen({
  onState: show,
  onOpen() {
    // The engine may be another one by now.
    newest = null;
    playAll(true);
  },
  onClosed: () => setConnected(false),
  onSilence: () => setConnected(false),
  silenceMs: SILENCE_MS,
});
