// A phone or laptop as the wide camera.

import { setText } from "../base/dom.js";
import { WhipPusher } from "../stream/whip.js";

const STATES = { stopped: "NOT LIVE", connecting: "CONNECTING", live: "LIVE", lost: "NOT LIVE", refused: "NOT LIVE" };
const AGAIN_MS = 2000;

const byId = (id) => document.getElementById(id);
const name = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const preview = byId("preview");
const pusher = new WhipPusher(name, showState);

let stream = null;
let facing = "environment";
let wakeLock = null;

function showState(state, words) {
  document.body.dataset.state = state;
  setText(byId("state"), STATES[state]);
  setText(byId("words"), words || (state === "live" ? sizeWords() : ""));
}

function sizeWords() {
  const { width, height, frameRate } = stream.getVideoTracks()[0].getSettings();
  const rate = frameRate ? `, ${Math.round(frameRate)} pictures a second` : "";
  return `${width}×${height}${rate}${wakeLock ? "" : ". Keep this screen on."}`;
}

// ---- the camera of this device

/** The rear camera of a phone sees more; as sharp as it goes, because the engine cuts a part out. */
function wishes() {
  const device = byId("device").value;
  const which = device ? { deviceId: { exact: device } } : { facingMode: { ideal: facing } };
  const video = { ...which, width: { ideal: 1920, max: 1920 }, height: { ideal: 1080, max: 1080 }, frameRate: { ideal: 30, max: 30 } };
  const sound = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  return { video, audio: byId("sound").checked ? sound : false };
}

const PROBLEMS = {
  NotAllowedError: "This browser may not use the camera. Allow it in the browser's settings for this page, then start again.",
  NotFoundError: "This device has no camera.",
  NotReadableError: "Another program uses the camera. Close it, then start again.",
};

async function start() {
  byId("start").disabled = true;
  stopTracks();
  try {
    stream = await navigator.mediaDevices.getUserMedia(wishes());
  } catch (error) {
    pusher.stop();
    showState("stopped", PROBLEMS[error.name] ?? `The camera can't be had: ${error.message}`);
    showButtons();
    return;
  } finally {
    byId("start").disabled = false;
  }
  const [track] = stream.getVideoTracks();
  track.contentHint = "motion";
  // A call, another program or a locked screen takes the camera away.
  track.addEventListener("ended", () => setTimeout(() => { if (stream?.getVideoTracks()[0] === track) start(); }, AGAIN_MS));
  // Its own sound would come back into its own microphone.
  preview.muted = true;
  preview.srcObject = stream;
  pusher.push(stream);
  showButtons();
  await Promise.all([keepAwake(), listCameras(track)]);
}

function stop() {
  pusher.stop();
  stopTracks();
  wakeLock?.release();
  wakeLock = null;
  showButtons();
}

function stopTracks() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  preview.srcObject = null;
}

function showButtons() {
  setText(byId("start"), stream ? "Stop" : "Start the camera");
}

/** Names of cameras are told only once the camera may be used. */
async function listCameras(track) {
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
  const phone = matchMedia("(pointer: coarse)").matches;
  byId("turn").hidden = !phone || cameras.length < 2;
  byId("which").hidden = phone || cameras.length < 2;
  byId("device").replaceChildren(...(phone ? [] : cameras).map(({ deviceId, label }, i) => (
    new Option(label || `Camera ${i + 1}`, deviceId, false, deviceId === track.getSettings().deviceId))));
}

// ---- the screen stays on: a phone that sleeps sends nothing

async function keepAwake() {
  if (!navigator.wakeLock || document.hidden || !stream) return;
  try {
    wakeLock = await navigator.wakeLock.request("screen");
    wakeLock.addEventListener("release", () => { wakeLock = null; });
  } catch {
    wakeLock = null; // an almost empty battery; the words then say to keep it on
  }
}

document.addEventListener("visibilitychange", keepAwake);

// ---- controls

byId("start").addEventListener("click", () => (stream ? stop() : start()));
byId("turn").addEventListener("click", () => {
  facing = facing === "environment" ? "user" : "environment";
  start();
});
for (const id of ["sound", "device"]) byId(id).addEventListener("change", () => { if (stream) start(); });

/** Where the camera was allowed before, a reload goes on without a touch. */
async function startIfAllowed() {
  try {
    const { state } = await navigator.permissions.query({ name: "camera" });
    if (state === "granted") await start();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // a browser that does not tell: the user starts it
  }
}

document.title = `Camera ${name} – jikcam`;
setText(byId("title"), `Camera ${name}`);
if (!window.isSecureContext || !navigator.mediaDevices) {
  byId("controls").hidden = true;
  showState("stopped", "Browsers give the camera only to secure pages. Start jikcam with --https and open the https:// address "
    + "that it prints, or open this page on the engine's own computer.");
} else {
  showState("stopped", "");
  startIfAllowed();
}
