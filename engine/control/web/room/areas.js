// "Stage area": polygons drawn on the wide picture, by mouse, finger or keyboard.

import { ask } from "../base/api.js";
import { during, press, setText } from "../base/dom.js";
import { cornerAt, fromArea, joined, polygonAt, toArea, without } from "./polygons.js";

const LOOKS = {
  inside: { color: "#7cc4ff", fill: "#7cc4ff1f" },
  exclude: { color: "#ff7b72", fill: "#ff564a4d" },
};
/** A corner is hit from this far, in pixels of the page. */
const REACH_PX = { mouse: 12, pen: 14, touch: 26 };
const KEYS_REACH = 0.02;
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HINTS = {
  inside: "Click the corners of the stage; close it at the first corner. Who stands elsewhere is nobody.",
  exclude: "Click the corners of a screen, a poster or the audience; close it at the first corner.",
  none: "Drag a corner, or draw another area. Keys: arrows move, Enter sets or grabs a corner, Delete removes.",
};

export class AreaEditor {
  #root;
  #screen;
  #tools;
  #hint;
  #onClosed;
  #polygons = [];
  #drawing = null;
  #chosen = null;
  #dragging = false;
  #cursor = null;

  /**
   * @param root the element over the canvas; @param tools the group of buttons; @param hint tells what to do.
   * @param onClosed called with the areas that were saved, or with null when they are left as they were.
   */
  constructor(root, screen, tools, hint, onClosed) {
    this.#root = root;
    this.#screen = screen;
    this.#tools = tools;
    this.#hint = hint;
    this.#onClosed = onClosed;
    root.addEventListener("pointerdown", (event) => this.#press(event));
    root.addEventListener("pointermove", (event) => this.#drag(event));
    root.addEventListener("pointerup", () => { this.#dragging = false; });
    root.addEventListener("pointercancel", () => { this.#dragging = false; });
    root.addEventListener("keydown", (event) => this.#key(event));
    tools.addEventListener("click", ({ target }) => this.#tool(target.closest("[data-area]")));
    screen.layers.push((brush, header) => this.#draw(brush, header));
  }

  get open() {
    return !this.#root.hidden;
  }

  /** Show the areas of the running preset, {exclude, inside}; what is being drawn stays. */
  show(area) {
    if (!this.open) this.#polygons = fromArea(area);
    this.#screen.refresh();
  }

  edit() {
    this.#root.hidden = this.#tools.hidden = this.#hint.hidden = false;
    this.#drawing = this.#chosen = this.#cursor = null;
    if (!this.#polygons.length) this.#begin("inside");
    this.#refresh();
    this.#root.focus();
  }

  /** Leave; what was not saved is lost. */
  close() {
    this.#leave(null);
  }

  #leave(saved) {
    this.#root.hidden = this.#tools.hidden = this.#hint.hidden = true;
    this.#drawing = this.#chosen = null;
    this.#onClosed(saved);
  }

  #tool(button) {
    const what = button?.dataset.area;
    if (what === "save") this.#save(button);
    else if (what === "delete") this.#delete();
    else if (what) this.#begin(this.#drawing?.kind === what ? null : what);
  }

  async #save(button) {
    if (this.#drawing?.corners.length >= 3) this.#finish();
    const area = toArea(this.#polygons);
    if (await during([button], ask("/api/area", area))) this.#leave(area);
  }

  #begin(kind) {
    this.#drawing = kind && { kind, corners: [] };
    this.#chosen = null;
    this.#refresh();
  }

  #finish() {
    this.#polygons = joined(this.#polygons, this.#drawing);
    this.#begin(null);
  }

  #delete() {
    if (this.#drawing) this.#drawing.corners.pop();
    else if (this.#chosen) this.#polygons = without(this.#polygons, this.#chosen);
    this.#chosen = null;
    this.#refresh();
  }

  // ---- a place is pressed: with the pointer or with Enter

  #at(place, reach) {
    if (this.#drawing) {
      const { corners } = this.#drawing;
      const first = cornerAt([{ corners: corners.slice(0, 1) }], place, reach);
      if (corners.length >= 3 && first) this.#finish();
      else corners.push(place);
    } else {
      const inside = polygonAt(this.#polygons, place);
      this.#chosen = cornerAt(this.#polygons, place, reach) ?? (inside < 0 ? null : { polygon: inside, corner: -1 });
    }
    this.#refresh();
  }

  #moveChosen(place) {
    if (!this.#chosen || this.#chosen.corner < 0) return;
    this.#polygons[this.#chosen.polygon].corners[this.#chosen.corner] = place;
    this.#screen.refresh();
  }

  #place(event) {
    const spot = this.#screen.spot(event);
    if (!spot) return null;
    return [spot.x / spot.size[0], spot.y / spot.size[1]].map((share) => Math.min(Math.max(share, 0), 1));
  }

  #press(event) {
    const place = this.#place(event);
    if (!place || event.button !== 0 || !event.isPrimary) return;
    this.#root.setPointerCapture?.(event.pointerId);
    this.#cursor = null;
    const reach = (REACH_PX[event.pointerType] ?? REACH_PX.mouse) * this.#screen.grain;
    const [w, h] = this.#screen.header.size;
    this.#at(place, [reach / w, reach / h]);
    this.#dragging = !this.#drawing;
  }

  #drag(event) {
    const place = this.#dragging ? this.#place(event) : null;
    if (place) this.#moveChosen(place);
  }

  // ---- keyboard

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key in STEPS) {
      const far = event.shiftKey ? 0.05 : 0.01;
      const [x, y] = this.#cursor ?? [0.5, 0.5];
      const [dx, dy] = STEPS[event.key];
      this.#cursor = [x + dx * far, y + dy * far].map((share) => Math.min(Math.max(share, 0), 1));
      if (!this.#drawing) this.#moveChosen(this.#cursor);
      this.#refresh();
    } else if (event.key === "Enter" || event.key === " ") {
      this.#cursor ??= [0.5, 0.5];
      if (!this.#drawing && this.#chosen) this.#chosen = null;
      else this.#at(this.#cursor, [KEYS_REACH, KEYS_REACH]);
      this.#refresh();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.#delete();
    } else if (event.key === "Escape") {
      if (this.#drawing?.corners.length) this.#begin(null);
      else if (this.#chosen) this.#begin(null);
      else this.close();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  // ---- what is seen

  #refresh() {
    press(this.#tools.querySelectorAll("[aria-pressed]"), "area", this.#drawing?.kind ?? "");
    const at = this.#cursor?.map((share) => `${Math.round(share * 100)} %`).join(", ");
    const grabbed = this.#cursor && this.#chosen?.corner >= 0 ? ", corner grabbed" : "";
    setText(this.#hint, at ? `At ${at}${grabbed}` : HINTS[this.#drawing?.kind ?? "none"]);
    this.#screen.refresh();
  }

  #draw(brush, { size }) {
    this.#polygons.forEach(({ kind, corners }, i) => {
      const { color, fill } = LOOKS[kind];
      const chosen = this.#chosen?.polygon === i;
      brush.polygon(corners, size, this.open ? color : `${color}80`, {
        fill: this.open || kind === "exclude" ? fill : "",
        dashed: !this.open || kind === "exclude",
        handles: this.open,
        chosen: chosen ? this.#chosen.corner : -1,
      });
    });
    if (!this.open) return;
    if (this.#drawing) {
      const { kind, corners } = this.#drawing;
      brush.polygon(corners, size, LOOKS[kind].color, { closed: false, handles: true, chosen: 0 });
    }
    if (this.#cursor) brush.crosshair(this.#cursor[0] * size[0], this.#cursor[1] * size[1]);
  }
}
