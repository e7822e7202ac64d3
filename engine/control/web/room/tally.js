// The big word: whether the chosen View holds its person, and who that is.

import { setText } from "../base/dom.js";
import { wordOf } from "../base/words.js";

const root = document.querySelector("#tally .lock");
const word = root.querySelector("strong");
const who = root.querySelector(".who");
const why = root.querySelector(".why");

/** Show a View's state. */
export function showTally(view) {
  root.className = `lock ${view.lock}`;
  setText(word, wordOf(view.lock));
  setText(who, view.person === null ? "choose a person" : view.label || `person ${view.person}`);
  const sure = view.person === null || !view.sure ? "" : `${Math.round(view.sure * 100)} % sure`;
  setText(why, [sure, view.reason].filter(Boolean).join(": "));
}
