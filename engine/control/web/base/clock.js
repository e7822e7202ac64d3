// The engine's clock as seen from here: pictures are stamped by it.

import { ask } from "./api.js";

const AGAIN_MS = 10000;
const KEPT = 8;

export class EngineClock {
  #samples = [];
  #timer = 0;

  /** Compare clocks from now on; the engine may be another one than before. */
  start() {
    clearTimeout(this.#timer);
    this.#samples = [];
    this.#compare();
  }

  /** Seconds since `time_s` of the engine; null while its clock is not known. */
  sinceS(time_s) {
    if (!this.#samples.length) return null;
    // The quicker the answer, the less can be wrong with it.
    const best = this.#samples.reduce((a, b) => (b.trip < a.trip ? b : a));
    return performance.now() / 1000 + best.ahead - time_s;
  }

  async #compare() {
    const sent = performance.now() / 1000;
    const answer = await ask("/api/time", undefined, { quiet: true });
    const came = performance.now() / 1000;
    if (typeof answer?.now_s === "number") {
      this.#samples.push({ trip: came - sent, ahead: answer.now_s - (sent + came) / 2 });
      if (this.#samples.length > KEPT) this.#samples.shift();
    }
    const settled = this.#samples.length >= 3 || answer === null;
    this.#timer = setTimeout(() => this.#compare(), settled ? AGAIN_MS : 100);
  }
}
