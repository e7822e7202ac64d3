// A View's live picture in a <video>, over WebRTC: asked for with WHEP (draft-ietf-wish-whep), held for ever.

import { HeldSession } from "./held.js";
import { fetchSoon } from "./rtc.js";

const LOOK_MS = 500;
/** So long without a packet, and the engine is asked whether it still knows this viewer. */
const SILENT_MS = 1500;
/** ICE gives up later than people do. */
const CUT_OFF_MS = 4000;
/** No codec in common; full, or no WebRTC at all. */
const UNABLE = [406, 503];

/**
 * Plays one View and connects again for as long as it is wanted.
 *
 * States that `onState` hears, each with a line for the user:
 *   connecting  there is no picture yet
 *   live        pictures come
 *   silent      the engine is there and sends none
 *   lost        engine or network went; the last picture stays, and it is tried again
 *   refused     the engine answered that it will not; it is tried again
 *   blocked     the browser wants to be touched before it plays
 */
export class WhepPlayer extends HeldSession {
  #video;
  #still;
  #url = null;
  #silentSince = 0;
  #bytes = 0;
  #stream = null;

  /**
   * @param video a muted <video autoplay playsinline>.
   * @param still a <canvas> behind it, which keeps the last picture until there is a new one.
   */
  constructor(video, { still = null, onState = () => {} } = {}) {
    super(onState, LOOK_MS);
    this.#video = video;
    this.#still = still;
    this.hasSound = false;
    /** Tries since the last picture that the engine answered and that yet gave none. */
    this.fruitless = 0;
    video.addEventListener("playing", () => this.#pictureCame());
  }

  get url() {
    return this.#url;
  }

  /** @param height of the rendition to begin with; @param codec the only one wanted; @param sound ask for it too. */
  play(view, { codec = null, height = null, sound = false } = {}) {
    const url = new URL(`/whep/${encodeURIComponent(view)}`, location.origin);
    if (codec) url.searchParams.set("codec", codec);
    if (height) url.searchParams.set("height", height);
    this.#url = url;
    this.sound = sound;
    this.begin("Connecting…");
  }

  stop() {
    this.#url = null;
    this.end();
  }

  leave() {
    if (this.#keepPicture()) this.#video.srcObject = null;
    super.leave();
  }

  prepare(peer, current) {
    this.#stream = new MediaStream();
    this.hasSound = false;
    peer.addEventListener("track", ({ track, receiver }) => { if (current()) this.#attach(track, receiver); });
    peer.addTransceiver("video", { direction: "recvonly" });
    if (this.sound) peer.addTransceiver("audio", { direction: "recvonly" });
  }

  begun() {
    this.#silentSince = performance.now();
    this.#bytes = 0;
  }

  broke() {
    this.fruitless += 1;
    super.broke();
  }

  #attach(track, receiver) {
    // As little waiting in the browser as the network allows; where it is not known nothing happens.
    receiver.jitterBufferTarget = 0;
    this.#stream.addTrack(track);
    this.hasSound = this.#stream.getAudioTracks().length > 0;
    if (track.kind !== "video") return;
    this.#video.srcObject = this.#stream;
    this.#start();
  }

  /** A browser that allows no sound by itself may yet show the picture. */
  #start() {
    this.#video.play().catch((error) => {
      if (error.name !== "NotAllowedError") return; // the next stream has come already
      if (this.#video.muted) {
        this.tell("blocked", "Touch the picture to start it.");
        return;
      }
      this.#video.muted = true;
      this.#start();
    });
  }

  #pictureCame() {
    if (!this.peer) return;
    this.worked();
    this.fruitless = 0;
    this.#still?.getContext("2d").clearRect(0, 0, this.#still.width, this.#still.height);
    this.tell("live", "");
  }

  /** Once in a while: do packets still come, and if not, is the engine there? */
  async look(peer, current) {
    const report = [...(await peer.getStats()).values()].find((s) => s.type === "inbound-rtp" && s.kind === "video");
    if (!current()) return;
    const now = performance.now();
    if ((report?.bytesReceived ?? 0) !== this.#bytes) {
      this.#bytes = report.bytesReceived;
      this.#silentSince = now;
      if (this.state === "silent" && this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) this.tell("live", "");
      return;
    }
    const silentMs = now - this.#silentSince;
    if (silentMs < SILENT_MS || this.state === "blocked") return;
    const asked = fetchSoon(`${this.location}/clock`, {}, SILENT_MS);
    const known = await asked.then((answer) => ![401, 404].includes(answer.status), () => false);
    if (!current() || now < this.#silentSince) return;
    if (!known) this.lose("The engine does not answer.");
    else if (peer.connectionState !== "connected") {
      if (silentMs <= CUT_OFF_MS) return;
      this.fruitless += 1;
      this.lose("The network lets no picture through.");
    } else if (this.state !== "silent") this.tell("silent", "The engine sends no picture.");
  }

  failed(error) {
    if (UNABLE.includes(error.status)) this.fruitless += 1;
    if (error.name === "InvalidAccessError") this.lose("This browser cannot play it.");
    else super.failed(error);
  }

  /** The last picture on the canvas behind the video, which shows nothing while it changes streams. */
  #keepPicture() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    if (!this.#still || !width || this.#video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return false;
    this.#still.width = width;
    this.#still.height = height;
    this.#still.getContext("2d").drawImage(this.#video, 0, 0);
    return true;
  }
}
