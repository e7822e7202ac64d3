// Areas of the stage as polygons; corners are shares 0 to 1 of the wide picture. Pure.

/** What a preset says as a list of {kind: "inside" or "exclude", corners}. */
export function fromArea({ exclude = [], inside = null } = {}) {
  const all = exclude.map((corners) => ({ kind: "exclude", corners: corners.map(([x, y]) => [x, y]) }));
  return inside ? [{ kind: "inside", corners: inside.map(([x, y]) => [x, y]) }, ...all] : all;
}

/** The same as `POST /api/area` takes it. */
export function toArea(polygons) {
  const corners = (polygon) => polygon.corners.map(([x, y]) => [round(x), round(y)]);
  return {
    exclude: polygons.filter(({ kind }) => kind === "exclude").map(corners),
    inside: polygons.filter(({ kind }) => kind === "inside").map(corners)[0] ?? null,
  };
}

const round = (share) => Math.round(Math.min(Math.max(share, 0), 1) * 1e4) / 1e4;

/** The corner nearest to a place, as {polygon, corner}; null where none is within `reach` (shares, [x, y]). */
export function cornerAt(polygons, [x, y], [reachX, reachY]) {
  let best = null;
  polygons.forEach(({ corners }, polygon) => corners.forEach(([cx, cy], corner) => {
    const far = Math.hypot((x - cx) / reachX, (y - cy) / reachY);
    if (far <= 1 && (best === null || far < best.far)) best = { polygon, corner, far };
  }));
  return best && { polygon: best.polygon, corner: best.corner };
}

/** Index of the polygon around a place, of several the last; -1 where none is. */
export function polygonAt(polygons, place) {
  for (let i = polygons.length - 1; i >= 0; i--) if (surrounds(polygons[i].corners, place)) return i;
  return -1;
}

function surrounds(corners, [x, y]) {
  let inside = false;
  corners.forEach(([ax, ay], i) => {
    const [bx, by] = corners[(i + 1) % corners.length];
    if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
  });
  return inside;
}

/** Without that corner; without the whole polygon where no corner is meant or too few would be left. */
export function without(polygons, { polygon, corner }) {
  const { kind, corners } = polygons[polygon];
  const left = corner < 0 ? [] : corners.filter((_, i) => i !== corner);
  const rest = [...polygons];
  if (left.length < 3) rest.splice(polygon, 1);
  else rest[polygon] = { kind, corners: left };
  return rest;
}

/** With one more; there is only one stage. */
export const joined = (polygons, polygon) =>
  [...polygons.filter(({ kind }) => kind !== "inside" || polygon.kind !== "inside"), polygon];
