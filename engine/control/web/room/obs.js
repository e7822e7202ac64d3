// The OBS panel: the link, the program scene, and who switches scenes.

import { ask } from "../base/api.js";
import { setText } from "../base/dom.js";

const LINK = { connecting: "CONNECTING", up: "CONNECTED", away: "AWAY", refused: "REFUSED", stopped: "STOPPED" };
const NO_CONTROLLER = { state: "stopped", text: "no OBS controller", scene: null, scenes: "auto" };

const panel = document.getElementById("obs");
const part = (name) => panel.querySelector(`.${name}`);
const release = part("release");

release.addEventListener("click", () => ask("/api/obs", { scenes: "auto" }));

/** Show the state's `obs`. Where a controller never was there is no panel; once there it stays in its place. */
export function showObs(obs) {
  if (obs === null && panel.hidden) return;
  const { state, text, scene, scenes } = obs ?? NO_CONTROLLER;
  panel.hidden = false;
  panel.dataset.state = state;
  setText(part("link"), LINK[state] ?? state.toUpperCase());
  setText(part("text"), text);
  setText(part("scene"), scene ?? "–");
  const manual = scenes === "manual";
  setText(part("who"), manual ? "by hand" : "rules");
  part("who").classList.toggle("by-hand", manual);
  // It keeps its room, so that nothing jumps when it comes.
  release.classList.toggle("unseen", !manual);
}
