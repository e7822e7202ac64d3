// Live small pictures, cut out of the wide one: of people, and of what each View shows.

const IN_SIGHT_S = 0.3;
/** Of whom more than this share is covered by others, the cut-out would show those. */
const COVERED = 0.45;

/** Draw the part [x, y, width, height] of the source picture so that it fills the canvas. */
function cut(canvas, bitmap, size, [x, y, width, height]) {
  const ratio = bitmap.width / size[0];
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, x * ratio, y * ratio, width * ratio, height * ratio, 0, 0, canvas.width, canvas.height);
}

/** As many pixels as it has on the screen. */
function shape(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
  if (width && height && (canvas.width !== width || canvas.height !== height)) Object.assign(canvas, { width, height });
}

/** Head and trunk, in the shape of the canvas. */
function portrait([x, y, width, height], aspect, size) {
  const tall = Math.min(height * 0.62, size[1]);
  const wide = Math.min(Math.max(tall * aspect, 8), size[0]);
  const left = Math.min(Math.max(x + width / 2 - wide / 2, 0), size[0] - wide);
  const top = Math.min(Math.max(y - height * 0.03, 0), size[1] - tall);
  return [left, top, wide, tall];
}

function overlap([ax, ay, aw, ah], [bx, by, bw, bh]) {
  const width = Math.min(ax + aw, bx + bw) - Math.max(ax, bx);
  const height = Math.min(ay + ah, by + bh) - Math.max(ay, by);
  return width > 0 && height > 0 ? (width * height) / (aw * ah) : 0;
}

/** Whether a cut-out of that person would show that person. */
export function isClear(person, people) {
  if ((person.seen_s_ago ?? 0) > IN_SIGHT_S) return false;
  const foot = ({ box }) => box[1] + box[3];
  return !people.some((other) =>
    other.id !== person.id && foot(other) >= foot(person) && overlap(person.box, other.box) > COVERED);
}

/** The person as they are now; the last picture stays while they are hidden. Tells whether it drew. */
export function drawPerson(canvas, bitmap, { size, people }, id) {
  const person = people.find((one) => one.id === id);
  if (!person || !isClear(person, people)) return false;
  shape(canvas);
  cut(canvas, bitmap, size, portrait(person.box, canvas.width / canvas.height, size));
  return true;
}

/** What a View shows. */
export function drawShot(canvas, bitmap, { size, views = [] }, name) {
  const view = views.find((one) => one.name === name);
  if (!view?.shot) return;
  const aspect = view.shot[2] / view.shot[3];
  const width = Math.max(2, Math.round(canvas.height * aspect));
  if (canvas.width !== width) canvas.width = width;
  cut(canvas, bitmap, size, view.shot);
}
