// The control room: it shows what the engine tells and sends what the user chooses.

import { joinAddresses } from "./addresses.js";
import { ask } from "../base/api.js";
import { AreaEditor } from "./areas.js";
import { Boxes } from "./boxes.js";
import { EngineClock } from "../base/clock.js";
import { Controls } from "./controls.js";
import { Desk } from "./desk.js";
import { joinDialogs, setText } from "../base/dom.js";
import { listen } from "../base/events.js";
import "./figures.js";
import { listenToKeys } from "./keys.js";
import "./library.js";
import { Meters } from "./meters.js";
import { askName } from "./naming.js";
import { showObs } from "./obs.js";
import { keysOf, People } from "./people.js";
import { fromLeft, nameOf } from "../base/person.js";
import { Picker } from "./picker.js";
import { Program } from "./program.js";
import { Screen } from "./screen.js";
import { Strip } from "./strip.js";
import { showTally } from "./tally.js";
import { WidePictures } from "./wide.js";

const SILENCE_MS = 3000;

const byId = (id) => document.getElementById(id);
const part = (selector) => document.querySelector(selector);

let newest = null;
let preset = null;

const desk = new Desk();
const program = new Program(byId("program"));
const controls = new Controls(desk, (codec) => program.play(desk.view, codec));
const actions = {
  choose: (wish) => desk.choose(wish),
  preview: (wish) => desk.preview(wish),
  claim: (body) => desk.claim(body),
  name: (person) => askName({ id: person.id, name: person.name, title: `Who is ${nameOf(person)}?` }),
};
const people = new People(part(".people"), actions);
const boxes = new Boxes(part("#program .boxes"), (body) => desk.choose({ kind: "box", ...body }));
const strip = new Strip(byId("views"), chooseView);

// ---- the wide picture

const screen = new Screen(part("#wide .screen"));
const areas = new AreaEditor(
  byId("draw"),
  screen,
  part(".area-tools"),
  byId("area-hint"),
  (saved) => editAreas(false, saved),
);
const picker = new Picker(byId("whom"), screen, actions);
const clock = new EngineClock();
const meters = new Meters(byId("meters"));
const wide = new WidePictures(
  (header, bitmap) => {
    document.body.classList.remove("no-wide");
    screen.give(header, bitmap);
  },
  () => document.body.classList.add("no-wide"),
);

screen.onDrawn = (header, bitmap) => {
  meters.wide(clock.sinceS(header.time_s));
  people.paint(header, bitmap);
  strip.paint(header, bitmap);
};
program.onStats = (stats) => meters.program(stats?.delay_ms ?? null);

function editAreas(yes, saved = null) {
  if (saved && preset) {
    // What is known of the preset is older than that, and so is what may be on its way.
    preset = { ...preset, area: saved };
    loadPreset();
  }
  byId("area").setAttribute("aria-pressed", String(yes));
  byId("whom").hidden = byId("pick-hint").hidden = yes;
  if (yes) areas.edit();
  else byId("whom").focus();
  areas.show(preset?.area);
}

const toggleAreas = () => (areas.open ? areas.close() : editAreas(true));
byId("area").addEventListener("click", toggleAreas);

// ---- Views

function chooseView(name) {
  desk.view = name;
  if (newest) show(newest);
  showPreset();
  play();
}

function nextView() {
  const names = newest.views.map((view) => view.name);
  chooseView(names[(names.indexOf(desk.view) + 1) % names.length]);
}

const allWide = () => desk.allWide(newest.views.map(({ name }) => name));
byId("panic-all").addEventListener("click", allWide);

/** Pictures, as long as somebody looks. */
function play(again = false) {
  const looked = !document.hidden;
  wide.play(looked, screen.width > 900 ? 960 : 640);
  if (looked && desk.view !== null) program.play(desk.view, undefined, again);
  else program.stop();
}

document.addEventListener("visibilitychange", () => play());

function show(state) {
  if (newest?.preset_revision !== state.preset_revision || newest === null) loadPreset();
  newest = state;
  const { views, members = [], frame_index: frame } = state;
  const everybody = fromLeft(state.people);
  showHealth("source", `${state.source}: `, state.source_status);
  showHealth("perception", "", state.perception_status);
  const [width, height] = state.source_size;
  part("#wide .screen").style.setProperty("--aspect", width / height);
  showObs(state.obs ?? null);
  const view = views.find(({ name }) => name === desk.view) ?? views[0];
  if (view && view.name !== desk.view) {
    chooseView(view.name);
    return;
  }
  strip.show(views, desk.view);
  byId("panic-all").hidden = views.length < 2;
  if (!view) return;
  const { sureAt } = controls.preset;
  showTally(view);
  controls.show(view, everybody);
  part(".empty").hidden = everybody.length > 0;
  people.show(view, everybody, members, frame, sureAt);
  part("#program .picture").style.setProperty("--aspect", view.size[0] / view.size[1]);
  boxes.show(view, everybody, frame, controls.preset);
  picker.show(view, sureAt, keysOf(everybody, members));
}

function showHealth(id, before, status) {
  const well = !status || status === "ok";
  setText(byId(id), before + (status || "ok"));
  byId(id).title = byId(id).textContent;
  byId(id).parentElement.classList.toggle("ill", !well);
}

// ---- preset: what the state does not tell

let loading = null;

async function loadPreset() {
  const mine = (loading = ask("/api/preset"));
  const answer = await mine;
  if (mine !== loading) return; // a newer one is under way
  preset = answer?.values ?? null;
  showPreset();
  areas.show(preset?.area);
}

function showPreset() {
  controls.showPreset(preset?.view?.find(({ name }) => name === desk.view));
}

// ---- keys and dialogs

listenToKeys(desk, {
  frame: () => newest.frame_index,
  guard: () => controls.toggleGuard(),
  area: toggleAreas,
  nextView,
  allWide,
});
joinDialogs();
joinAddresses(() => newest?.views.map(({ name }) => name) ?? []);

// ---- connection

function setConnected(yes) {
  setText(byId("engine"), yes ? "connected" : "not connected");
  byId("engine").classList.toggle("bad", !yes);
  document.body.classList.toggle("stale", !yes);
  const notice = part("#wide .notice");
  notice.hidden = yes;
  setText(notice, yes ? "" : "Not connected to the engine. Trying again…");
}

listen({
  onState(state) {
    setConnected(true);
    show(state);
  },
  onOpen() {
    // The engine may be another one by now.
    newest = null;
    screen.clear();
    clock.start();
    play(true);
  },
  onClosed: () => setConnected(false),
  onSilence: () => setConnected(false),
  silenceMs: SILENCE_MS,
});
