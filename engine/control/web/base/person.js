// What is said of one person, and how they are pointed at.

/** Who is less sure than this has a question mark; a View's preset may say otherwise. */
export const SURE = 0.8;
/** A click this far outside a box, as a share of its size, still means that person; as in the engine. */
const SLACK = 0.1;

export const isSure = (person, sureAt) => (person.sure ?? 1) >= sureAt;

export const nameOf = (person) => person.name || `Person ${person.id}`;

/** The name, with a question mark where it is a guess. */
export const calledOf = (person, sureAt) => nameOf(person) + (isSure(person, sureAt) ? "" : "?");

export const percentOf = (person) =>
  (person.sure === null || person.sure === undefined ? "" : `${Math.round(person.sure * 100)} %`);

export const middleOf = ({ box: [x, y, width, height] }) => [x + width / 2, y + height / 2];

/** From the left. */
export const fromLeft = (people) => [...people].sort((a, b) => middleOf(a)[0] - middleOf(b)[0] || a.id - b.id);

/** The middle of the person in the picture that the user sees. */
export function pointAt(person, frame) {
  const [x, y] = middleOf(person);
  return { x, y, frame };
}

/**
 * The wish for that person. Of a guess only the body counts that the user sees; the engine then asks
 * itself who it is.
 */
export function wishFor(person, sureAt, frame) {
  return isSure(person, sureAt)
    ? { kind: "person", number: person.id }
    : { kind: "point", ...pointAt(person, frame) };
}

/** Whom a click there would mean, as the engine judges it; null where nobody stands. */
export function personAt(people, x, y) {
  let best = null;
  for (const person of people) {
    const [, top, width, height] = person.box;
    const [cx, cy] = middleOf(person);
    const off = 2 * Math.max(Math.abs(x - cx) / Math.max(width, 1), Math.abs(y - cy) / Math.max(height, 1));
    const rank = [Math.round(off * 100), -(top + height)];
    const nearer = best === null || rank[0] < best.rank[0] || (rank[0] === best.rank[0] && rank[1] < best.rank[1]);
    if (off <= 1 + 2 * SLACK && nearer) best = { person, rank };
  }
  return best?.person ?? null;
}
