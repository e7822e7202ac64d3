// Every viewer's statistics, the times of the stages, and the streaming process, while the dialog is open.

import { ask } from "../base/api.js";
import { made, setText } from "../base/dom.js";

const PERIOD_MS = 1000;
const dialog = document.getElementById("figures");

const number = (places, unit = "") => (value) =>
  (typeof value === "number" ? `${value.toFixed(places)}${unit && ` ${unit}`}` : "–");
const text = (value) => (value === null || value === undefined || value === "" ? "–" : String(value));

/** Title, value of a viewer, how it is written. */
const VIEWER = [
  ["View", (v) => v.view, text],
  ["Viewer", (v) => v.id, text],
  ["Codec", (v) => v.codec, text],
  ["Size", (v) => (v.width && v.height ? `${v.width}×${v.height}` : null), text],
  ["fps", (v) => v.fps, number(0)],
  ["Lost", (v) => v.packets_lost, number(0)],
  ["For good", (v) => v.packets_unrecovered, number(0)],
  ["NACK", (v) => v.nack, number(0)],
  ["Key frame every", (v) => v.key_frame_interval_s, number(1, "s")],
  ["Round trip", (v) => v.rtt_ms, number(0, "ms")],
  ["Delay", (v) => v.delay_ms, number(0, "ms")],
  ["Rate", (v) => v.kbps, number(0, "kbit/s")],
  ["Jitter buffer", (v) => v.jitter_buffer_ms, number(0, "ms")],
  ["Freezes", (v) => v.freezes, number(0)],
];
const STAGE = [
  ["Stage", (s) => s.name, text],
  ["p50", (s) => s.p50_ms, number(1)],
  ["p95", (s) => s.p95_ms, number(1)],
  ["p99", (s) => s.p99_ms, number(1)],
  ["Largest", (s) => s.max_ms, number(1)],
];

function fill(table, columns, things, none) {
  const head = table.tHead.rows[0];
  if (!head.cells.length) {
    for (const [title] of columns) {
      const cell = made("th", title);
      cell.scope = "col";
      head.append(cell);
    }
  }
  const body = table.tBodies[0];
  const rows = things.length ? things.map((thing) => columns.map(([, of, write]) => write(of(thing)))) : [[none]];
  while (body.rows.length > rows.length) body.deleteRow(-1);
  rows.forEach((cells, i) => {
    const row = body.rows[i] ?? body.insertRow();
    while (row.cells.length > cells.length) row.deleteCell(-1);
    cells.forEach((words, k) => setText(row.cells[k] ?? row.insertCell(), words));
    if (!things.length) row.cells[0].colSpan = columns.length;
    else row.cells[0].removeAttribute("colspan");
  });
}

async function refresh() {
  if (!dialog.open) return;
  const stats = await ask("/api/stats", undefined, { quiet: true });
  if (stats) {
    const viewers = (stats.views ?? []).flatMap(({ name, viewers: of = [] }) => of.map((v) => ({ view: name, ...v })));
    fill(dialog.querySelector(".viewers"), VIEWER, viewers, "Nobody watches over WebRTC.");
    fill(dialog.querySelector(".stages"), STAGE, stats.stages ?? [], "–");
    const used = ({ cpu_percent: cpu, memory_mb: memory } = {}) =>
      `${number(0, "% of a core")(cpu)}, ${number(0, "MB")(memory)}`;
    const published = (stats.publishers ?? []).map(({ view, state }) => `${view} to an SFU: ${state}`);
    const lines = [`Engine: ${used(stats.process)}`, `Streaming: ${used(stats.streaming)}`, stats.streaming?.status];
    setText(dialog.querySelector(".process"), [...lines, ...published].filter(Boolean).join("; "));
  } else {
    setText(dialog.querySelector(".process"), "This engine has no statistics.");
  }
  setTimeout(refresh, PERIOD_MS);
}

document.querySelector("[data-dialog=figures]").addEventListener("click", refresh);
