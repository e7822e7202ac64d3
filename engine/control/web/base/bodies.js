// Whom a place in the picture shows, as engine/direction/pointing.py judges a click there.

import { IN_SIGHT_S, middleOf } from "./person.js";

/** So far outside an outline, as a share of its size, is still at that person. */
const SLACK = 0.1;

/**
 * Pairs of COCO's key points; how thick the body is between them: half of it, in heights of a body; and how
 * likely it is that it is still where it was seen: an arm moves by its own width from one look to the next.
 */
const CAPSULES = [
  [5, 6, 0.05, 1], [5, 7, 0.045, 0.5], [6, 8, 0.045, 0.5], [7, 9, 0.04, 0.5], [8, 10, 0.04, 0.5],
  [11, 12, 0.06, 1], [11, 13, 0.06, 0.9], [12, 14, 0.06, 0.9], [13, 15, 0.045, 0.9], [14, 16, 0.045, 0.9],
];
const FACE = [0, 1, 2, 3, 4], SHOULDERS = [5, 6], HIPS = [11, 12];
const HEAD = 0.065, TRUNK = 0.07;
/** A body is so many times as high as its trunk is long. */
const TRUNKS = 3.3;
const LEAST_JOINTS = 6;
/** Without joints a body is an ellipse so broad, as a share of its outline. */
const ELLIPSE = 0.6;
/** How exactly joints, and the height of feet, are known, in heights of a body. */
const SOFT = 0.02, ORDER = 0.02;
/** People click on the middle of somebody rather than on an arm: the spread, in halves of an outline. */
const AIM = 0.7;
/** What is left for who is nearest where no body is. */
const NEAREST = 1e-4;

/** Whom a click there would mean; null where nobody stands. */
export function personAt(people, x, y) {
  const near = people
    .map((person) => ({ person, off: offOf(person, x, y) }))
    .filter(({ off }) => off <= 1 + 2 * SLACK);
  for (const one of near) {
    one.on = on(one.person, x, y);
    one.seen = (one.person.seen_s_ago ?? 0) <= IN_SIGHT_S;
  }
  let best = null;
  for (const one of near) {
    let shown = (one.on + NEAREST * (1 + 2 * SLACK - one.off)) * Math.exp(-((one.off / AIM) ** 2) / 2);
    for (const other of near) if (other !== one) shown *= 1 - other.on * before(other, one);
    if (best === null || shown > best.shown) best = { person: one.person, shown };
  }
  return best?.person ?? null;
}

/** Distance from the middle of the outline; 1 = on its edge. */
function offOf(person, x, y) {
  const [, , width, height] = person.box;
  const [cx, cy] = middleOf(person);
  return 2 * Math.max(Math.abs(x - cx) / Math.max(width, 1), Math.abs(y - cy) / Math.max(height, 1));
}

/** How likely it is that this body is at that place. */
function on(person, x, y) {
  if ((person.joints ?? []).filter(Boolean).length >= LEAST_JOINTS) return onJoints(person, x, y);
  const [cx, cy] = middleOf(person);
  const [width, height] = [Math.max(person.box[2], 1), Math.max(person.box[3], 1)];
  const radii = Math.hypot((x - cx) / ((width * ELLIPSE) / 2), (y - cy) / (height / 2));
  return share(((radii - 1) * width * ELLIPSE) / 2 / height);
}

function onJoints({ box, joints }, x, y) {
  const neck = mean(joints, SHOULDERS), pelvis = mean(joints, HIPS);
  const face = mean(joints, FACE.filter((k) => joints[k]));
  let height = Math.max(box[3], 1);
  const parts = CAPSULES.filter(([a, b]) => joints[a] && joints[b])
    .map(([a, b, thick, sure]) => [joints[a], joints[b], thick, sure]);
  if (neck && pelvis) {
    // An outline that the picture's edge cuts is lower than the body.
    height = Math.max(height, TRUNKS * Math.hypot(neck[0] - pelvis[0], neck[1] - pelvis[1]));
    const broad = Math.abs(joints[5][0] - joints[6][0]) + Math.abs(joints[11][0] - joints[12][0]);
    parts.push([neck, pelvis, Math.max(broad / 4 / height, TRUNK), 1]);
    const above = [neck[0] + 0.35 * (neck[0] - pelvis[0]), neck[1] + 0.35 * (neck[1] - pelvis[1])];
    parts.push([face ?? above, neck, HEAD, 1]);
  } else if (face) {
    parts.push([face, face, HEAD, 1]);
  }
  return Math.max(0, ...parts.map(([a, b, thick, sure]) => sure * share(distance([x, y], a, b) / height - thick)));
}

/** How likely it is that a place so far outside, in heights of a body, is still that body. */
const share = (outside) => sigmoid(-outside / SOFT);

/** The middle of those key points; null unless all of them are known, and where there is none. */
function mean(joints, which) {
  if (!which.length || !which.every((k) => joints[k])) return null;
  return [0, 1].map((axis) => which.reduce((sum, k) => sum + joints[k][axis], 0) / which.length);
}

/** From a place to a stretch. */
function distance([x, y], [ax, ay], [bx, by]) {
  const [wx, wy] = [bx - ax, by - ay];
  const long = wx * wx + wy * wy;
  const part = long ? Math.min(Math.max(((x - ax) * wx + (y - ay) * wy) / long, 0), 1) : 0;
  return Math.hypot(x - ax - part * wx, y - ay - part * wy);
}

/** How likely it is that the first stands in front: its feet are lower. Who is not seen hides nobody who is. */
function before(front, behind) {
  if (front.seen !== behind.seen) return front.seen ? 1 : 0;
  const foot = ({ person: { box } }) => box[1] + box[3];
  const height = Math.max(front.person.box[3], behind.person.box[3], 1);
  return sigmoid((foot(front) - foot(behind)) / (ORDER * height));
}

function sigmoid(value) {
  return 1 / (1 + Math.exp(-Math.min(Math.max(value, -50), 50)));
}
