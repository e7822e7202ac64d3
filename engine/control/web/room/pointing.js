// Mouse, pen and finger over the wide picture: clicks, boxes, long presses. It knows nothing of people.

import { boxOf, clamped } from "./letterbox.js";

/** Nearer than this to where it went down it is a click, in pixels of the page. */
const CLICK_PX = { mouse: 6, pen: 8, touch: 14 };
const LONG_MS = 550;
const RIPPLE_MS = 450;

export class Pointing {
  /** The box that is being drawn, [x0, y0, x1, y1] in source pixels, or null. */
  box = null;

  #screen;
  #on;
  #down = null;
  #timer = 0;
  #ripples = [];

  /**
   * @param root the element over the canvas.
   * @param on {click(spot, preview), box(corners, frame, preview), hover(spot or null), menu(spot, event)}
   */
  constructor(root, screen, on) {
    this.#screen = screen;
    this.#on = on;
    root.addEventListener("pointerdown", (event) => this.#start(event));
    root.addEventListener("pointermove", (event) => this.#move(event));
    root.addEventListener("pointerup", (event) => this.#end(event));
    root.addEventListener("pointercancel", () => this.cancel());
    root.addEventListener("pointerleave", () => on.hover(null));
    root.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      // A long press of a finger previews; its menu would be in the way.
      if (this.#down || event.pointerType === "touch") return;
      const spot = screen.spot(event);
      if (spot) on.menu(spot, event);
    });
  }

  /** Forget what was begun; tells whether there was anything. */
  cancel() {
    const was = this.#down !== null;
    clearTimeout(this.#timer);
    this.#down = this.box = null;
    this.#screen.hold(false);
    return was;
  }

  #start(event) {
    if (event.button !== 0 || !event.isPrimary) return;
    const spot = this.#screen.spot(event);
    if (!spot) return;
    event.currentTarget.setPointerCapture?.(event.pointerId);
    this.#down = { spot, x: event.clientX, y: event.clientY, id: event.pointerId };
    this.#screen.hold(true);
    if (event.pointerType !== "touch") return;
    this.#timer = setTimeout(() => {
      const held = this.#down;
      this.cancel();
      if (held) this.#click(held.spot, true);
    }, LONG_MS);
  }

  #move(event) {
    const spot = this.#screen.spot(event);
    if (!this.#down) {
      if (event.pointerType === "mouse") this.#on.hover(spot);
      return;
    }
    if (event.pointerId !== this.#down.id || !spot) return;
    const way = Math.hypot(event.clientX - this.#down.x, event.clientY - this.#down.y);
    if (this.box === null && way < (CLICK_PX[event.pointerType] ?? CLICK_PX.mouse)) return;
    clearTimeout(this.#timer);
    const { spot: from } = this.#down;
    this.box = boxOf(clamped(spot.size, from.x, from.y), clamped(spot.size, spot.x, spot.y));
    this.#screen.refresh();
  }

  #end(event) {
    if (!this.#down || event.pointerId !== this.#down.id) return;
    const { spot } = this.#down;
    const box = this.box;
    const frame = this.#screen.header?.frame ?? spot.frame;
    this.cancel();
    if (box === null) this.#click(spot, event.shiftKey);
    else if (box[2] - box[0] >= 1 && box[3] - box[1] >= 1) this.#on.box(box, frame, event.shiftKey);
  }

  #click(spot, preview) {
    const [w, h] = spot.size;
    if (spot.x < 0 || spot.y < 0 || spot.x > w || spot.y > h) return;
    this.#ripples.push({ ...spot, at: performance.now() });
    this.#screen.refresh();
    this.#on.click(spot, preview);
  }

  /** Draw the box, and where was clicked. */
  draw(brush) {
    if (this.box) {
      const [x0, y0, x1, y1] = this.box;
      brush.outline([x0, y0, x1 - x0, y1 - y0], "#fff", { fill: "#ffffff22" });
    }
    const now = performance.now();
    this.#ripples = this.#ripples.filter(({ at }) => now - at < RIPPLE_MS);
    for (const { x, y, at } of this.#ripples) brush.ripple(x, y, (now - at) / RIPPLE_MS);
    if (this.#ripples.length) this.#screen.refresh();
  }
}
