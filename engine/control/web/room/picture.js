// Aspect, size and codec of the chosen View's picture.

const ASPECTS = ["16:9", "9:16", "4:5", "1:1", "4:3"];
const SIDES = [360, 540, 720, 1080];
const CODECS = [["auto", "Auto"], ["h264", "H.264"], ["vp8", "VP8"], ["mjpeg", "MJPEG"]];

const ratioOf = (aspect) => aspect.split(":").reduce((w, h) => w / h);

/** Chroma has half the resolution in 4:2:0. */
const even = (pixels) => 2 * Math.round(pixels / 2);

/** Width and height of that aspect whose shorter side is `side`. */
export function sizeOf(aspect, side) {
  const ratio = ratioOf(aspect);
  return ratio >= 1 ? [even(side * ratio), side] : [side, even(side / ratio)];
}

/** The aspect in words, among the usual ones or as it is. */
export function aspectOf([width, height]) {
  const known = ASPECTS.find((aspect) => {
    const [w, h] = sizeOf(aspect, Math.min(width, height));
    return Math.abs(w - width) <= 2 && Math.abs(h - height) <= 2;
  });
  return known ?? `${width}:${height}`;
}

export class PictureChoice {
  #aspect = document.getElementById("aspect");
  #side = document.getElementById("resolution");
  #codec = document.getElementById("codec");
  #shown = "";

  /**
   * @param onSize called with {width, height, aspect} as a preset has them.
   * @param onCodec called with "auto", "h264", "vp8" or "mjpeg": how this page plays the program.
   */
  constructor(onSize, onCodec) {
    offer(this.#codec, CODECS, "auto");
    const chosen = () => {
      const [width, height] = sizeOf(this.#aspect.value, Number(this.#side.value));
      // Refused or not, the next state says what the size is.
      this.#shown = "";
      onSize({ width, height, aspect: this.#aspect.value });
    };
    this.#aspect.addEventListener("change", chosen);
    this.#side.addEventListener("change", chosen);
    this.#codec.addEventListener("change", () => onCodec(this.#codec.value));
  }

  /** @param size [width, height] of the View's picture. */
  show(size) {
    // A list that is open must not change under the finger.
    const busy = document.activeElement === this.#aspect || document.activeElement === this.#side;
    if (this.#shown === size.join() || (busy && this.#shown)) return;
    this.#shown = size.join();
    const aspect = aspectOf(size);
    const side = Math.min(...size);
    offer(this.#aspect, including(ASPECTS, aspect).map((a) => [a, a]), aspect);
    offer(this.#side, including(SIDES, side).map((s) => [String(s), `${s}p`]), String(side));
  }
}

const including = (values, value) => (values.includes(value) ? values : [...values, value]);

function offer(select, entries, value) {
  select.replaceChildren(...entries.map(([key, text]) => new Option(text, key)));
  select.value = value;
}
