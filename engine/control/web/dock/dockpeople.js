// The buttons of the dock that say who is followed: everybody enrolled, else everybody in the picture.

import { setText } from "../base/dom.js";
import { fromLeft, nameOf, SURE, wishFor } from "../base/person.js";

export class DockPeople {
  #root;
  #choose;
  #names = new Map();

  /** @param choose called with the wish when a button is pressed. */
  constructor(root, choose) {
    this.#root = root;
    this.#choose = choose;
  }

  nameOf(id) {
    return this.#names.get(id) ?? `Person ${id}`;
  }

  /** @param view whose buttons they are; @param state the whole engine's. */
  show(view, { people, members, frame_index: frame }) {
    this.#names = new Map(people.map((person) => [person.id, nameOf(person)]));
    const rows = members.length ? this.#ofMembers(members, people, frame) : this.#ofPeople(people, frame);
    while (this.#root.children.length > rows.length) this.#root.lastElementChild.remove();
    while (this.#root.children.length < rows.length) this.#root.append(this.#button());
    rows.forEach((row, i) => this.#fill(this.#root.children[i], row, view));
  }

  #ofMembers(members, people, frame) {
    return members.map((name, i) => ({
      name,
      id: people.find((person) => person.name === name)?.id ?? null,
      wish: { kind: "member", number: i + 1, frame },
      key: i < 9 ? String(i + 1) : "",
    }));
  }

  #ofPeople(people, frame) {
    return fromLeft(people).map((person, i) => ({
      name: nameOf(person),
      id: person.id,
      wish: wishFor(person, SURE, frame),
      key: i < 9 ? String(i + 1) : "",
    }));
  }

  #button() {
    const button = document.createElement("button");
    button.type = "button";
    const key = document.createElement("kbd");
    key.setAttribute("aria-hidden", "true");
    button.append(document.createElement("span"), key);
    button.addEventListener("click", () => this.#choose(button.wish));
    return button;
  }

  #fill(button, { name, id, wish, key }, view) {
    button.wish = wish;
    setText(button.children[0], name);
    setText(button.children[1], key);
    button.title = id === null ? `${name} is away` : name;
    button.classList.toggle("away", id === null);
    button.classList.toggle("previewed", id !== null && id === view.previewed);
    const own = id === null ? view.label.replace(/\?$/, "") === name : id === view.person;
    button.setAttribute("aria-pressed", String(own));
  }
}
