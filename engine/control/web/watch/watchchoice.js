// Which other Views this viewer may go over to.

/** As people say it: 9:16, 16:9; an odd size as it is. */
function aspectOf([width, height]) {
  for (const [w, h] of [[16, 9], [9, 16], [1, 1], [4, 5], [4, 3], [3, 4], [21, 9]]) {
    if (Math.abs(width / height / (w / h) - 1) < 0.01) return `${w}:${h}`;
  }
  return `${width}×${height}`;
}

async function answerOf(path) {
  try {
    const answer = await fetch(path);
    return answer.ok ? await answer.json() : null;
  } catch {
    return null; // the engine is away; nothing can be chosen then
  }
}

/** A button for each View, where the preset lets the viewers of this one choose and the link is not for one alone. */
export class Choice {
  #root;
  #onChosen;
  #views = [];

  constructor(root, onChosen) {
    this.#root = root;
    this.#onChosen = onChosen;
  }

  /** @param name the View that is watched. */
  async refresh(name) {
    const [access, state] = await Promise.all([answerOf("/api/access"), answerOf("/api/state")]);
    this.#views = state?.views ?? [];
    const open = access !== null && !access.scope && this.#views.some((view) => view.name === name && view.choice);
    const buttons = open && this.#views.length > 1 ? this.#views.map((view) => this.#button(view, name)) : [];
    const focused = this.#root.contains(document.activeElement) ? document.activeElement.dataset.view : null;
    this.#root.replaceChildren(...buttons);
    this.#root.hidden = buttons.length === 0;
    buttons.find((button) => button.dataset.view === focused)?.focus();
  }

  heightOf(name) {
    return this.#views.find((view) => view.name === name)?.size[1] ?? null;
  }

  #button(view, present) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.view = view.name;
    button.setAttribute("aria-pressed", String(view.name === present));
    const aspect = document.createElement("small");
    aspect.textContent = aspectOf(view.size);
    button.append(view.label || view.name, " ", aspect);
    button.addEventListener("click", () => this.#onChosen(view.name));
    return button;
  }
}
