// The menu of one person in the wide picture.

const menu = document.getElementById("menu");
const items = [...menu.querySelectorAll("[role=menuitem]")];
let back = null;
let choose = () => {};

/** Show it at a place of the page; `onChosen` is called with what to do. */
export function openMenu(x, y, label, onChosen) {
  choose = onChosen;
  back = document.activeElement;
  menu.setAttribute("aria-label", label);
  menu.hidden = false;
  menu.style.left = `${Math.max(4, Math.min(x, window.innerWidth - menu.offsetWidth - 4))}px`;
  menu.style.top = `${Math.max(4, Math.min(y, window.innerHeight - menu.offsetHeight - 4))}px`;
  items[0].focus();
}

function close() {
  if (menu.hidden) return;
  menu.hidden = true;
  back?.focus();
}

for (const item of items) {
  item.addEventListener("click", () => {
    close();
    choose(item.dataset.do);
  });
}
menu.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    const now = items.indexOf(document.activeElement);
    items[(now + step + items.length) % items.length].focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    close();
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
});
document.addEventListener("pointerdown", (event) => {
  if (!menu.contains(event.target)) close();
});
