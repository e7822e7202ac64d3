// One View: its picture, how its lock stands, and the buttons that command it.

import { ask } from "./api.js";
import { Boxes } from "./boxes.js";
import { press, setText } from "./dom.js";
import { People } from "./people.js";
import { nameOf, SURE } from "./person.js";

const LOCK = {
  nobody: "NOBODY", held: "HELD", occluded: "HIDDEN", unsure: "UNSURE", lost: "LOST", found: "FOUND",
};
const REPLAY_MS = 1000;

export class ViewCard {
  #root;
  #img;
  #lock;
  #people;
  #boxes;
  #preset = { sureAt: SURE, mirror: false, auto: null };
  #guarded = false;
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
    const claim = (point) => ask("/api/claim", { view: name, ...point });
    const preview = (wish) => ask("/api/preview", { view: name, ...wish });
    this.#people = new People(
      this.#part(".people"), this.#part(".away"), (wish) => this.choose(wish), claim, preview);
    this.#boxes = new Boxes(this.#part(".boxes"), (point) => this.choose({ kind: "point", ...point }));
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
    this.#onClick("shot", (shot) => this.#change({ shot }));
    this.#onClick("feel", (feel) => this.#change({ "camera.feel": feel }));
    this.#onClick("take", (how) => this.take(how));
    this.#part(".guard").addEventListener("click", () => this.toggleGuard());
    this.#part(".auto").addEventListener("click", () => this.#toggleAuto());
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

  /** Put on air who is previewed: "cut" or "move"; without either as the preset says. */
  take(how) {
    ask("/api/take", how ? { view: this.name, how } : { view: this.name });
  }

  /** Lock the View against changes by hand while it is on air, or unlock it. */
  toggleGuard() {
    ask("/api/guard", { view: this.name, on: !this.#guarded });
  }

  #toggleAuto() {
    const { auto } = this.#preset;
    this.#change(auto ? { "auto.enabled": !auto.enabled } : { auto: {} });
  }

  #change(changes) {
    ask("/api/view", { view: this.name, changes });
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

  /** @param members names of everybody enrolled; @param frame the number of the picture that `people` is of. */
  show(view, people, members, frame) {
    this.#part(".picture").style.setProperty("--aspect", view.size[0] / view.size[1]);
    const [state, details] = this.#lock.children;
    this.#lock.className = `lock ${view.lock}`;
    setText(state, LOCK[view.lock] ?? view.lock.toUpperCase());
    const who = view.person === null ? "choose a person" : view.label || `person ${view.person}`;
    const sure = view.person === null || !view.sure ? "" : `, ${Math.round(view.sure * 100)} % sure`;
    setText(details, [who + sure, view.reason].filter(Boolean).join(": "));
    press(this.#root.querySelectorAll("[data-mode]"), "mode", view.mode);
    press(this.#root.querySelectorAll("[data-feel]"), "feel", view.feel);
    this.#showOnAir(view, people);
    this.#people.show(view, people, members, frame, this.#preset.sureAt);
    this.#boxes.show(view, people, frame, this.#preset);
    this.#part(".empty").hidden = people.length > 0;
    this.#showSinks(view.sinks);
  }

  /** What of the View's preset the state does not tell. */
  showPreset({ shot, sure = SURE, mirror = false, auto = null, grid = [], split = [], preview_of: of = null }) {
    this.#preset = { sureAt: sure, mirror, auto };
    press(this.#root.querySelectorAll("[data-shot]"), "shot", shot);
    this.#part(".auto").setAttribute("aria-pressed", String(auto?.enabled ?? false));
    // A View made of others follows nobody itself.
    this.#part(".commands").hidden = Boolean(grid.length || split.length || of);
  }

  #showOnAir({ previewed, guarded }, people) {
    this.#guarded = guarded;
    const next = people.find((person) => person.id === previewed);
    const called = next ? nameOf(next) : `person ${previewed}`;
    setText(this.#part(".next"), previewed === null ? "nobody is previewed" : `next is ${called}`);
    for (const button of this.#root.querySelectorAll("[data-take]")) button.disabled = previewed === null;
    this.#part(".guard").setAttribute("aria-pressed", String(guarded));
    this.#root.classList.toggle("guarded", guarded);
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
