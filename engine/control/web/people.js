// Everybody seen, as a list with pictures, and the named ones who are away.

import { setText } from "./dom.js";
import { askName } from "./naming.js";
import { calledOf, isSure, nameOf, percentOf, pointAt, wishFor } from "./person.js";

const IN_SIGHT_S = 0.5;
/** People move and turn: a picture of them is good for so long. */
const PICTURE_MS = 5000;
/** Lock states in which the View's own person may be somebody else, so that it helps to say who it is. */
const CLAIM = new Set(["occluded", "unsure", "lost", "found"]);

export class People {
  #root;
  #away;
  #onChosen;
  #onClaimed;
  #onPreviewed;
  #cards = new Map();
  #members = new Map();
  #newest = null;

  /**
   * @param root, away the elements for those seen and for the named ones who are not.
   * @param onChosen called with a target when somebody is to be followed.
   * @param onClaimed called with {x, y, frame} when the user says that this is the View's own person.
   * @param onPreviewed called with a target when somebody is to be next, and with none to take that back.
   */
  constructor(root, away, onChosen, onClaimed, onPreviewed) {
    this.#root = root;
    this.#away = away;
    this.#onChosen = onChosen;
    this.#onClaimed = onClaimed;
    this.#onPreviewed = onPreviewed;
  }

  /** @param people from the left; @param members names of everybody enrolled, in the order of their keys. */
  show(view, people, members, frame, sureAt) {
    const byId = new Map(people.map((person) => [person.id, person]));
    this.#newest = { people: byId, frame, sureAt, previewed: view.previewed };
    for (const [id, card] of this.#cards) {
      if (!this.#newest.people.has(id)) {
        card.root.remove();
        this.#cards.delete(id);
      }
    }
    // Buttons must not change places under the finger that is about to press one.
    const mayMove = !this.#root.matches(":hover, :focus-within");
    let number = 0;
    people.forEach((person, i) => {
      const card = this.#cards.get(person.id) ?? this.#add(person.id);
      // The engine counts only those in sight, too, and named ones where there are any.
      const place = members.length
        ? members.indexOf(person.name) + 1
        : Number(person.seen_s_ago <= IN_SIGHT_S) && ++number;
      this.#fill(card, person, place >= 1 && place <= 9 ? String(place) : "", view, sureAt);
      const there = this.#root.children[i];
      if (mayMove && there !== card.root) this.#root.insertBefore(card.root, there);
    });
    const here = new Set(people.map((person) => person.name));
    this.#showAway(members.filter((name) => !here.has(name)), members);
  }

  #fill(card, person, key, view, sureAt) {
    setText(card.name, calledOf(person, sureAt));
    setText(card.sure, person.sure === null ? "" : `${percentOf(person)} sure`);
    setText(card.key, key);
    card.choose.setAttribute("aria-keyshortcuts", key);
    card.choose.setAttribute("aria-pressed", String(view.person === person.id));
    card.choose.title = person.reason ?? "";
    card.root.classList.toggle("unsure", !isSure(person, sureAt));
    card.claim.classList.toggle("unseen", view.person === null || !CLAIM.has(view.lock));
    card.preview.setAttribute("aria-pressed", String(view.previewed === person.id));
    setText(card.rename, person.name ? "Rename…" : "Name…");
    // Read aloud, every button says whom it is about.
    for (const button of [card.preview, card.claim, card.rename]) {
      button.setAttribute("aria-label", `${button.textContent}: ${nameOf(person)}`);
    }
  }

  #add(id) {
    const root = document.getElementById("person").content.cloneNode(true).firstElementChild;
    const part = (name) => root.querySelector(`.${name}`);
    const names = ["choose", "name", "sure", "preview", "claim", "rename"];
    const card = { root, key: root.querySelector("kbd"), ...Object.fromEntries(names.map((n) => [n, part(n)])) };
    const person = () => this.#newest.people.get(id);
    const wish = () => wishFor(person(), this.#newest.sureAt, this.#newest.frame);
    card.choose.addEventListener("click", () => this.#onChosen(wish()));
    card.preview.addEventListener("click", () =>
      this.#onPreviewed(this.#newest.previewed === id ? { kind: "none" } : wish()));
    card.claim.addEventListener("click", () => this.#onClaimed(pointAt(person(), this.#newest.frame)));
    card.rename.addEventListener("click", () =>
      askName({ id, name: person().name, title: `Who is ${nameOf(person())}?` }));
    this.#picture(root, id);
    this.#cards.set(id, card);
    this.#root.append(root);
    return card;
  }

  /** A picture of them that is made anew from time to time; none is no harm. */
  #picture(root, id) {
    const img = root.querySelector("img");
    img.addEventListener("load", () => img.classList.remove("unseen"));
    img.addEventListener("error", () => img.classList.add("unseen"));
    const load = () => {
      if (!document.hidden) img.src = `/people/${id}.jpg?t=${Math.floor(Date.now() / PICTURE_MS)}`;
    };
    load();
    const timer = setInterval(() => (root.isConnected ? load() : clearInterval(timer)), PICTURE_MS);
  }

  #showAway(names, members) {
    for (const [name, card] of this.#members) {
      if (!names.includes(name)) {
        card.remove();
        this.#members.delete(name);
      }
    }
    for (const name of names) {
      const card = this.#members.get(name) ?? this.#addAway(name);
      const place = members.indexOf(name) + 1;
      setText(card.querySelector("kbd"), place <= 9 ? String(place) : "");
    }
  }

  #addAway(name) {
    const card = document.getElementById("away").content.cloneNode(true).firstElementChild;
    card.querySelector(".name").textContent = name;
    card.querySelector(".choose").addEventListener("click", () => this.#onChosen({ kind: "name", name }));
    card.querySelector(".rename").addEventListener("click", () => askName({ name, title: `Forget ${name}?` }));
    this.#members.set(name, card);
    this.#away.append(card);
    return card;
  }
}
