// The people as boxes over a View's picture: click on one to follow them.

import { setText } from "../base/dom.js";
import { bodyOf, calledOf, isSure, percentOf } from "../base/person.js";

/** A box of which less is in the picture, in percent of it, is not worth a click. */
const LEAST = 1;

export class Boxes {
  #root;
  #onShown;
  #boxes = new Map();
  #people = new Map();
  #frame = 0;

  /**
   * @param root the element over the picture, as large as it.
   * @param onShown called with {box, frame} when the user clicks on somebody.
   */
  constructor(root, onShown) {
    this.#root = root;
    this.#onShown = onShown;
  }

  show(view, people, frame, { sureAt, mirror }) {
    this.#frame = frame;
    this.#people = new Map(people.map((person) => [person.id, person]));
    for (const [id, box] of this.#boxes) {
      if (!this.#people.has(id)) {
        box.remove();
        this.#boxes.delete(id);
      }
    }
    for (const person of people) this.#place(view, person, sureAt, mirror);
  }

  #place(view, person, sureAt, mirror) {
    const box = this.#boxes.get(person.id) ?? this.#add(person.id);
    const [left, right] = span(person.box[0], person.box[2], view.shot[0], view.shot[2]);
    const [top, bottom] = span(person.box[1], person.box[3], view.shot[1], view.shot[3]);
    box.hidden = right - left < LEAST || bottom - top < LEAST;
    if (box.hidden) return;
    box.style.left = `${mirror ? 100 - right : left}%`;
    box.style.width = `${right - left}%`;
    box.style.top = `${top}%`;
    box.style.height = `${bottom - top}%`;
    box.classList.toggle("unsure", !isSure(person, sureAt));
    box.classList.toggle("own", person.id === view.person);
    setText(box.firstElementChild, `${calledOf(person, sureAt)} ${percentOf(person)}`);
  }

  #add(id) {
    const box = document.createElement("div");
    box.append(document.createElement("span"));
    box.addEventListener("click", () => this.#onShown(bodyOf(this.#people.get(id), this.#frame)));
    this.#boxes.set(id, box);
    this.#root.append(box);
    return box;
  }
}

/** Where a stretch begins and ends within another one, in percent of that and no farther than it goes. */
function span(start, length, within, whole) {
  const percent = (value) => Math.min(Math.max(((value - within) / whole) * 100, 0), 100);
  return [percent(start), percent(start + length)];
}
