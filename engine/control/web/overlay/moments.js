// Who is where and what the shots are, picture by picture where this page may know that.

import { socketAddress } from "../base/address.js";
import { listen } from "../base/events.js";

const RECONNECT_MS = 500;
/** Labels glide from picture to picture; more of them would only cost. */
const FPS = 15;
/** The smallest picture that comes with it: it is not looked at. */
const WIDTH = 160;

/** Whether this page may see the wide picture; null while the engine does not answer. */
async function mayControl() {
  try {
    const answer = await fetch("/api/access");
    return answer.ok ? (await answer.json()).role === "control" : false;
  } catch {
    return null;
  }
}

/**
 * @param onMoment called with ({people, views}): views have at least name and shot, boxes are in source pixels.
 * @param onSilence called once when nothing has been heard for silenceMs.
 */
export function listenToMoments({ onMoment, onSilence, silenceMs }) {
  let alarm = 0;

  function take(moment) {
    clearTimeout(alarm);
    alarm = setTimeout(onSilence, silenceMs);
    onMoment(moment);
  }

  function connect() {
    const socket = new WebSocket(socketAddress(`/api/wide?width=${WIDTH}&fps=${FPS}`));
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => {
      const length = new DataView(data).getUint32(0, true);
      const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
      socket.send(JSON.stringify({ ack: header.frame }));
      take(header);
    });
    socket.addEventListener("close", async () => {
      // OBS often opens its sources before the engine is there.
      if ((await mayControl()) !== false) setTimeout(connect, RECONNECT_MS);
      // Everybody who may watch is told the state, five times a second.
      else listen({ onState: onMoment, onSilence, silenceMs });
    });
  }

  connect();
}
