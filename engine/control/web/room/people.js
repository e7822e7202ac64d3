// Everybody as a tile with a live picture: the named ones in the order of their keys, here or away.

import { setText } from "../base/dom.js";
import { askName } from "./naming.js";
import { IN_SIGHT_S, bodyOf, calledOf, fromLeft, isSure, nameOf, percentOf, wishFor } from "../base/person.js";
import { drawPerson } from "./thumbs.js";

/** People move and turn: a picture of them is good for so long. */
const PICTURE_MS = 5000;
/** A finger that was here this short a time ago may be about to press again. */
const TOUCHED_MS = 1500;
/** Lock states in which the View's own person may be somebody else, so that it helps to say who it is. */
const CLAIM = new Set(["occluded", "unsure", "lost", "found"]);

/** The key of each person's id: of the named ones their number, without names the place from the left. */
export function keysOf(people, members) {
  const named = people.map((person) => [person.id, members.indexOf(person.name) + 1]);
  const counted = fromLeft(people).filter(({ seen_s_ago: ago }) => ago <= IN_SIGHT_S).map(({ id }, i) => [id, i + 1]);
  const places = members.length ? named : counted;
  return new Map(places.filter(([, place]) => place >= 1 && place <= 9).map(([id, place]) => [id, String(place)]));
}

export class People {
  #root;
  #do;
  #cards = new Map();
  #newest = null;
  #touchedAt = -Infinity;

  /** @param actions {choose(wish), claim(body), preview(wish)} */
  constructor(root, actions) {
    this.#root = root;
    this.#do = actions;
    root.addEventListener("pointerdown", () => { this.#touchedAt = performance.now(); });
  }

  /** @param members names of everybody enrolled, in the order of their keys. */
  show(view, people, members, frame, sureAt) {
    const keys = keysOf(people, members);
    const entries = this.#entries(people, members);
    this.#newest = { frame, sureAt, previewed: view.previewed, entries: new Map(entries.map((e) => [e.slot, e])) };
    // Buttons must not change places, nor go, under the finger that is about to press one.
    const touched = performance.now() - this.#touchedAt < TOUCHED_MS;
    const mayMove = !touched && !this.#root.matches(":hover, :focus-within");
    this.#rename(entries);
    for (const [slot, card] of this.#cards) {
      const gone = !this.#newest.entries.has(slot);
      card.root.classList.toggle("gone", gone);
      if (gone && mayMove) {
        card.root.remove();
        this.#cards.delete(slot);
      }
    }
    entries.forEach((entry, i) => {
      const card = this.#cards.get(entry.slot) ?? this.#add(entry.slot);
      const key = entry.person ? keys.get(entry.person.id) ?? "" : String(members.indexOf(entry.name) + 1);
      this.#fill(card, entry, key.length === 1 ? key : "", view, sureAt);
      const there = this.#root.children[i];
      if (mayMove && there !== card.root) this.#root.insertBefore(card.root, there);
    });
  }

  /** Cut everybody's picture out of the wide one. */
  paint(header, bitmap) {
    for (const [slot, card] of this.#cards) {
      const person = this.#newest?.entries.get(slot)?.person;
      if (!person || !drawPerson(card.canvas, bitmap, header, person.id)) continue;
      card.canvas.classList.remove("unseen");
    }
  }

  /** One entry per tile. Names keep their place; the rest follow, from the left where nobody has a name. */
  #entries(people, members) {
    const named = new Map(people.filter(({ name }) => name).map((person) => [person.name, person]));
    const rest = people.filter(({ name }) => !name || !members.includes(name));
    const others = members.length ? [...rest].sort((a, b) => a.id - b.id) : fromLeft(rest);
    return [
      ...members.map((name) => ({ slot: `name ${name}`, name, person: named.get(name) ?? null })),
      ...others.map((person) => ({ slot: `id ${person.id}`, name: person.name, person })),
    ];
  }

  /** Who gets or loses a name keeps the tile. */
  #rename(entries) {
    for (const { slot, person } of entries) {
      if (this.#cards.has(slot) || person === null) continue;
      const old = [...this.#cards].find(([was, card]) => card.id === person.id && !this.#newest.entries.has(was));
      if (!old) continue;
      this.#cards.delete(old[0]);
      this.#cards.set(slot, old[1]);
      old[1].slot = slot;
    }
  }

  #fill(card, { name, person }, key, view, sureAt) {
    const away = person === null;
    card.id = person?.id ?? null;
    setText(card.name, away ? name : calledOf(person, sureAt));
    setText(card.sure, away ? "away" : percentOf(person) && `${percentOf(person)} sure`);
    setText(card.key, key);
    card.choose.setAttribute("aria-keyshortcuts", key);
    card.choose.setAttribute("aria-pressed", String(!away && view.person === person.id));
    card.choose.title = person?.reason ?? "";
    card.root.classList.toggle("away", away);
    card.root.classList.toggle("unsure", !away && !isSure(person, sureAt));
    card.claim.classList.toggle("unseen", away || view.person === null || !CLAIM.has(view.lock));
    card.preview.setAttribute("aria-pressed", String(!away && view.previewed === person.id));
    setText(card.rename, away ? "Forget…" : person.name ? "Rename…" : "Name…");
    if (!away) this.#load(card, person.id);
    // Read aloud, every button says whom it is about.
    for (const button of [card.preview, card.claim, card.rename]) {
      button.setAttribute("aria-label", `${button.textContent}: ${away ? name : nameOf(person)}`);
    }
  }

  #add(slot) {
    const root = document.getElementById("person").content.cloneNode(true).firstElementChild;
    const part = (name) => root.querySelector(`.${name}`);
    const names = ["choose", "name", "sure", "preview", "claim", "rename"];
    const card = { root, ...Object.fromEntries(names.map((n) => [n, part(n)])), slot, id: null, loaded: "" };
    card.key = root.querySelector("kbd");
    card.img = root.querySelector("img");
    card.canvas = root.querySelector("canvas");
    card.canvas.classList.add("unseen");
    card.img.addEventListener("load", () => card.img.classList.remove("unseen"));
    card.img.addEventListener("error", () => card.img.classList.add("unseen"));
    const entry = () => this.#newest.entries.get(card.slot);
    const wish = () => {
      const { name, person } = entry();
      return person ? wishFor(person, this.#newest.sureAt, this.#newest.frame) : { kind: "name", name };
    };
    const press = (button, act) => button.addEventListener("click", () => entry() && act(entry()));
    press(card.choose, () => this.#do.choose(wish()));
    press(card.preview, ({ person }) =>
      this.#do.preview(person && this.#newest.previewed === person.id ? { kind: "none" } : wish()));
    press(card.claim, ({ person }) => person && this.#do.claim(bodyOf(person, this.#newest.frame)));
    press(card.rename, ({ name, person }) => askName(person
      ? { id: person.id, name: person.name, title: `Who is ${nameOf(person)}?` }
      : { name, title: `Forget ${name}?` }));
    this.#cards.set(slot, card);
    this.#root.append(root);
    return card;
  }

  /** A picture of them as last seen well, until there is one out of the wide picture; none is no harm. */
  #load(card, id) {
    const address = `/people/${id}.jpg?t=${Math.floor(Date.now() / PICTURE_MS)}`;
    const live = !card.canvas.classList.contains("unseen");
    if (document.hidden || live || card.loaded === address) return;
    card.loaded = card.img.src = address;
  }
}
