// The buttons that command the chosen View, and what they show of it.

import { press, setText } from "../base/dom.js";
import { nameOf, SURE } from "../base/person.js";
import { PictureChoice } from "./picture.js";

const all = (selector) => [...document.querySelectorAll(selector)];
const part = (selector) => document.querySelector(selector);

export class Controls {
  /** What of the View's preset the state does not tell. */
  preset = { sureAt: SURE, mirror: false, auto: null };

  #desk;
  #picture;
  #guarded = false;

  /** @param onCodec called with how this page is to play the program. */
  constructor(desk, onCodec) {
    this.#desk = desk;
    this.#picture = new PictureChoice((size) => desk.change(size, "#aspect, #resolution"), onCodec);
    const on = (key, act) => {
      for (const button of all(`[data-${key}]`)) button.addEventListener("click", () => act(button.dataset[key]));
    };
    on("kind", (kind) => desk.choose({ kind }));
    on("mode", (mode) => desk.setMode(mode));
    on("take", (how) => desk.take(how));
    on("shot", (shot) => desk.change({ shot }, `[data-shot=${shot}]`));
    on("feel", (feel) => desk.change({ "camera.feel": feel }, `[data-feel=${feel}]`));
    part(".guard").addEventListener("click", () => this.toggleGuard());
    part(".auto").addEventListener("click", () => this.#toggleAuto());
  }

  toggleGuard() {
    this.#desk.setGuard(!this.#guarded);
  }

  #toggleAuto() {
    const { auto } = this.preset;
    this.#desk.change(auto ? { "auto.enabled": !auto.enabled } : { auto: {} }, ".auto");
  }

  show(view, people) {
    const { previewed, guarded } = view;
    press(all("[data-mode]"), "mode", view.mode);
    press(all("[data-feel]"), "feel", view.feel);
    this.#guarded = guarded;
    const next = people.find((person) => person.id === previewed);
    const called = next ? nameOf(next) : `person ${previewed}`;
    setText(part(".next"), previewed === null ? "nobody is previewed" : `next is ${called}`);
    part(".next-line").classList.toggle("waits", previewed !== null);
    for (const button of all("[data-take]")) button.disabled = previewed === null;
    part(".guard").setAttribute("aria-pressed", String(guarded));
    document.body.classList.toggle("guarded", guarded);
    this.#picture.show(view.size);
    showSinks(view.sinks);
  }

  /** @param values the View's table of the preset, or nothing where it is not known. */
  showPreset({ shot, sure = SURE, mirror = false, auto = null, grid = [], split = [], preview_of: of = null } = {}) {
    this.preset = { sureAt: sure, mirror, auto };
    press(all("[data-shot]"), "shot", shot);
    part(".auto").setAttribute("aria-pressed", String(auto?.enabled ?? false));
    // A View made of others follows nobody itself.
    document.body.classList.toggle("of-others", Boolean(grid.length || split.length || of));
  }
}

function showSinks(sinks) {
  const list = part(".sinks");
  const entries = Object.entries(sinks);
  const lines = entries.length ? entries.map(([name, text]) => `${name}: ${text}`) : ["none"];
  while (list.children.length > lines.length) list.lastElementChild.remove();
  lines.forEach((line, i) => {
    const item = list.children[i] ?? list.appendChild(document.createElement("li"));
    setText(item, line);
    item.classList.toggle("bad", entries.length > 0 && entries[i][1] !== "ok");
  });
}
