// Several Views side by side: one is commanded, all are watched. With one View there is nothing to choose.

import { setText } from "../base/dom.js";
import { drawShot } from "./thumbs.js";
import { wordOf } from "../base/words.js";

export class Strip {
  #root;
  #onChosen;
  #tabs = new Map();

  /** @param onChosen called with the name of the View that the user turns to. */
  constructor(root, onChosen) {
    this.#root = root;
    this.#onChosen = onChosen;
  }

  show(views, chosen) {
    for (const [name, tab] of this.#tabs) {
      if (!views.some((view) => view.name === name)) {
        tab.remove();
        this.#tabs.delete(name);
      }
    }
    for (const view of views) {
      const tab = this.#tabs.get(view.name) ?? this.#add(view.name);
      tab.setAttribute("aria-pressed", String(view.name === chosen));
      tab.className = `view ${view.lock}`;
      tab.classList.toggle("guarded", view.guarded === true);
      const who = view.person === null ? "" : view.label || `person ${view.person}`;
      setText(tab.querySelector(".state"), [wordOf(view.lock), who].filter(Boolean).join(" "));
    }
    this.#root.hidden = views.length < 2;
  }

  /** Cut what every View shows out of the wide picture. */
  paint(header, bitmap) {
    if (this.#root.hidden) return;
    for (const [name, tab] of this.#tabs) drawShot(tab.querySelector("canvas"), bitmap, header, name);
  }

  #add(name) {
    const tab = document.getElementById("view").content.cloneNode(true).firstElementChild;
    setText(tab.querySelector(".name"), name);
    tab.querySelector("canvas").height = 80;
    tab.addEventListener("click", () => this.#onChosen(name));
    this.#tabs.set(name, tab);
    this.#root.append(tab);
    return tab;
  }
}
