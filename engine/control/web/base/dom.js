// What every part of the page does to the document.

/** Text is only ever set as text, and only when it changed: screen readers read changes aloud. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Mark the button whose `data-…` value is the present one. */
export function press(buttons, key, value) {
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset[key] === value));
}

/** An element with a text, and with a class where one is given. */
export function made(tag, text = "", className = "") {
  const node = document.createElement(tag);
  node.textContent = text;
  if (className) node.className = className;
  return node;
}

const waiting = new WeakMap();

/** The buttons show that they were pressed until the engine has answered; gives what it answered. */
export async function during(buttons, answer) {
  for (const button of buttons) {
    waiting.set(button, (waiting.get(button) ?? 0) + 1);
    button.classList.add("waiting");
  }
  try {
    return await answer;
  } finally {
    for (const button of buttons) {
      waiting.set(button, waiting.get(button) - 1);
      button.classList.toggle("waiting", waiting.get(button) > 0);
    }
  }
}

/** Open the dialog of every button that names one, and close it by its own button. */
export function joinDialogs() {
  for (const button of document.querySelectorAll("[data-dialog]")) {
    button.addEventListener("click", () => document.getElementById(button.dataset.dialog).showModal());
  }
  for (const button of document.querySelectorAll("dialog [data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
}
