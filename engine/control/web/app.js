// The small control page: it shows what the engine tells and sends what the user chooses.

const LOCK = { nobody: "WIDE", held: "HELD", occluded: "HIDDEN", lost: "LOST" };
// A browser opens six connections to one server; some must stay free for commands.
const MAX_LIVE_PICTURES = 4;
const RECONNECT_MS = 1000;
// The server sends five messages a second; silence means that it hangs.
const SILENCE_MS = 3000;
const PROBLEM_MS = 6000;

const byId = (id) => document.getElementById(id);
const cards = new Map();
let newest = null;
let chosen = null;
let heardAt = 0;
let problemTimer = 0;

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function complain(text) {
  const box = byId("problem");
  box.hidden = false;
  setText(box, text);
  clearTimeout(problemTimer);
  problemTimer = setTimeout(() => { box.hidden = true; }, PROBLEM_MS);
}

async function choose(view, target) {
  try {
    const answer = await fetch("/api/target", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ view, ...target }),
      signal: AbortSignal.timeout(4000),
    });
    if (!answer.ok) complain((await answer.json()).error);
  } catch {
    complain("The engine does not answer.");
  }
}

// ---- pictures

function play(card) {
  const live = !document.hidden && [...cards.keys()].indexOf(card.name) < MAX_LIVE_PICTURES;
  if (live === Boolean(card.img.getAttribute("src"))) return;
  if (live) {
    // A new address each time: some browsers show the last picture of a broken stream again.
    card.img.src = `/stream/${encodeURIComponent(card.name)}.mjpeg?t=${Date.now()}`;
  } else {
    card.img.removeAttribute("src");
  }
}

function replayAll() {
  for (const card of cards.values()) {
    card.img.removeAttribute("src");
    play(card);
  }
}

document.addEventListener("visibilitychange", () => cards.forEach(play));

// ---- Views

function makeCard(name) {
  const root = byId("view").content.cloneNode(true).firstElementChild;
  const card = { name, root, buttons: new Map() };
  for (const part of ["lock", "people", "nobody", "sinks"]) card[part] = root.querySelector(`.${part}`);
  card.title = root.querySelector(".name");
  card.img = root.querySelector("img");
  card.img.alt = `Program picture of ${name}`;
  card.img.addEventListener("error", () => {
    card.img.removeAttribute("src");
    setTimeout(() => play(card), RECONNECT_MS);
  });
  card.title.textContent = name;
  card.title.addEventListener("click", () => chooseView(name));
  root.setAttribute("aria-label", `View ${name}`);
  card.people.setAttribute("aria-label", `People for ${name}`);
  root.addEventListener("focusin", () => chooseView(name));
  for (const button of root.querySelectorAll("[data-kind]")) {
    button.addEventListener("click", () => choose(name, { kind: button.dataset.kind }));
  }
  byId("views").append(root);
  cards.set(name, card);
  play(card);
  return card;
}

function chooseView(name) {
  chosen = name;
  for (const card of cards.values()) {
    card.root.classList.toggle("chosen", card.name === chosen);
    card.root.classList.toggle("only", cards.size === 1);
    card.title.setAttribute("aria-pressed", String(card.name === chosen));
  }
}

function showPeople(card, view, people) {
  const present = new Set(people.map((p) => p.id));
  for (const [id, button] of card.buttons) {
    if (!present.has(id)) {
      button.remove();
      card.buttons.delete(id);
    }
  }
  // Buttons must not change places under the finger that is about to press one.
  const mayMove = !card.people.matches(":hover, :focus-within");
  people.forEach((person, i) => {
    let button = card.buttons.get(person.id);
    if (!button) {
      button = document.createElement("button");
      button.type = "button";
      button.append(document.createElement("span"), document.createElement("small"));
      button.addEventListener("click", () => choose(card.name, { kind: "person", number: person.id }));
      card.buttons.set(person.id, button);
      card.people.append(button);
    }
    const [who, key] = button.children;
    setText(who, `Person ${person.id}`);
    setText(key, i < 9 ? `key ${i + 1}` : "");
    button.setAttribute("aria-pressed", String(view.person === person.id));
    if (mayMove && card.people.children[i] !== button) card.people.insertBefore(button, card.people.children[i]);
  });
  card.nobody.hidden = people.length > 0;
}

function showSinks(card, sinks) {
  const entries = Object.entries(sinks);
  const lines = entries.length ? entries.map(([name, text]) => `${name}: ${text}`) : ["none"];
  while (card.sinks.children.length > lines.length) card.sinks.lastElementChild.remove();
  lines.forEach((line, i) => {
    const item = card.sinks.children[i] ?? card.sinks.appendChild(document.createElement("li"));
    setText(item, line);
    item.classList.toggle("bad", entries.length > 0 && entries[i][1] !== "ok");
  });
}

function showView(view, people) {
  const card = cards.get(view.name) ?? makeCard(view.name);
  const [state, details] = card.lock.children;
  card.lock.className = `lock ${view.lock}`;
  setText(state, LOCK[view.lock] ?? view.lock.toUpperCase());
  const who = view.person === null ? "nobody is chosen" : view.label || `person ${view.person}`;
  const sure = view.person === null || view.sure === null ? "" : `, ${Math.round(view.sure * 100)} % sure`;
  setText(details, who + sure);
  showPeople(card, view, people);
  showSinks(card, view.sinks);
}

function show(state) {
  newest = state;
  state.people.sort((a, b) => a.box[0] + a.box[2] / 2 - b.box[0] - b.box[2] / 2);
  setText(byId("source"), `${state.source}: ${state.source_status || "ok"}`);
  setText(byId("perception"), state.perception_status || "ok");
  const names = new Set(state.views.map((v) => v.name));
  for (const [name, card] of cards) {
    if (!names.has(name)) {
      card.img.removeAttribute("src");
      card.root.remove();
      cards.delete(name);
    }
  }
  for (const view of state.views) showView(view, state.people);
  if (!cards.has(chosen) && cards.size) chooseView(cards.keys().next().value);
  byId("which-view").hidden = cards.size < 2;
}

// ---- keys

const STEPS = { ArrowLeft: "previous", ArrowRight: "next", w: "none", W: "none" };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || chosen === null) return;
  if (event.key in STEPS) {
    choose(chosen, { kind: STEPS[event.key] });
  } else if (/^[1-9]$/.test(event.key)) {
    choose(chosen, { kind: "index", number: Number(event.key), frame: newest.frame_index });
  } else if (event.key === "v" || event.key === "V") {
    const names = [...cards.keys()];
    chooseView(names[(names.indexOf(chosen) + 1) % names.length]);
  } else {
    return;
  }
  event.preventDefault();
});

// ---- connection

function setConnected(yes) {
  setText(byId("engine"), yes ? "connected" : "not connected");
  byId("engine").classList.toggle("bad", !yes);
  byId("views").classList.toggle("stale", !yes);
}

function connect() {
  const socket = new WebSocket(`ws://${location.host}/api/events`);
  let silence = 0;
  socket.addEventListener("open", () => {
    heardAt = Date.now();
    silence = setInterval(() => setConnected(Date.now() - heardAt < SILENCE_MS), 500);
    if (newest) replayAll();
  });
  socket.addEventListener("message", (event) => {
    heardAt = Date.now();
    setConnected(true);
    const message = JSON.parse(event.data);
    if (message.type === "state") show(message.state);
  });
  socket.addEventListener("close", () => {
    clearInterval(silence);
    setConnected(false);
    setTimeout(connect, RECONNECT_MS);
  });
}

connect();
