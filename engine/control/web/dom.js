// What every part of the page does to the document.

/** Text is only ever set as text, and only when it changed: screen readers read changes aloud. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Mark the button whose `data-…` value is the present one. */
export function press(buttons, key, value) {
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset[key] === value));
}
