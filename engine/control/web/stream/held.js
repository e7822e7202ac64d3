// A WebRTC session with the engine, held for as long as it is wanted, whatever goes and comes in between.

import { hangUp, offer, Refusal, retryMsOf } from "./rtc.js";

/**
 * What players and pushers have in common: connect, look after it, leave with the page, connect again.
 *
 * Who extends it says by `url` whether a session is wanted (null = no), and has `prepare(peer, current)` for what
 * is offered, `begun()`, and `look(peer, current)`, which is called every `lookMs`. `current()` is false once that
 * connection is one of the past.
 */
export class HeldSession {
  #onState;
  #lookMs;
  #tries = 0;
  #turn = 0;
  #timers = [];

  /** @param onState called with a state and a line for the user. */
  constructor(onState, lookMs) {
    this.#onState = onState;
    this.#lookMs = lookMs;
    this.state = "stopped";
    this.peer = null;
    this.location = null;
    addEventListener("pagehide", () => this.leave());
    addEventListener("pageshow", (event) => { if (event.persisted) this.again(0); });
    addEventListener("online", () => { if (this.state === "lost") this.again(0); });
  }

  begin(text) {
    this.#tries = 0;
    this.tell("connecting", text);
    this.again(0);
  }

  end() {
    this.leave();
    this.tell("stopped", "");
  }

  tell(state, text) {
    this.state = state;
    this.#onState(state, text);
  }

  /** It works: the next trouble is tried again at once. */
  worked() {
    this.#tries = 0;
  }

  /** Close what there is and connect after a while. */
  again(afterMs) {
    this.leave();
    if (this.url) this.#timers.push(setTimeout(() => this.#connect(), afterMs));
  }

  leave() {
    this.#turn += 1;
    this.#timers.splice(0).forEach((timer) => { clearTimeout(timer); clearInterval(timer); });
    this.peer?.close();
    hangUp(this.location);
    this.peer = null;
    this.location = null;
  }

  lose(text) {
    this.tell("lost", `${text} Trying again…`);
    this.again(retryMsOf(this.#tries));
    this.#tries += 1;
  }

  /** The connection broke off. */
  broke() {
    this.lose("The connection broke off.");
  }

  /** There was no connection. */
  failed(error) {
    if (error instanceof Refusal) {
      this.tell("refused", error.message);
      this.again(error.retryMs);
    } else {
      this.lose("The engine does not answer.");
    }
  }

  async #connect() {
    const turn = this.#turn;
    const current = () => turn === this.#turn;
    const peer = (this.peer = new RTCPeerConnection());
    peer.addEventListener("connectionstatechange", () => {
      if (current() && peer.connectionState === "failed") this.broke();
    });
    try {
      this.prepare(peer, current);
      const { session, accept } = await offer(peer, this.url);
      if (!current()) {
        hangUp(session); // left while the engine was answering: it would keep this place until it misses us
        return;
      }
      this.location = session;
      await accept();
    } catch (error) {
      if (current()) this.failed(error);
      return;
    }
    if (!current()) return;
    this.begun();
    this.#timers.push(setInterval(() => this.look(peer, current), this.#lookMs));
  }
}
