// The engine's state as it comes: one WebSocket, opened again for ever.

import { socketAddress } from "./address.js";

const RECONNECT_MS = 500;

/**
 * Listen to the engine until the page is closed.
 *
 * The server sends five messages a second whatever happens, so that silence means trouble: a dead
 * connection, a hanging engine, a sleeping computer.
 *
 * @param onState called with every state.
 * @param onSilence called once when nothing has been heard for silenceMs, connected or not.
 * @param onOpen called at every new connection, before its first state.
 * @param onClosed called when a connection, or the attempt at one, has ended.
 */
export function listen({ onState, onSilence, onOpen = () => {}, onClosed = () => {}, silenceMs }) {
  let heardAt = performance.now();
  let alarm = setTimeout(check, silenceMs);

  function check() {
    clearTimeout(alarm);
    const leftMs = heardAt + silenceMs - performance.now();
    if (leftMs > 0) alarm = setTimeout(check, leftMs);
    else onSilence();
  }

  // Browsers hold back the timers of pages that nobody sees.
  document.addEventListener("visibilitychange", check);

  function connect() {
    const socket = new WebSocket(socketAddress("/api/events"));
    socket.addEventListener("open", onOpen);
    socket.addEventListener("message", (event) => {
      heardAt = performance.now();
      check();
      const message = JSON.parse(event.data);
      if (message.type === "state") onState(message.state);
    });
    socket.addEventListener("close", () => {
      onClosed();
      setTimeout(connect, RECONNECT_MS);
    });
  }

  connect();
}
