// Names for a browser source in OBS: of a View's person while it is seen, or of everybody where they stand.
//
// What the address may say, e.g. /overlay?view=main&show=both&place=top-right or /overlay?people=all
//   view   the View; left out: the first
//   people own: the View's person alone, in one place; all: everybody in the shot, each over their head;
//          named: of these the enrolled ones
//   show   name, state or both (people=own)
//   place  top-left, top, top-right, bottom-left, bottom or bottom-right (people=own)
//   style  card (on a dark ground) or plain (letters alone)
//   color  of the letters, RRGGBB
//   size   height of the name in percent of the picture's shorter side, 2 to 20

import { CrowdLabels } from "./crowdlabels.js";
import { setText } from "../base/dom.js";
import { listen } from "../base/events.js";
import { listenToMoments } from "./moments.js";

/** Lock states in which somebody is to be named, and the words for them. */
const SEEN = { held: "held", occluded: "hidden", unsure: "unsure", found: "unsure" };
/** A name that nobody has confirmed for so long must not stay on air. */
const SILENCE_MS = 2000;
const SWAP_MS = 160;

const PLACES = ["bottom-left", "bottom", "bottom-right", "top-left", "top", "top-right"];
const query = new URLSearchParams(location.search);

/** The value of `key`; the first of `allowed` where it is none of them. */
function option(key, allowed) {
  const value = query.get(key);
  if (value !== null && !allowed.includes(value)) console.warn(`${key}=${value} is none of: ${allowed.join(", ")}`);
  return allowed.includes(value) ? value : allowed[0];
}

const root = document.documentElement;
root.dataset.place = option("place", PLACES);
root.dataset.style = option("style", ["card", "plain"]);
root.dataset.show = option("show", ["name", "state", "both"]);

const color = /^#?([0-9a-f]{6})$/i.exec(query.get("color") ?? "");
if (color) root.style.setProperty("--ink", `#${color[1]}`);

const size = Number.parseFloat(query.get("size") ?? "");
if (Number.isFinite(size)) root.style.setProperty("--size", `${Math.min(Math.max(size, 2), 20)}vmin`);

const label = document.getElementById("label");
const name = document.getElementById("name");
const state = document.getElementById("state");

function appear(view) {
  const shown = label.classList.contains("shown");
  if (shown && name.textContent !== view.label) {
    // Another person: the new name is there at once and only settles.
    name.animate([{ opacity: 0.2, transform: "translateY(0.25em)" }, {}], { duration: SWAP_MS, easing: "ease-out" });
  }
  setText(name, view.label);
  setText(state, SEEN[view.lock]);
  label.dataset.lock = view.lock;
  label.classList.add("shown");
}

function vanish() {
  label.classList.remove("shown");
}

const viewOf = (views) => (query.has("view") ? views.find((v) => v.name === query.get("view")) : views[0]);

function nameOwnPerson() {
  listen({
    onState({ views }) {
      const view = viewOf(views);
      if (view && view.lock in SEEN && view.label) appear(view);
      else vanish();
    },
    onSilence: vanish,
    silenceMs: SILENCE_MS,
  });
}

/** @param everybody those too who have no name. */
function nameCrowd(everybody) {
  label.remove();
  const labels = new CrowdLabels(document.body, everybody);
  listenToMoments({
    onMoment({ people, views }) {
      const view = viewOf(views);
      labels.show(view ? people : [], view?.shot);
    },
    onSilence: () => labels.show([], null),
    silenceMs: SILENCE_MS,
  });
}

const people = option("people", ["own", "all", "named"]);
root.dataset.people = people;
if (people === "own") nameOwnPerson();
else nameCrowd(people === "all");
