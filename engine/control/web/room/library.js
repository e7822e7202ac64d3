// The presets: load one, compare it with the running one, save the running one under a name, delete.

import { ask } from "../base/api.js";
import { during, made, setText } from "../base/dom.js";

const dialog = document.getElementById("library");
const told = dialog.querySelector(".told");
const list = dialog.querySelector(".presets");
const differences = dialog.querySelector(".differences");
const input = dialog.querySelector("input");

const address = (name, what = "") => `/api/presets/${encodeURIComponent(name)}${what}`;

/** Open the dialog with what there is now. */
export function openLibrary() {
  setText(told, "");
  differences.hidden = true;
  refresh();
}

async function refresh() {
  const answer = await ask("/api/presets");
  if (!answer) return;
  list.replaceChildren(...answer.presets.map(({ name, shipped }) => entry(name, shipped, answer.running)));
}

function entry(name, shipped, running) {
  const item = document.createElement("li");
  const title = made("span", name, "name");
  if (shipped) title.append(" ", made("small", "shipped"));
  if (name === running) title.append(" ", made("small", "running", "running"));
  item.append(title, button("Load", name, load), button("Compare", name, compare));
  if (!shipped) item.append(button("Delete", name, remove));
  return item;
}

function button(label, name, act) {
  const node = made("button", label);
  node.type = "button";
  node.setAttribute("aria-label", `${label}: ${name}`);
  node.addEventListener("click", () => act(name, node));
  return node;
}

async function load(name, pressed) {
  const answer = await during([pressed], ask(address(name, "/load"), {}));
  if (!answer) return;
  const { restart } = answer;
  setText(told, restart.length
    ? `${name} is loaded; these need a new start of jikcam: ${restart.join(", ")}`
    : `${name} is loaded.`);
  refresh();
}

async function compare(name, pressed) {
  const answer = await during([pressed], ask(address(name, "/compare")));
  if (!answer) return;
  setText(told, answer.differences.length ? "" : `${name} is the same as the running one.`);
  differences.hidden = answer.differences.length === 0;
  const table = document.createElement("table");
  table.append(made("caption", `The running preset and ${name}`));
  const head = table.createTHead().insertRow();
  for (const title of ["Key", "Running", name]) {
    const cell = made("th", title);
    cell.scope = "col";
    head.append(cell);
  }
  const body = table.createTBody();
  for (const { key, running, saved } of answer.differences) {
    const row = body.insertRow();
    const cell = made("th", key);
    cell.scope = "row";
    row.append(cell, made("td", words(running)), made("td", words(saved)));
  }
  differences.replaceChildren(table);
}

const words = (value) => (typeof value === "string" ? value : value === null ? "–" : JSON.stringify(value));

/** The first press asks, the second one deletes. */
async function remove(name, pressed) {
  if (!pressed.classList.contains("asking")) {
    pressed.classList.add("asking");
    setText(pressed, "Really?");
    pressed.addEventListener("blur", () => {
      pressed.classList.remove("asking");
      setText(pressed, "Delete");
    }, { once: true });
    return;
  }
  if (await during([pressed], ask(address(name), undefined, { method: "DELETE" }))) {
    setText(told, `${name} is deleted.`);
    refresh();
  }
}

async function save() {
  const name = input.value.trim();
  if (!name) return;
  const saved = ask(address(name), { toml: null }, { method: "PUT" });
  if (!(await during([dialog.querySelector(".save")], saved))) return;
  setText(told, `Saved as ${name}.`);
  input.value = "";
  refresh();
}

dialog.querySelector(".save").addEventListener("click", save);
input.addEventListener("keydown", (event) => {
  // Letters of Korean and Japanese are put together with the Enter key, too.
  if (event.key === "Enter" && !event.isComposing) save();
});
document.querySelector("[data-dialog=library]").addEventListener("click", openLibrary);
