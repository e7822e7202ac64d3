// People in the wide picture: outlined, and chosen by mouse, finger and keyboard.

import { setText } from "../base/dom.js";
import { letter } from "./keys.js";
import { openMenu } from "./menu.js";
import { COLORS } from "./paint.js";
import { personAt } from "../base/bodies.js";
import { bodyOf, calledOf, fromLeft, isSure, middleOf, nameOf, percentOf, wishFor } from "../base/person.js";
import { Pointing } from "./pointing.js";
import { toBox } from "./letterbox.js";
import { wordOf } from "../base/words.js";

export class Picker {
  #root;
  #screen;
  #do;
  #pointing;
  #room = { view: null, sureAt: 0.8, keys: new Map() };
  #focus = null;
  #hover = null;
  #options = new Map();

  /**
   * @param root the list box over the canvas.
   * @param actions {choose(wish), preview(wish), claim(body), name(person)}
   */
  constructor(root, screen, actions) {
    this.#root = root;
    this.#screen = screen;
    this.#do = actions;
    const wish = (body, preview) => (preview ? actions.preview(body) : actions.choose(body));
    this.#pointing = new Pointing(root, screen, {
      click: ({ x, y, frame }, preview) => wish({ kind: "point", x, y, frame }, preview),
      box: (box, frame, preview) => wish({ kind: "box", box, frame }, preview),
      hover: (spot) => this.#hoverAt(spot),
      menu: ({ x, y }, event) => this.#menu(personAt(this.#people, x, y), event.clientX, event.clientY),
    });
    root.addEventListener("keydown", (event) => this.#key(event));
    root.addEventListener("blur", () => screen.refresh());
    screen.layers.push((brush, header) => this.#draw(brush, header));
  }

  /**
   * @param view the chosen View's state; @param keys the key of a person's id.
   */
  show(view, sureAt, keys) {
    this.#room = { view, sureAt, keys };
    this.#screen.refresh();
  }

  get #people() {
    return this.#screen.header?.people ?? [];
  }

  // ---- keyboard

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const people = fromLeft(this.#people);
    const person = people.find(({ id }) => id === this.#focus);
    const key = letter(event);
    const ends = { Home: 0, End: people.length - 1 };
    const steps = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
    if (event.key === "Escape" && this.#pointing.cancel()) {
      // A box that was being drawn is forgotten.
    } else if (event.key in steps) {
      this.#step(people, steps[event.key]);
    } else if (event.key in ends) {
      this.#setFocus(people[ends[event.key]]);
    } else if (person && (event.key === "Enter" || event.key === " ")) {
      this.#act(event.shiftKey ? "preview" : "follow", person);
    } else if (person && key in { p: 1, n: 1, c: 1 }) {
      this.#act({ p: "preview", n: "name", c: "claim" }[key], person);
    } else if (person && (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey))) {
      const [x, y] = this.#onPage(person);
      this.#menu(person, x, y);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #step(people, step) {
    const at = people.findIndex(({ id }) => id === this.#focus);
    const start = people.findIndex(({ id }) => id === this.#room.view?.person);
    if (at >= 0) this.#setFocus(people[(at + step + people.length) % people.length]);
    else this.#setFocus(people[start >= 0 ? start : step > 0 ? 0 : people.length - 1]);
  }

  #setFocus(person) {
    this.#focus = person?.id ?? null;
    this.#showOptions();
    this.#screen.refresh();
  }

  // ---- what is done with somebody

  #act(what, person) {
    // By now they stand elsewhere; the newest place counts, in the newest picture.
    const now = this.#people.find(({ id }) => id === person.id) ?? person;
    const { frame } = this.#screen.header;
    const { sureAt, view } = this.#room;
    if (what === "name") this.#do.name(now);
    else if (what === "claim") this.#do.claim(bodyOf(now, frame));
    else if (what === "follow") this.#do.choose(wishFor(now, sureAt, frame));
    else this.#do.preview(view?.previewed === now.id ? { kind: "none" } : wishFor(now, sureAt, frame));
  }

  #menu(person, x, y) {
    if (person) openMenu(x, y, nameOf(person), (what) => this.#act(what, person));
  }

  #onPage(person) {
    const place = this.#root.getBoundingClientRect();
    const grain = this.#screen.grain;
    const [w, h] = this.#screen.header.size;
    const [x, y] = middleOf(person);
    return [place.x + place.width / 2 + (x - w / 2) / grain, place.y + place.height / 2 + (y - h / 2) / grain];
  }

  #hoverAt(spot) {
    const id = spot ? personAt(this.#people, spot.x, spot.y)?.id ?? null : null;
    if (id === this.#hover) return;
    this.#hover = id;
    this.#root.classList.toggle("over", id !== null);
    this.#screen.refresh();
  }

  // ---- what is seen

  #draw(brush, header) {
    if (this.#root.hidden) return;
    const { view, sureAt } = this.#room;
    for (const other of header.views ?? []) {
      if (other.name !== view?.name) brush.frame(other.shot, "", { strong: false });
    }
    const chosen = header.views?.find(({ name }) => name === view?.name);
    if (chosen?.shot) brush.frame(chosen.shot, header.views.length > 1 ? chosen.name : "on air");
    const own = chosen?.person ?? null;
    const people = fromLeft(header.people);
    // The View's own person is drawn last, over the others.
    people.sort((a, b) => (a.id === own) - (b.id === own));
    const looks = people.map((person) => this.#look(person, person.id === own ? chosen.lock : null, sureAt));
    people.forEach((person, i) => this.#outline(brush, person, looks[i]));
    // Names lie over all outlines; the own person's comes first and so stays in its place.
    for (let i = people.length - 1; i >= 0; i--) this.#name(brush, people[i], looks[i]);
    this.#pointing.draw(brush);
    this.#showOptions();
  }

  #look(person, lock, sureAt) {
    const sure = isSure(person, sureAt);
    const color = lock ? COLORS[lock] : sure ? COLORS.person : COLORS.unsure;
    const key = this.#room.keys.get(person.id);
    const state = lock && lock !== "nobody" ? wordOf(lock) : "";
    // Of its own person the View has its own opinion, which the big word tells, too.
    const told = lock ? { ...person, sure: this.#room.view?.sure || person.sure } : person;
    const words = [key, state, calledOf(person, sureAt), percentOf(told)].filter(Boolean).join("  ");
    return { color: color ?? COLORS.person, words, strong: lock !== null, dashed: lock ? lock !== "held" : !sure };
  }

  #outline(brush, person, { color, strong, dashed }) {
    const fill = person.id === this.#hover ? "#ffffff2e" : "";
    brush.outline(person.box, color, { width: strong ? 4 : 2, dashed, fill });
    if (person.id !== this.#focus || document.activeElement !== this.#root) return;
    const [x, y, width, height] = person.box;
    const gap = 6 * brush.ratio / brush.place.scale;
    brush.outline([x - gap, y - gap, width + 2 * gap, height + 2 * gap], COLORS.nobody, { width: 3 });
  }

  #name(brush, person, { color, words, strong }) {
    const [x, y, , height] = person.box;
    const [left, top] = toBox(brush.place, x, y);
    const size = Math.min(Math.max(brush.place.width / brush.ratio / 56, 11), 17);
    brush.tag(words, left, top, { color, size, strong, above: true });
    if (person.id !== this.#room.view?.previewed) return;
    const [, foot] = toBox(brush.place, x, y + height);
    brush.tag("NEXT", left, foot, { color: COLORS.nobody, size, strong: true, above: true });
  }

  /** The same people for those who hear the page. */
  #showOptions() {
    const people = fromLeft(this.#people);
    const here = new Set(people.map(({ id }) => id));
    for (const [id, option] of this.#options) {
      if (!here.has(id)) {
        option.remove();
        this.#options.delete(id);
      }
    }
    if (!here.has(this.#focus)) this.#focus = null;
    people.forEach((person, i) => {
      const option = this.#options.get(person.id) ?? this.#addOption(person.id);
      setText(option, `${calledOf(person, this.#room.sureAt)} ${i + 1} of ${people.length}`);
      const own = String(person.id === this.#room.view?.person);
      if (option.getAttribute("aria-selected") !== own) option.setAttribute("aria-selected", own);
    });
    const active = this.#focus === null ? "" : `whom-${this.#focus}`;
    if ((this.#root.getAttribute("aria-activedescendant") ?? "") === active) return;
    if (active) this.#root.setAttribute("aria-activedescendant", active);
    else this.#root.removeAttribute("aria-activedescendant");
  }

  #addOption(id) {
    const option = document.createElement("div");
    option.id = `whom-${id}`;
    option.setAttribute("role", "option");
    this.#options.set(id, option);
    this.#root.append(option);
    return option;
  }
}
