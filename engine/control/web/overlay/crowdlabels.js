// Names over the heads of everybody in a View's shot. They follow smoothly between what the engine tells.

import { setText } from "../base/dom.js";
import { calledOf, SURE } from "../base/person.js";

/** A label has gone two thirds of its way after so long: soft to the eye and still over the head. */
const GLIDE_S = 0.06;
/** Somebody who was not seen for so long may be elsewhere. */
const UNSEEN_S = 1.0;
/** After a pause the labels are where they belong at once. */
const PAUSE_S = 0.5;

/** Where the whole shot is drawn in a window of another shape: as large as fits, in the middle. */
function pictureIn(width, height, [, , shotWidth, shotHeight]) {
  const scale = Math.min(width / shotWidth, height / shotHeight);
  return { scale, left: (width - shotWidth * scale) / 2, top: (height - shotHeight * scale) / 2 };
}

export class CrowdLabels {
  #root;
  #everybody;
  #labels = new Map();
  #drawing = 0;
  #drawnAt = 0;

  /** @param everybody those too who have no name. */
  constructor(root, everybody) {
    this.#root = root;
    this.#everybody = everybody;
  }

  /** @param people as in the state; @param shot of the View: [x, y, width, height], like the boxes in source pixels. */
  show(people, shot) {
    const seen = new Set();
    for (const person of shot ? people : []) {
      if (!person.name && !this.#everybody) continue;
      const [x, y] = this.#headIn(shot, person.box);
      if (x < 0 || x > 1 || y < -0.2 || y > 1 || (person.seen_s_ago ?? 0) > UNSEEN_S) continue;
      seen.add(person.id);
      this.#labelOf(person.id, x, y, shot).text = calledOf(person, SURE);
    }
    for (const [id, label] of this.#labels) {
      label.node.classList.toggle("shown", seen.has(id));
      if (!seen.has(id) && label.gone) this.#remove(id, label);
      label.gone = !seen.has(id);
    }
    if (!this.#drawing && this.#labels.size) this.#drawing = requestAnimationFrame((now) => this.#draw(now));
  }

  /** The middle over the head, in shares of the shot. */
  #headIn([left, top, width, height], [x, y, boxWidth]) {
    return [(x + boxWidth / 2 - left) / width, (y - top) / height];
  }

  #labelOf(id, x, y, shot) {
    let label = this.#labels.get(id);
    if (!label) {
      const node = document.createElement("p");
      node.className = "head";
      node.dir = "auto";
      this.#root.append(node);
      label = { node, x, y, gone: false };
      this.#labels.set(id, label);
    } else if (label.gone) {
      Object.assign(label, { x, y }); // come back elsewhere: it does not fly there
    }
    return Object.assign(label, { toX: x, toY: y, shot });
  }

  /** It fades first: two messages after it went. */
  #remove(id, label) {
    label.node.remove();
    this.#labels.delete(id);
  }

  #draw(now) {
    const seconds = (now - this.#drawnAt) / 1000;
    this.#drawnAt = now;
    const share = seconds > PAUSE_S ? 1 : 1 - Math.exp(-seconds / GLIDE_S);
    for (const label of this.#labels.values()) {
      label.x += (label.toX - label.x) * share;
      label.y += (label.toY - label.y) * share;
      setText(label.node, label.text);
      const { scale, left, top } = pictureIn(innerWidth, innerHeight, label.shot);
      const x = left + label.x * label.shot[2] * scale;
      const y = Math.max(top + label.y * label.shot[3] * scale, top + label.node.offsetHeight);
      label.node.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, -100%)`;
    }
    this.#drawing = this.#labels.size ? requestAnimationFrame((next) => this.#draw(next)) : 0;
  }
}
