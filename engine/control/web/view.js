// One View: its picture, how its lock stands, and the buttons that command it.

import { ask } from "./api.js";
import { press, setText } from "./dom.js";

const IN_SIGHT_S = 0.5;
const LOCK = { nobody: "NOBODY", held: "HELD", occluded: "HIDDEN", lost: "LOST" };
const REPLAY_MS = 1000;

export class ViewCard {
  #root;
  #img;
  #lock;
  #people;
  #buttons = new Map();
  #live = false;

  /**
   * @param parent the element that it is added to.
   * @param onChosen called with the name when the user turns to this View.
   */
  constructor(name, parent, onChosen) {
    this.name = name;
    this.#root = document.getElementById("view").content.cloneNode(true).firstElementChild;
    this.#img = this.#part("img");
    this.#lock = this.#part(".lock");
    this.#people = this.#part(".people");
    this.#part(".name").textContent = name;
    this.#part(".name").addEventListener("click", () => onChosen(name));
    this.#root.addEventListener("focusin", () => onChosen(name));
    this.#root.setAttribute("aria-label", `View ${name}`);
    for (const group of this.#root.querySelectorAll("[role=group]")) {
      group.setAttribute("aria-label", `${group.getAttribute("aria-label")} of ${name}`);
    }
    this.#img.alt = `Program picture of ${name}`;
    this.#img.addEventListener("error", () => {
      this.#img.removeAttribute("src");
      setTimeout(() => this.play(this.#live), REPLAY_MS);
    });
    this.#onClick("kind", (kind) => this.choose({ kind }));
    this.#onClick("mode", (mode) => this.setMode(mode));
    this.#onClick("shot", (shot) => ask("/api/view", { view: name, changes: { shot } }));
    const overlay = this.#part(".overlay");
    overlay.href = `${location.origin}/overlay.html?view=${encodeURIComponent(name)}`;
    overlay.textContent = overlay.href;
    parent.append(this.#root);
  }

  #part(selector) {
    return this.#root.querySelector(selector);
  }

  #onClick(key, command) {
    for (const button of this.#root.querySelectorAll(`[data-${key}]`)) {
      button.addEventListener("click", () => command(button.dataset[key]));
    }
  }

  choose(target) {
    ask("/api/target", { view: this.name, ...target });
  }

  setMode(mode) {
    ask("/api/camera", { view: this.name, mode });
  }

  setChosen(yes) {
    this.#root.classList.toggle("chosen", yes);
    this.#part(".name").setAttribute("aria-pressed", String(yes));
  }

  /** Show the live picture or none; `again` also where one is shown that may be broken. */
  play(live, again = false) {
    this.#live = live;
    if (again || !live) this.#img.removeAttribute("src");
    if (live && !this.#img.getAttribute("src")) {
      // A new address each time: some browsers show the last picture of a broken stream again.
      this.#img.src = `/stream/${encodeURIComponent(this.name)}.mjpeg?t=${Date.now()}`;
    }
  }

  remove() {
    this.play(false);
    this.#root.remove();
  }

  show(view, people) {
    this.#part(".picture").style.setProperty("--aspect", `${view.size[0]} / ${view.size[1]}`);
    const [state, details] = this.#lock.children;
    this.#lock.className = `lock ${view.lock}`;
    setText(state, LOCK[view.lock] ?? view.lock.toUpperCase());
    const who = view.person === null ? "choose a person" : view.label || `person ${view.person}`;
    const sure = view.person === null || view.sure === null ? "" : `, ${Math.round(view.sure * 100)} % sure`;
    setText(details, who + sure);
    press(this.#root.querySelectorAll("[data-mode]"), "mode", view.mode);
    this.#showPeople(view, people);
    this.#showSinks(view.sinks);
  }

  showShot(shot) {
    press(this.#root.querySelectorAll("[data-shot]"), "shot", shot);
  }

  #showPeople(view, people) {
    const present = new Set(people.map((p) => p.id));
    for (const [id, button] of this.#buttons) {
      if (!present.has(id)) {
        button.remove();
        this.#buttons.delete(id);
      }
    }
    // Buttons must not change places under the finger that is about to press one.
    const mayMove = !this.#people.matches(":hover, :focus-within");
    let number = 0;
    people.forEach((person, i) => {
      const button = this.#buttons.get(person.id) ?? this.#addPerson(person.id);
      // The engine counts only those in sight, too.
      const key = person.seen_s_ago <= IN_SIGHT_S && number < 9 ? String(++number) : "";
      setText(button.lastElementChild, key);
      button.setAttribute("aria-keyshortcuts", key);
      button.setAttribute("aria-pressed", String(view.person === person.id));
      const there = this.#people.children[i];
      if (mayMove && there !== button) this.#people.insertBefore(button, there);
    });
    this.#part(".empty").hidden = people.length > 0;
  }

  #addPerson(id) {
    const button = document.createElement("button");
    button.type = "button";
    const key = document.createElement("kbd");
    key.setAttribute("aria-hidden", "true");
    button.append(`Person ${id} `, key);
    button.addEventListener("click", () => this.choose({ kind: "person", number: id }));
    this.#buttons.set(id, button);
    this.#people.append(button);
    return button;
  }

  #showSinks(sinks) {
    const list = this.#part(".sinks");
    const entries = Object.entries(sinks);
    const lines = entries.length ? entries.map(([name, text]) => `${name}: ${text}`) : ["none"];
    while (list.children.length > lines.length) list.lastElementChild.remove();
    lines.forEach((line, i) => {
      const item = list.children[i] ?? list.appendChild(document.createElement("li"));
      setText(item, line);
      item.classList.toggle("bad", entries.length > 0 && entries[i][1] !== "ok");
    });
  }
}
