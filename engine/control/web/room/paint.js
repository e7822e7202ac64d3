// What is drawn over the wide picture: people, shots, areas. Lengths are in canvas pixels.

import { toBox } from "./letterbox.js";

export const COLORS = {
  held: "#4ade80", occluded: "#fbbf24", unsure: "#f0abfc", found: "#f0abfc", lost: "#ff7b72",
  nobody: "#7cc4ff", shot: "#7cc4ff", person: "#ffffff", ground: "#101318",
};

export class Brush {
  /** Where plates with texts are. */
  #tags = [];

  /** @param ratio canvas pixels per pixel of the page. */
  constructor(context, place, ratio) {
    this.c = context;
    this.place = place;
    this.ratio = ratio;
  }

  /** A box [x, y, width, height] of the picture on the canvas. */
  rectangle([x, y, width, height]) {
    const [left, top] = toBox(this.place, x, y);
    return [left, top, width * this.place.scale, height * this.place.scale];
  }

  outline(box, color, { width = 2, dashed = false, fill = "" } = {}) {
    const [x, y, w, h] = this.rectangle(box);
    this.c.lineJoin = "round";
    this.c.setLineDash([]);
    // A dark edge below it keeps every colour readable on every stage.
    this.#stroke(x, y, w, h, "#000a", width + 2);
    if (fill) {
      this.c.fillStyle = fill;
      this.c.fillRect(x, y, w, h);
    }
    if (dashed) this.c.setLineDash([8 * this.ratio, 5 * this.ratio]);
    this.#stroke(x, y, w, h, color, width);
    this.c.setLineDash([]);
  }

  #stroke(x, y, w, h, color, width) {
    this.c.strokeStyle = color;
    this.c.lineWidth = width * this.ratio;
    this.c.strokeRect(x, y, w, h);
  }

  /** What a View shows: a frame with strong corners and its name. */
  frame(box, name, { strong = true } = {}) {
    const [x, y, w, h] = this.rectangle(box);
    this.#stroke(x, y, w, h, "#0008", strong ? 4 : 3);
    this.#stroke(x, y, w, h, strong ? COLORS.shot : "#7cc4ff99", strong ? 2 : 1);
    if (!strong) return;
    const leg = Math.min(w, h) * 0.12;
    this.c.strokeStyle = COLORS.shot;
    this.c.lineWidth = 6 * this.ratio;
    this.c.lineCap = "butt";
    this.c.beginPath();
    for (const [cx, sx] of [[x, 1], [x + w, -1]]) {
      for (const [cy, sy] of [[y, 1], [y + h, -1]]) {
        this.c.moveTo(cx + sx * leg, cy);
        this.c.lineTo(cx, cy);
        this.c.lineTo(cx, cy + sy * leg);
      }
    }
    this.c.stroke();
    if (name) this.tag(name, x + w, y + h, { color: COLORS.shot, right: true, above: true, size: 12 });
  }

  /** A text on a dark plate; its corner is at x, y. It goes up, then down, where another plate is already. */
  tag(text, x, y, { color = "#fff", size = 14, right = false, above = false, strong = false } = {}) {
    const font = Math.round(size * this.ratio);
    const pad = 4 * this.ratio;
    this.c.font = `${strong ? 700 : 500} ${font}px system-ui, sans-serif`;
    const width = this.c.measureText(text).width + 2 * pad;
    const height = Math.round(font * 1.3);
    const { x: edge, y: roof, width: wide, height: tall } = this.place;
    const left = Math.min(Math.max(right ? x - width : x, edge), edge + wide - width);
    const highest = (top) => Math.min(Math.max(top, roof), roof + tall - height);
    const start = above ? y - height : y;
    const free = (top) => this.#tags.every((tag) =>
      left >= tag.left + tag.width || left + width <= tag.left || top >= tag.top + tag.height || top + height <= tag.top);
    const tries = [0, -1, 1, -2, 2, -3, 3].map((step) => highest(start + step * (height + this.ratio)));
    const top = tries.find(free) ?? tries[0];
    this.#tags.push({ left, top, width, height });
    this.c.fillStyle = "#101318e0";
    this.c.fillRect(left, top, width, height);
    this.c.fillStyle = color;
    this.c.textBaseline = "middle";
    this.c.fillText(text, left + pad, top + height / 2 + font * 0.04);
  }

  /** A polygon of shares 0 to 1 of the picture of `size`. */
  polygon(corners, size, color, { closed = true, fill = "", dashed = false, handles = false, chosen = -1 } = {}) {
    const points = corners.map(([x, y]) => toBox(this.place, x * size[0], y * size[1]));
    if (!points.length) return;
    this.c.setLineDash(dashed ? [8 * this.ratio, 5 * this.ratio] : []);
    this.c.beginPath();
    points.forEach(([x, y], i) => (i ? this.c.lineTo(x, y) : this.c.moveTo(x, y)));
    if (closed) this.c.closePath();
    if (fill && closed) {
      this.c.fillStyle = fill;
      this.c.fill();
    }
    this.c.strokeStyle = color;
    this.c.lineWidth = 2 * this.ratio;
    this.c.stroke();
    this.c.setLineDash([]);
    if (handles) points.forEach(([x, y], i) => this.dot(x, y, i === chosen ? 9 : 6, color));
  }

  dot(x, y, radius, color) {
    this.c.beginPath();
    this.c.arc(x, y, radius * this.ratio, 0, Math.PI * 2);
    this.c.fillStyle = color;
    this.c.fill();
    this.c.lineWidth = 2 * this.ratio;
    this.c.strokeStyle = COLORS.ground;
    this.c.stroke();
  }

  /** Where a click went: it is seen at once. */
  ripple(x, y, share) {
    const [cx, cy] = toBox(this.place, x, y);
    this.c.beginPath();
    this.c.arc(cx, cy, (8 + 26 * share) * this.ratio, 0, Math.PI * 2);
    this.c.strokeStyle = `rgba(255, 255, 255, ${1 - share})`;
    this.c.lineWidth = 3 * this.ratio;
    this.c.stroke();
  }

  crosshair(x, y) {
    const [cx, cy] = toBox(this.place, x, y);
    const arm = 14 * this.ratio;
    for (const [color, width] of [["#000", 4], ["#fff", 2]]) {
      this.c.beginPath();
      this.c.moveTo(cx - arm, cy);
      this.c.lineTo(cx + arm, cy);
      this.c.moveTo(cx, cy - arm);
      this.c.lineTo(cx, cy + arm);
      this.c.strokeStyle = color;
      this.c.lineWidth = width * this.ratio;
      this.c.stroke();
    }
  }
}
