// What viewers (WHEP) and cameras (WHIP, RFC 9725) have in common: one POST with an offer, answered with a session.

const ANSWER_MS = 5000;
const RETRY_MS = [200, 500, 1000, 2000, 4000];

/** What the engine answered instead of a session. */
export class Refusal extends Error {
  constructor(status, text, retryMs) {
    super(text);
    this.status = status;
    this.retryMs = retryMs > 0 ? retryMs : RETRY_MS[RETRY_MS.length - 1];
  }
}

async function refusalOf(answer) {
  const { error } = await answer.json().catch(() => ({}));
  const text = answer.status === 401 ? "This address is no longer valid. Ask for a new one." : error;
  const retryMs = 1000 * Number.parseFloat(answer.headers.get("Retry-After") ?? "");
  return new Refusal(answer.status, text ?? "The engine refuses.", retryMs);
}

/** How long to wait before the next of several tries. */
export const retryMsOf = (tries) => RETRY_MS[Math.min(tries, RETRY_MS.length - 1)];

/** As fetch, but it fails after a while; older browsers have no signal that times out by itself. */
export async function fetchSoon(url, options = {}, timeoutMs = ANSWER_MS) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    return await fetch(url, { ...options, signal: abort.signal });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Offer what `peer` has. Its addresses need not be known yet: it is this side that looks for the engine.
 *
 * @returns {session, accept}: the session's address, to be ended with `hangUp`, and what gives the answer to `peer`.
 * @throws Refusal, or what fetch throws when nobody answers.
 */
export async function offer(peer, url) {
  await peer.setLocalDescription(await peer.createOffer());
  const body = peer.localDescription.sdp;
  const answer = await fetchSoon(url, { method: "POST", headers: { "Content-Type": "application/sdp" }, body });
  if (answer.status !== 201) throw await refusalOf(answer);
  const session = new URL(answer.headers.get("Location"), url).href;
  const sdp = await answer.text();
  return { session, accept: () => peer.setRemoteDescription({ type: "answer", sdp }) };
}

/** End a session. It is told even while the page is being closed, so that the engine need not find out. */
export function hangUp(session) {
  if (session) fetch(session, { method: "DELETE", keepalive: true }).catch(() => {});
}
