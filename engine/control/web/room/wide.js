// The wide picture as it comes: one WebSocket that gives a JPEG with who is where in that very picture.
//
// A message is [uint32, little endian: length of the header][header as JSON][JPEG]. Each is acknowledged, so
// that a slow line gets fewer pictures, never old ones.

import { socketAddress } from "../base/address.js";

const RECONNECT_MS = 500;
/** An engine that never had a wide picture is asked seldom. */
const MISSING_MS = 3000;
const FPS = 15;

export class WidePictures {
  #socket = null;
  #timer = 0;
  #wanted = false;
  #width = 640;
  #newest = -1;
  #ever = false;
  #onPicture;
  #onMissing;

  /**
   * @param onPicture called with ({frame, time_s, size, people, views}, ImageBitmap); the bitmap is the
   *   callee's to close.
   * @param onMissing called when the engine has no wide picture to give.
   */
  constructor(onPicture, onMissing) {
    this.#onPicture = onPicture;
    this.#onMissing = onMissing;
  }

  /** Take pictures of that width from now on, or none. */
  play(wanted, width = this.#width) {
    const same = wanted === this.#wanted && width === this.#width;
    this.#wanted = wanted;
    this.#width = width;
    if (same && (this.#socket || this.#timer || !wanted)) return;
    this.#hangUp();
    if (wanted) this.#connect();
  }

  #hangUp() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #connect() {
    const socket = new WebSocket(socketAddress(`/api/wide?width=${this.#width}&fps=${FPS}`));
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#newest = -1;
    let opened = false;
    socket.addEventListener("open", () => { opened = this.#ever = true; });
    socket.addEventListener("message", (event) => this.#take(socket, event.data));
    socket.addEventListener("close", () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      if (!opened && !this.#ever) this.#onMissing();
      this.#timer = setTimeout(() => {
        this.#timer = 0;
        this.#connect();
      }, this.#ever ? RECONNECT_MS : MISSING_MS);
    });
  }

  async #take(socket, data) {
    const length = new DataView(data).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
    // A broken picture is left out; the next one is on its way.
    const blob = new Blob([new Uint8Array(data, 4 + length)], { type: "image/jpeg" });
    const bitmap = await createImageBitmap(blob).catch(() => null);
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ ack: header.frame }));
    if (bitmap === null) return;
    // Pictures are decoded side by side; one that is overtaken is of no use any more.
    if (this.#socket !== socket || header.frame <= this.#newest) {
      bitmap.close();
      return;
    }
    this.#newest = header.frame;
    this.#onPicture(header, bitmap);
  }
}
