// One View in the whole window, for viewers and for browser sources of OBS.
//
// What the address may say, e.g. /watch/main?clean=1
//   clean   1: never any control or word, and transparent before the first picture
//   stats   1: statistics are open
//   sound   1: with sound at once, where the browser lets pages do that (a browser source of OBS does)
//   codec   h264 or vp8; left out: the best that both sides know
//   height  of the picture to begin with, in pixels; left out: the View's own

import { setText } from "../base/dom.js";
import { SecondBest } from "./secondbest.js";
import { StatsMeter } from "../stream/stats.js";
import { statsTexts } from "../stream/statstexts.js";
import { Choice } from "./watchchoice.js";
import { WhepPlayer } from "../stream/whep.js";

const AWAKE_MS = 2500;

const byId = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const clean = query.get("clean") === "1";
const video = byId("video");
let view = decodeURIComponent(location.pathname.split("/")[2] ?? "");
let height = Number.parseInt(query.get("height") ?? "", 10) || null;

const player = new WhepPlayer(video, { still: byId("still"), onState: showState });
const secondBest = new SecondBest(byId("second-best"));
const meter = new StatsMeter(video, player, report);

function watch(name) {
  view = name;
  secondBest.hide();
  document.title = `${view} – jikcam`;
  if (!clean) setText(byId("title"), `Live picture of ${view}`);
  video.setAttribute("aria-label", `Live picture of ${view}`);
  const codec = ["h264", "vp8"].includes(query.get("codec")) ? query.get("codec") : null;
  player.play(view, { codec, height, sound: !clean || query.get("sound") === "1" });
}

function showState(state, text) {
  document.documentElement.dataset.state = state;
  if (state === "live") secondBest.hide();
  else if (player.fruitless > 0) secondBest.show(view);
  if (clean) return;
  setText(byId("note"), secondBest.shown ? "Second-best picture, with more delay. Trying for the better one…" : text);
  byId("sound").hidden = !player.hasSound;
  showSound();
}

/** The engine shows every viewer's statistics in the control room. */
function report(stats) {
  if (!clean && !byId("stats").hidden) showStats(stats);
  if (document.hidden || !player.location) return;
  const id = player.location.split("/").pop();
  const body = JSON.stringify({ id, ...stats });
  // A report that gets lost is made up for a second later.
  fetch("/api/viewer", { method: "POST", headers: { "Content-Type": "application/json" }, body }).catch(() => {});
}

function showStats(stats) {
  const texts = statsTexts(stats);
  for (const cell of byId("stats").querySelectorAll("dd")) setText(cell, texts[cell.dataset.key]);
}

// ---- the bar

let sleepTimer = 0;

function awake() {
  document.body.classList.add("awake");
  clearTimeout(sleepTimer);
  sleepTimer = setTimeout(sleep, AWAKE_MS);
}

function sleep() {
  const busy = byId("bar").matches(":hover") || byId("bar").querySelector(":focus-visible");
  if (busy) awake();
  else document.body.classList.remove("awake");
}

function toggleStats() {
  const open = byId("stats").hidden;
  byId("stats").hidden = !open;
  byId("statistics").setAttribute("aria-pressed", String(open));
  if (meter.last) showStats(meter.last);
}

function toggleSound() {
  video.muted = !video.muted;
  showSound();
}

function showSound() {
  byId("sound").setAttribute("aria-pressed", String(!video.muted));
}

function toggleFullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else if (document.documentElement.requestFullscreen) document.documentElement.requestFullscreen();
  else video.webkitEnterFullscreen?.(); // an iPhone gives the whole screen to videos alone
}

function takeControls() {
  const choice = new Choice(byId("choice"), (name) => {
    history.replaceState(null, "", `/watch/${encodeURIComponent(name)}${location.search}`);
    watch(name);
    choice.refresh(view);
  });
  const keys = { s: toggleStats, f: toggleFullScreen, m: () => { if (player.hasSound) toggleSound(); } };
  for (const event of ["pointermove", "pointerdown", "focusin", "keydown"]) {
    addEventListener(event, () => {
      if (!document.body.classList.contains("awake")) choice.refresh(view);
      awake();
    });
  }
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.target.closest?.("select")) return;
    const key = /^Key[A-Z]$/.test(event.code) && !/^[a-z]$/i.test(event.key) ? event.code[3] : event.key;
    keys[key.toLowerCase()]?.();
  });
  document.addEventListener("fullscreenchange", () => {
    byId("full").setAttribute("aria-pressed", String(document.fullscreenElement !== null));
  });
  byId("statistics").addEventListener("click", toggleStats);
  byId("sound").addEventListener("click", toggleSound);
  byId("full").addEventListener("click", toggleFullScreen);
  byId("full").hidden = !document.fullscreenEnabled && !video.webkitEnterFullscreen;
  video.addEventListener("dblclick", toggleFullScreen);
  video.addEventListener("click", () => { if (video.paused) video.play(); });
  byId("quality").addEventListener("change", (event) => {
    const full = choice.heightOf(view) ?? video.videoHeight;
    height = event.target.value === "1" ? null : Math.round(full / Number(event.target.value));
    watch(view);
  });
  if (query.get("stats") === "1") toggleStats();
  choice.refresh(view);
}

video.muted = query.get("sound") !== "1";
if (clean) {
  document.documentElement.classList.add("clean");
  for (const id of ["title", "note", "stats", "bar"]) byId(id).remove();
} else {
  takeControls();
}
watch(view);
