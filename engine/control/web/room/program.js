// The program picture: what the chosen View sends out. WebRTC where the engine and the browser have it; MJPEG
// until then, and whenever WebRTC breaks off.

import { ask } from "../base/api.js";
import { setText } from "../base/dom.js";
import { StatsMeter } from "../stream/stats.js";
import { WhepPlayer } from "../stream/whep.js";

const REPLAY_MS = 1000;
const CODEC_WORDS = { h264: "H.264", vp8: "VP8" };

export class Program {
  /** Called with a viewer's statistics once a second while WebRTC plays, else with null. */
  onStats = () => {};

  #img;
  #video;
  #how;
  #player = null;
  #view = null;
  #codec = "auto";
  #playing = false;
  #live = false;

  constructor(root) {
    this.#img = root.querySelector("img");
    this.#video = root.querySelector("video");
    this.#how = root.querySelector(".how");
    this.#img.addEventListener("error", () => {
      this.#img.removeAttribute("src");
      setTimeout(() => this.#showStream(), REPLAY_MS);
    });
    if (!window.RTCPeerConnection) return;
    this.#player = new WhepPlayer(this.#video, { onState: (state) => this.#heard(state) });
    new StatsMeter(this.#video, this.#player, (stats) => this.#report(stats));
  }

  /** Show that View, by "auto", "h264", "vp8" or "mjpeg"; `again` also where it is shown already. */
  play(view, codec = this.#codec, again = false) {
    if (!again && this.#playing && view === this.#view && codec === this.#codec) return;
    this.#view = view;
    this.#codec = codec;
    this.#playing = true;
    this.#img.alt = `Program picture of ${view}`;
    this.#video.setAttribute("aria-label", this.#img.alt);
    this.#live = false;
    this.#img.removeAttribute("src");
    this.#showStream();
    if (codec === "mjpeg") this.#player?.stop();
    else this.#player?.play(view, { codec: codec === "auto" ? null : codec });
  }

  /** No more pictures: nobody looks. */
  stop() {
    if (!this.#playing) return;
    this.#playing = this.#live = false;
    this.#player?.stop();
    this.#img.removeAttribute("src");
  }

  #heard(state) {
    if (!this.#playing) return;
    this.#live = state === "live" || (this.#live && state === "silent");
    this.#showStream();
  }

  /** Of the two only one takes pictures. */
  #showStream() {
    this.#video.hidden = !this.#live;
    this.#img.hidden = this.#live;
    if (this.#live) {
      this.#img.removeAttribute("src");
    } else if (this.#playing && !this.#img.getAttribute("src")) {
      // A new address each time: some browsers show the last picture of a broken stream again.
      this.#img.src = `/stream/${encodeURIComponent(this.#view)}.mjpeg?t=${Date.now()}`;
    }
    if (!this.#live) {
      setText(this.#how, "MJPEG");
      this.onStats(null);
    }
  }

  /** The engine shows every viewer's statistics, this page's too. */
  #report(stats) {
    if (!this.#live) return;
    setText(this.#how, CODEC_WORDS[stats.codec] ?? stats.codec);
    this.onStats(stats);
    const id = this.#player.location?.split("/").pop();
    if (id && !document.hidden) ask("/api/viewer", { id, ...stats }, { quiet: true });
  }
}
