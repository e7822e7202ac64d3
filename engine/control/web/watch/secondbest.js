// The picture where WebRTC does not get through: the same View as a stream of JPEGs, which any browser takes.

const REPLAY_MS = 2000;

export class SecondBest {
  #img;
  #view = null;

  constructor(img) {
    this.#img = img;
    img.addEventListener("error", () => setTimeout(() => this.#play(), REPLAY_MS));
  }

  get shown() {
    return this.#view !== null;
  }

  show(view) {
    if (this.#view === view) return;
    this.#view = view;
    this.#play();
  }

  hide() {
    this.#view = null;
    this.#img.hidden = true;
    this.#img.removeAttribute("src");
  }

  #play() {
    if (!this.shown) return;
    this.#img.hidden = false;
    this.#img.alt = `Live picture of ${this.#view}`;
    // A new address each time: some browsers show the last picture of a broken stream again.
    this.#img.src = `/stream/${encodeURIComponent(this.#view)}.mjpeg?t=${Date.now()}`;
  }
}
