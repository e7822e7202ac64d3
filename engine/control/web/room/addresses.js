// The addresses to hand out: pages and streams of every View, each with a button that copies it.

import { ask } from "../base/api.js";
import { made, setText } from "../base/dom.js";

const dialog = document.getElementById("addresses");
const told = dialog.querySelector(".told");
const list = dialog.querySelector(".links");
const TITLES = {
  control: () => "This page, for another device",
  dock: () => "Dock for OBS",
  view: (name) => `Viewer of ${name || "every View"}`,
  overlay: (name) => `Name of ${name}, a browser source for OBS`,
  camera: (name) => `Camera ${name}: open it on a phone`,
};

/** What there is without a token, on this computer. */
function local(views) {
  const part = encodeURIComponent;
  return [
    { kind: "dock", name: "", url: `${location.origin}/dock` },
    ...views.flatMap((name) => [
      { kind: "view", name, url: `${location.origin}/watch/${part(name)}` },
      { kind: "overlay", name, url: `${location.origin}/overlay?view=${part(name)}` },
    ]),
  ];
}

const streams = (views) => views.flatMap((name) => [
  [`MJPEG stream of ${name}`, `${location.origin}/stream/${encodeURIComponent(name)}.mjpeg`],
  [`WHEP of ${name}`, `${location.origin}/whep/${encodeURIComponent(name)}`],
]);

async function copy(url, field) {
  try {
    await navigator.clipboard.writeText(url);
  } catch {
    // Pages from another computer without https may not use the clipboard; they may copy what is selected.
    field.select();
    document.execCommand("copy");
  }
  setText(told, "Copied.");
}

function entry([title, url]) {
  const item = document.createElement("li");
  const field = document.createElement("input");
  field.readOnly = true;
  field.value = url;
  field.setAttribute("aria-label", title);
  const link = made("a", title);
  Object.assign(link, { href: url, target: "_blank", rel: "noopener" });
  const button = made("button", "Copy");
  button.type = "button";
  button.setAttribute("aria-label", `Copy: ${title}`);
  button.addEventListener("click", () => copy(url, field));
  item.append(link, field, button);
  return item;
}

/** @param views gives the names of the Views there are. */
export function joinAddresses(views) {
  document.querySelector("[data-dialog=addresses]").addEventListener("click", async () => {
    const access = await ask("/api/access", undefined, { quiet: true });
    const links = access?.links?.length ? access.links : local(views());
    const secret = "Whoever has one of these addresses may use it; they hold for this show.";
    setText(told, access?.lan ? secret : "For programs on this computer. Start with --lan for other devices.");
    const titled = links.map(({ kind, name, url }) => [(TITLES[kind] ?? ((n) => `${kind} ${n}`))(name), url]);
    list.replaceChildren(...[...titled, ...streams(views())].map(entry));
  });
}
