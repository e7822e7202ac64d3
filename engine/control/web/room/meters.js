// How the show runs, in a few numbers: rates from the engine's metrics, delays as this page sees them.

import { setText } from "../base/dom.js";

const PERIOD_MS = 2000;
const KEPT = 31;
/** Of the wide picture and the program, in milliseconds; more is told in another colour. */
const SLOW_MS = 500;

/** The values of `jikcam_…` families without labels, of the Prometheus text format. */
export function valuesOf(text) {
  const lines = text.matchAll(/^jikcam_(\w+) (\S+)$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name, Number(value)]));
}

export class Meters {
  #cells = {};
  #before = null;
  #wideMs = [];

  constructor(root) {
    for (const cell of root.querySelectorAll("[data-meter]")) this.#cells[cell.dataset.meter] = cell;
    setInterval(() => { if (!document.hidden) this.#measure(); }, PERIOD_MS);
    this.#measure();
  }

  /** A wide picture is on the screen so many seconds after its capture; null where that is not known. */
  wide(delayS) {
    if (delayS === null) return;
    this.#wideMs.push(delayS * 1000);
    if (this.#wideMs.length > KEPT) this.#wideMs.shift();
  }

  /** Delay of the program; null where nobody can know it. */
  program(delayMs) {
    this.#showDelay("program", delayMs);
  }

  #showDelay(name, ms) {
    setText(this.#cells[name], ms === null ? "–" : `${Math.round(ms)} ms`);
    this.#cells[name].classList.toggle("bad", ms !== null && ms > SLOW_MS);
  }

  async #measure() {
    const sorted = [...this.#wideMs].sort((a, b) => a - b);
    this.#showDelay("wide", sorted.length ? sorted[sorted.length >> 1] : null);
    this.#wideMs = [];
    let text;
    try {
      const answer = await fetch("/metrics");
      text = answer.ok ? await answer.text() : "";
    } catch {
      text = ""; // that the engine is away is told elsewhere
    }
    this.#showRates(valuesOf(text));
  }

  #showRates(now) {
    const before = this.#before ?? now;
    this.#before = now;
    const grown = (name) => now[name] - before[name];
    const seconds = grown("uptime_seconds");
    const known = seconds > 0;
    const pictures = grown("pictures_total");
    setText(this.#cells.camera, known ? `${Math.round(grown("source_frames_total") / seconds)} fps` : "–");
    setText(this.#cells.looks, "perception_hertz" in now ? `${Math.round(now.perception_hertz)}/s` : "–");
    const onTick = known && pictures > 0 ? 100 * (1 - grown("late_pictures_total") / pictures) : null;
    setText(this.#cells.tick, onTick === null ? "–" : `${Math.floor(Math.max(onTick, 0))} %`);
    this.#cells.tick.classList.toggle("bad", onTick !== null && onTick < 90);
  }
}
