// Viewers of a Janus VideoRoom, beside those of page.js: Janus offers, the viewer answers.
// Source: https://janus.conf.meetecho.com/docs/videoroom and /docs/rest (the same messages over a WebSocket).

const KEEP_ALIVE_MS = 25000; // Janus ends a session after 60 s of silence

/** One session with Janus and one handle of its VideoRoom plugin. */
class JanusHandle {
  constructor(url) {
    this.socket = new WebSocket(url, "janus-protocol");
    this.ids = {};
    this.waiting = new Map();
    this.socket.addEventListener("message", ({ data }) => this.heard(JSON.parse(data)));
  }

  async open() {
    await new Promise((resolve, reject) => {
      this.socket.addEventListener("open", resolve);
      this.socket.addEventListener("error", () => reject(new Error("no Janus")));
    });
    this.ids.session_id = (await this.ask({ janus: "create" })).data.id;
    this.ids.handle_id = (await this.ask({ janus: "attach", plugin: "janus.plugin.videoroom" })).data.id;
    setInterval(() => this.ask({ janus: "keepalive" }, "ack"), KEEP_ALIVE_MS);
  }

  heard(message) {
    const wish = this.waiting.get(message.transaction);
    if (!wish || (message.janus === "ack" && wish.wanted !== "ack")) return;
    this.waiting.delete(message.transaction);
    if (message.janus === wish.wanted) wish.resolve(message);
    else wish.reject(new Error(JSON.stringify(message)));
  }

  ask(message, wanted = "success") {
    const transaction = crypto.randomUUID();
    this.socket.send(JSON.stringify({ ...message, ...this.ids, transaction }));
    return new Promise((resolve, reject) => {
      this.waiting.set(transaction, { wanted, resolve, reject });
    });
  }

  say(body, wanted, jsep) {
    return this.ask({ janus: "message", body, ...(jsep && { jsep }) }, wanted);
  }
}

/** Read the time code of each n-th picture that a viewer shows; the promise is for the first picture. */
function observe(viewer, video, every) {
  const canvas = Object.assign(document.createElement("canvas"), { width: CELLS, height: 1 });
  const reader = canvas.getContext("2d", { willReadFrequently: true });
  return new Promise((resolve) => {
    const onPicture = () => {
      viewer.shown += 1;
      if (viewer.shown === 1) resolve();
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
}

/** Watch the first publisher of a room; gives the milliseconds until its first picture. */
async function addJanusViewer({ url, room, every }) {
  const begin = performance.now();
  const video = document.createElement("video");
  Object.assign(video, { muted: true, autoplay: true, playsInline: true, width: 320 });
  document.body.append(video);
  const viewer = { peer: new RTCPeerConnection(), delays: [], unread: 0, shown: 0 };
  viewer.peer.addEventListener("track", ({ track }) => { video.srcObject = new MediaStream([track]); });
  const first = observe(viewer, video, every);

  const handle = new JanusHandle(url);
  await handle.open();
  const listed = await handle.say({ request: "listparticipants", room }, "success");
  const { id } = listed.plugindata.data.participants.find(({ publisher }) => publisher);
  const join = { request: "join", ptype: "subscriber", room, streams: [{ feed: id }] };
  const { jsep } = await handle.say(join, "event");
  await viewer.peer.setRemoteDescription(jsep);
  await viewer.peer.setLocalDescription(await viewer.peer.createAnswer());
  await gathered(viewer.peer);
  const { type, sdp } = viewer.peer.localDescription;
  await handle.say({ request: "start" }, "event", { type, sdp });
  viewers.push(viewer);
  await Promise.race([first, new Promise((_, reject) => { setTimeout(reject, 20000, new Error("no picture")); })]);
  return performance.now() - begin;
}

function gathered(peer) {
  return new Promise((resolve) => {
    const look = () => { if (peer.iceGatheringState === "complete") resolve(); };
    peer.addEventListener("icegatheringstatechange", look);
    look();
  });
}
