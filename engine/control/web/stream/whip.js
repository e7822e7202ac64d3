// A camera's picture into the engine, over WebRTC: WHIP (RFC 9725), held for as long as it is wanted.

import { HeldSession } from "./held.js";

const LOOK_MS = 1000;
/** Receivers report about once a second (RFC 3550, 6.2); before the first report there must be a connection. */
const SILENT_MS = 4000;
const CONNECT_MS = 10000;
/** What is cropped out of the picture must stay sharp; browsers alone spend far less. */
const MAX_BPS = 8000000;

/**
 * Pushes one MediaStream and connects again when engine or network go.
 *
 * States that `onState` hears, each with a line for the user: connecting, live, lost, refused, stopped.
 */
export class WhipPusher extends HeldSession {
  #address;
  #stream = null;
  #frames = 0;
  #heard = 0;
  #heardAt = 0;

  constructor(camera, onState) {
    super(onState, LOOK_MS);
    this.#address = new URL(`/whip/${encodeURIComponent(camera)}`, location.origin);
  }

  get url() {
    return this.#stream && this.#address;
  }

  /** Push that stream, whatever was pushed before. */
  push(stream) {
    this.#stream = stream;
    this.begin("Connecting to the engine…");
  }

  stop() {
    this.#stream = null;
    this.end();
  }

  prepare(peer) {
    this.#frames = 0;
    for (const track of this.#stream.getTracks()) {
      peer.addTransceiver(track, {
        direction: "sendonly",
        streams: [this.#stream],
        sendEncodings: track.kind === "video" ? [{ maxBitrate: MAX_BPS }] : [{}],
      });
    }
  }

  begun() {
    this.#heardAt = performance.now();
  }

  /** It is live when pictures leave this device on a connection that the engine has confirmed. */
  async look(peer, current) {
    const stats = [...(await peer.getStats()).values()].filter((s) => s.kind === "video");
    if (!current()) return;
    const sent = stats.find((s) => s.type === "outbound-rtp");
    const heard = stats.find((s) => s.type === "remote-inbound-rtp")?.timestamp ?? 0;
    const flows = (sent?.framesSent ?? sent?.framesEncoded ?? 0) > this.#frames;
    this.#frames = sent?.framesSent ?? sent?.framesEncoded ?? 0;
    const now = performance.now();
    if (heard !== this.#heard) [this.#heard, this.#heardAt] = [heard, now];
    if (now - this.#heardAt > (heard ? SILENT_MS : CONNECT_MS)) {
      this.lose("The engine does not answer.");
      return;
    }
    if (peer.connectionState === "connected" && flows) {
      this.worked();
      if (this.state !== "live") this.tell("live", "");
    } else if (this.state === "live" && peer.connectionState === "connected") {
      this.tell("connecting", "This camera gives no picture.");
    }
  }
}
