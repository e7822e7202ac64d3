// Any number of viewers of one server; each reads the time code out of every picture it shows.

const CELLS = 64;
const PATTERN = 0xaa;
const WRAP_MS = 2 ** 24;
const viewers = [];

function readCode(video, reader) {
  const { videoWidth: width, videoHeight: height } = video;
  const band = Math.max(16, Math.floor(height / 36));
  reader.drawImage(video, 0, band / 4, Math.floor(width / CELLS) * CELLS, band / 2, 0, 0, CELLS, 1);
  const { data } = reader.getImageData(0, 0, CELLS, 1);
  const number = (from, to) => {
    let value = 0;
    for (let i = from; i < to; i += 1) value = value * 2 + (data[i * 4 + 1] > 127 ? 1 : 0);
    return value;
  };
  const [pattern, ms, counter, check] = [number(0, 8), number(8, 32), number(32, 48), number(48, 56)];
  const sum = (ms ^ (ms >> 8) ^ (ms >> 16) ^ counter ^ (counter >> 8)) & 0xff;
  return pattern === PATTERN && sum === check ? { ms, counter } : null;
}

/** Connect one viewer; its first picture is awaited. `every`: read the code in each n-th picture only. */
async function addViewer(every) {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, autoplay: true, playsInline: true, width: 320 });
  document.body.append(video);
  const peer = new RTCPeerConnection();
  const viewer = { peer, delays: [], unread: 0, shown: 0, firstMs: null };
  const begin = performance.now();
  const canvas = Object.assign(document.createElement("canvas"), { width: CELLS, height: 1 });
  const reader = canvas.getContext("2d", { willReadFrequently: true });
  peer.addTransceiver("video", { direction: "recvonly" });
  peer.addEventListener("track", ({ track }) => { video.srcObject = new MediaStream([track]); });
  const first = new Promise((resolve) => {
    const onPicture = () => {
      viewer.shown += 1;
      if (viewer.firstMs === null) {
        viewer.firstMs = performance.now() - begin;
        resolve();
      }
      if (viewer.shown % every === 0) {
        const now = Date.now() % WRAP_MS;
        const code = readCode(video, reader);
        if (code) viewer.delays.push((now - code.ms + WRAP_MS) % WRAP_MS);
        else viewer.unread += 1;
      }
      video.requestVideoFrameCallback(onPicture);
    };
    video.requestVideoFrameCallback(onPicture);
  });
  await peer.setLocalDescription(await peer.createOffer());
  const answer = await fetch("/whep", {
    method: "POST", headers: { "Content-Type": "application/sdp" }, body: peer.localDescription.sdp,
  });
  if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
  viewer.location = answer.headers.get("Location");
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  viewers.push(viewer);
  await Promise.race([first, new Promise((_, reject) => { setTimeout(reject, 20000, new Error("no picture")); })]);
  return viewer.firstMs;
}

/** Forget what was read so far, and note the counters. */
async function begin() {
  for (const viewer of viewers) {
    Object.assign(viewer, { delays: [], unread: 0, before: await counters(viewer) });
  }
}

async function counters({ peer }) {
  let inbound = {};
  (await peer.getStats()).forEach((entry) => { if (entry.type === "inbound-rtp") inbound = entry; });
  return { ...inbound, at: performance.now() };
}

/** What each viewer saw since `begin`. */
async function results() {
  return Promise.all(viewers.map(async (viewer) => {
    const [before, now] = [viewer.before, await counters(viewer)];
    const since = (key) => (now[key] ?? 0) - (before[key] ?? 0);
    return {
      delays: viewer.delays,
      unread: viewer.unread,
      fps: (since("framesDecoded") * 1000) / (now.at - before.at),
      kbps: (since("bytesReceived") * 8) / (now.at - before.at),
      lost: since("packetsLost"),
      received: since("packetsReceived"),
      repaired: since("retransmittedPacketsReceived"),
      nack: since("nackCount"),
      pli: since("pliCount"),
      keys: since("keyFramesDecoded"),
      freezes: since("freezeCount"),
      width: now.frameWidth,
      bufferMs: (since("jitterBufferDelay") * 1000) / Math.max(1, since("jitterBufferEmittedCount")),
    };
  }));
}
