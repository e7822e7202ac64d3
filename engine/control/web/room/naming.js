// The dialog in which somebody gets a name, or loses it.

import { ask } from "../base/api.js";

const dialog = document.getElementById("naming");
const input = dialog.querySelector("input");
const forget = dialog.querySelector(".forget");
let now = { id: null, name: "" };

/** Ask for the name of a person; without an `id` they are away and can only be forgotten. */
export function askName({ id = null, name = "", title }) {
  now = { id, name };
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector("label").hidden = dialog.querySelector(".save").hidden = id === null;
  input.value = name;
  forget.hidden = !name;
  dialog.showModal();
  if (id !== null) input.select();
}

async function save() {
  const name = input.value.trim();
  if (!name) return;
  if (name === now.name || (await ask("/api/enrol", { person: now.id, name }))) dialog.close();
}

dialog.querySelector(".save").addEventListener("click", save);
input.addEventListener("keydown", (event) => {
  // Letters of Korean and Japanese are put together with the Enter key, too.
  if (event.key === "Enter" && !event.isComposing) save();
});
forget.addEventListener("click", async () => {
  if (await ask("/api/forget", { name: now.name })) dialog.close();
});
dialog.querySelector(".cancel").addEventListener("click", () => dialog.close());
