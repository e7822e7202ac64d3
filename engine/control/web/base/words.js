// The words for the state of a lock.

const WORDS = {
  nobody: "NOBODY", held: "HELD", occluded: "HIDDEN", unsure: "UNSURE", lost: "LOST", found: "FOUND",
};

export const wordOf = (lock) => WORDS[lock] ?? lock.toUpperCase();
