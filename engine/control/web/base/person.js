// What is said of one person, and how they are pointed at.

/** Who is less sure than this has a question mark; a View's preset may say otherwise. */
export const SURE = 0.8;
/** Seen within so many seconds: in sight; as in the engine. */
export const IN_SIGHT_S = 0.5;

export const isSure = (person, sureAt) => (person.sure ?? 1) >= sureAt;

export const nameOf = (person) => person.name || `Person ${person.id}`;

/** The name, with a question mark where it is a guess. */
export const calledOf = (person, sureAt) => nameOf(person) + (isSure(person, sureAt) ? "" : "?");

export const percentOf = (person) =>
  (person.sure === null || person.sure === undefined ? "" : `${Math.round(person.sure * 100)} %`);

export const middleOf = ({ box: [x, y, width, height] }) => [x + width / 2, y + height / 2];

/** From the left. */
export const fromLeft = (people) => [...people].sort((a, b) => middleOf(a)[0] - middleOf(b)[0] || a.id - b.id);

/** That body in the picture that the user sees: its outline, as another one may stand before its middle. */
export function bodyOf(person, frame) {
  const [x, y, width, height] = person.box;
  return { box: [x, y, x + width, y + height], frame };
}

/**
 * The wish for that person. Of a guess only the body counts that the user sees; the engine then asks
 * itself who it is.
 */
export function wishFor(person, sureAt, frame) {
  return isSure(person, sureAt)
    ? { kind: "person", number: person.id }
    : { kind: "box", ...bodyOf(person, frame) };
}
