// What the user commands the chosen View: one request each.

import { ask } from "../base/api.js";
import { during } from "../base/dom.js";

const SELECTORS = {
  mode: (mode) => `[data-mode="${mode}"]`,
  kind: (kind) => `[data-kind="${kind}"]`,
  take: (how) => (how ? `[data-take="${how}"]` : "[data-take]"),
};

const buttons = (selector) => [...document.querySelectorAll(selector)];

export class Desk {
  /** Name of the View that is commanded; null until there is one. */
  view = null;

  /** Follow whom a target means. */
  choose(wish) {
    return this.#send("/api/target", wish, SELECTORS.kind(wish.kind));
  }

  /** Say who is next; `{kind: "none"}` takes that back. */
  preview(wish) {
    return this.#send("/api/preview", wish);
  }

  /** The View's own person is that body. */
  claim(body) {
    return this.#send("/api/claim", body);
  }

  setMode(mode) {
    return this.#send("/api/camera", { mode }, SELECTORS.mode(mode));
  }

  /** Put on air who is previewed: "cut" or "move"; without either as the preset says. */
  take(how) {
    return this.#send("/api/take", how ? { how } : {}, SELECTORS.take(how));
  }

  /** Lock the View against changes by hand while it is on air, or unlock it. */
  setGuard(on) {
    return this.#send("/api/guard", { on }, ".guard");
  }

  /** Change values of the View's preset; `selector` names the buttons that show it. */
  change(changes, selector) {
    return this.#send("/api/view", { changes }, selector);
  }

  /** Every one of these Views shows all there is. */
  allWide(names) {
    const sent = names.map((view) => ask("/api/camera", { view, mode: "wide" }));
    return during(buttons("#panic, #panic-all"), Promise.all(sent));
  }

  #send(path, body, selector = null) {
    return during(selector ? buttons(selector) : [], ask(path, { view: this.view, ...body }));
  }
}
