// The canvas with the wide picture: what is on it, and which place of the source picture is where on it.

import { fit, toPicture } from "./letterbox.js";
import { Brush } from "./paint.js";

/** The engine remembers pictures for three seconds; while a box is drawn over one it stays for at most this. */
const HELD_MS = 1500;

export class Screen {
  /** Functions (brush, header) that draw over the picture, lowest first. */
  layers = [];
  /** Called with (header, bitmap) when another picture is on the screen. */
  onDrawn = () => {};

  #root;
  #canvas;
  #context;
  #next = null;
  #shown = null;
  #asked = false;
  #heldUntil = 0;

  /** @param root the element whose canvas it is; both are of one size. */
  constructor(root) {
    this.#root = root;
    this.#canvas = root.querySelector("canvas");
    this.#context = this.#canvas.getContext("2d");
    new ResizeObserver(() => this.refresh()).observe(root);
  }

  /** Header of the picture that the user sees; null while there is none. */
  get header() {
    return this.#shown?.header ?? null;
  }

  /** Pixels that the picture is wide on the screen. */
  get width() {
    return this.#root.clientWidth * (window.devicePixelRatio || 1);
  }

  give(header, bitmap) {
    this.#next?.bitmap.close();
    this.#next = { header, bitmap };
    this.refresh();
  }

  /** Nothing is known any more: of another engine, or after a long silence. */
  clear() {
    this.#next?.bitmap.close();
    this.#shown?.bitmap.close();
    this.#next = this.#shown = null;
    this.#heldUntil = 0;
    this.refresh();
  }

  /** The picture stays while something is drawn over it, so that it is of that very picture. */
  hold(yes) {
    this.#heldUntil = yes ? performance.now() + HELD_MS : 0;
    if (!yes) this.refresh();
  }

  /** Draw before the next picture of the browser. */
  refresh() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      this.#draw();
    });
  }

  /** Where the user points at: {x, y, frame, size} in source pixels, perhaps outside; null without a picture. */
  spot(event) {
    if (!this.#shown) return null;
    const box = this.#canvas.getBoundingClientRect();
    const { frame, size } = this.#shown.header;
    const place = fit(size, box.width, box.height);
    const [x, y] = toPicture(place, event.clientX - box.left, event.clientY - box.top);
    return { x, y, frame, size };
  }

  /** Source pixels per pixel of the page. */
  get grain() {
    const box = this.#canvas.getBoundingClientRect();
    return this.#shown ? 1 / fit(this.#shown.header.size, box.width, box.height).scale : 1;
  }

  #draw() {
    const fresh = this.#next !== null && performance.now() >= this.#heldUntil;
    if (fresh) {
      this.#shown?.bitmap.close();
      this.#shown = this.#next;
      this.#next = null;
    }
    this.#resize();
    this.#context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    if (!this.#shown) return;
    const { header, bitmap } = this.#shown;
    const place = fit(header.size, this.#canvas.width, this.#canvas.height);
    this.#context.drawImage(bitmap, place.x, place.y, place.width, place.height);
    const brush = new Brush(this.#context, place, window.devicePixelRatio || 1);
    for (const layer of this.layers) layer(brush, header);
    if (!fresh) return;
    // For whoever looks from outside: the number of the picture that is seen.
    this.#canvas.dataset.frame = header.frame;
    this.onDrawn(header, bitmap);
  }

  #resize() {
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(this.#root.clientWidth * ratio);
    const height = Math.round(this.#root.clientHeight * ratio);
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
  }
}
