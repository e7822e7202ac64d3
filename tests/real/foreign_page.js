async (target) => {
  const got = {};
  const json = '{"view":"main","kind":"next"}';
  const socket = target.replace(/^http/, "ws");
  const tell = (name, promise) => promise.then((what) => { got[name] = what; }, () => { got[name] = "refused"; });
  const patience = (ms) => new Promise((done) => setTimeout(() => done("refused"), ms));

  const ask = (path, options) => fetch(target + path, { credentials: "include", ...options }).then(
    (answer) => (answer.type === "opaque" || answer.type === "opaqueredirect" ? "opaque" : String(answer.status)));

  const post = (mode, type, body, path = "/api/target", method = "POST") =>
    ask(path, { method, mode, headers: { "Content-Type": type }, body });

  /** An element that loads something: "loaded" is what must not be. */
  const embed = (tag, attributes) => Promise.race([patience(3000), new Promise((done) => {
    const element = document.createElement(tag);
    element.onload = element.onloadeddata = () => done("loaded");
    element.onerror = () => done("refused");
    Object.assign(element, attributes);
    document.body.append(element);
  })]);

  /** A frame's load event tells nothing; its document does, and so does what it can be told. */
  const frame = async (path) => {
    const element = document.createElement("iframe");
    const loaded = new Promise((done) => { element.onload = done; });
    element.src = target + path;
    document.body.append(element);
    await Promise.race([loaded, patience(3000)]);
    try {
      return element.contentDocument?.body?.innerText ? "read" : "refused";
    } catch {
      return "refused";
    }
  };

  const form = async (type) => {
    const hole = document.createElement("iframe");
    hole.name = `hole ${type}`;
    const element = document.createElement("form");
    Object.assign(element, { action: `${target}/api/target`, method: "post", enctype: type, target: hole.name });
    const field = document.createElement("input");
    Object.assign(field, { name: '{"view":"main","kind":"next","x":"', value: '"}' });
    element.append(field);
    document.body.append(hole, element);
    const loaded = new Promise((done) => { hole.onload = done; });
    element.submit();
    await Promise.race([loaded, patience(3000)]);
    return "refused";
  };

  const open = (path) => Promise.race([patience(3000), new Promise((done) => {
    const channel = new WebSocket(socket + path);
    channel.onopen = () => done("opened");
    channel.onerror = () => done("refused");
  })]);

  const listen = () => Promise.race([patience(3000), new Promise((done) => {
    const source = new EventSource(`${target}/stream/main.mjpeg`, { withCredentials: true });
    source.onopen = () => { source.close(); done("opened"); };
    source.onerror = () => { source.close(); done("refused"); };
  })]);

  const style = () => Promise.race([patience(3000), new Promise((done) => {
    const element = document.createElement("link");
    Object.assign(element, { rel: "stylesheet", onload: () => done("loaded"), onerror: () => done("refused") });
    element.href = `${target}/web/room/style.css`;
    document.head.append(element);
  })]);

  await Promise.all([
    tell("fetch state", ask("/api/state", { mode: "cors" })),
    tell("fetch state blind", ask("/api/state", { mode: "no-cors" })),
    tell("fetch links", ask("/api/access", { mode: "cors" })),
    tell("fetch preset", ask("/api/preset", { mode: "cors" })),
    tell("post json", post("cors", "application/json", json)),
    tell("post text", post("no-cors", "text/plain", json)),
    tell("post form", post("no-cors", "application/x-www-form-urlencoded", json)),
    tell("post multipart", post("no-cors", "multipart/form-data; boundary=a", json)),
    tell("post typeless", ask("/api/target", { method: "POST", mode: "no-cors", body: new Blob([json]) })),
    tell("post preset", post("no-cors", "text/plain", '{"toml":""}', "/api/preset")),
    tell("put preset", post("cors", "application/json", '{"toml":null}', "/api/presets/x", "PUT")),
    tell("delete preset", ask("/api/presets/x", { method: "DELETE", mode: "cors" })),
    tell("load preset", ask("/api/presets/webcam/load", { method: "POST", mode: "no-cors" })),
    tell("offer", post("cors", "application/sdp", "v=0\r\n", "/whep/main")),
    tell("offer blind", post("no-cors", "text/plain", "v=0\r\n", "/whip/phone")),
    tell("sign in blind", ask("/login?t=c.AAAA", { mode: "no-cors" })),
    tell("events", open("/api/events")),
    tell("wide", open("/api/wide")),
    tell("event source", listen()),
    tell("picture", embed("img", { src: `${target}/stream/main.mjpeg` })),
    tell("thumbnail", embed("img", { src: `${target}/people/1.jpg` })),
    tell("icon", embed("img", { src: `${target}/web/base/icon.svg` })),
    tell("video", embed("video", { src: `${target}/stream/main.mjpeg` })),
    tell("script", embed("script", { src: `${target}/web/base/api.js`, type: "module" })),
    tell("plain script", embed("script", { src: `${target}/api/state` })),
    tell("style", style()),
    tell("frame", frame("/")),
    tell("frame of a view", frame("/watch/main")),
    tell("form", form("text/plain")),
    tell("encoded form", form("application/x-www-form-urlencoded")),
  ]);
  got.beacon = navigator.sendBeacon(`${target}/api/target`, json) ? "opaque" : "refused";
  await new Promise((done) => setTimeout(done, 300));
  return got;
}
