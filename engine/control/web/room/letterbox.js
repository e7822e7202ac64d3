// Where a picture lies in a box of another shape, and which of its pixels a place in that box is.
// Pure: every length is in whatever unit the box is in.

/** The largest place for a picture of `size` [w, h] in a box of width x height: {x, y, width, height, scale}. */
export function fit([w, h], width, height) {
  const scale = Math.min(width / w, height / h);
  return { x: (width - w * scale) / 2, y: (height - h * scale) / 2, width: w * scale, height: h * scale, scale };
}

/** A place in the box as a place in the picture, which may lie outside it. */
export const toPicture = (place, x, y) => [(x - place.x) / place.scale, (y - place.y) / place.scale];

/** A place in the picture as a place in the box. */
export const toBox = (place, x, y) => [place.x + x * place.scale, place.y + y * place.scale];

/** The nearest place within the picture. */
export const clamped = ([w, h], x, y) => [Math.min(Math.max(x, 0), w), Math.min(Math.max(y, 0), h)];

/** Corners in any order as [x0, y0, x1, y1]. */
export const boxOf = ([ax, ay], [bx, by]) =>
  [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];

/** Whether a place lies in a picture of that size. */
export const within = ([w, h], x, y) => x >= 0 && y >= 0 && x <= w && y <= h;
