// How well a viewer is served: the browser's own counters and the delay from capture to display, once a second.

import { EngineClock } from "../base/clock.js";

const PERIOD_MS = 1000;
const RTP_CLOCK_PERIOD_MS = 15000;
const KEY_FRAMES_KEPT_MS = 60000;
const RTP_HZ = 90000;

/** Signed way from one 32-bit time stamp to another (RFC 3550: they wrap around). */
const ticksBetween = (from, to) => (to - from) | 0;

function middle(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[sorted.length >> 1] : null;
}

const rounded = (value, places = 0) => (Number.isFinite(value) ? Number(value.toFixed(places)) : null);

/**
 * Measures one WhepPlayer until the page is closed.
 *
 * `onReport` hears once a second while there is a connection; null is what this browser does not tell:
 *   packets_lost, packets_unrecovered (of those), nack, freezes: since the connection began
 *   key_frame_interval_s, rtt_ms, kbps, jitter_buffer_ms, fps, delay_ms (median, capture to display): of late
 *   codec, size ([width, height] in pixels)
 */
export class StatsMeter {
  #video;
  #player;
  #onReport;
  #peer = null;
  #before = null;
  #keyFrames = [];
  #shown = 0;
  #delays = [];
  #clock = new EngineClock();
  #rtpClock = null;
  #asking = false;

  constructor(video, player, onReport) {
    this.#video = video;
    this.#player = player;
    this.#onReport = onReport;
    this.last = null;
    this.#watchPictures();
    setInterval(() => this.#measure(), PERIOD_MS);
    setInterval(() => { if (!document.hidden) this.#askRtpClock(); }, RTP_CLOCK_PERIOD_MS);
  }

  #watchPictures() {
    if (!this.#video.requestVideoFrameCallback) return;
    const shown = (_now, picture) => {
      this.#shown += 1;
      const delayMs = this.#delayMs(picture);
      if (delayMs !== null) this.#delays.push(delayMs);
      this.#video.requestVideoFrameCallback(shown);
    };
    this.#video.requestVideoFrameCallback(shown);
  }

  /** From the picture's capture until it is on the screen; null where either clock is not known. */
  #delayMs({ rtpTimestamp, expectedDisplayTime }) {
    if (!this.#rtpClock || rtpTimestamp === undefined) return null;
    const capturedS = this.#rtpClock.time_s + ticksBetween(this.#rtpClock.rtp, rtpTimestamp) / RTP_HZ;
    const sinceS = this.#clock.sinceS(capturedS);
    return sinceS === null ? null : sinceS * 1000 + expectedDisplayTime - performance.now();
  }

  async #askRtpClock() {
    const { location: session } = this.#player;
    if (!session || this.#asking) return;
    this.#asking = true;
    try {
      const answer = await fetch(`${session}/clock`);
      const rtpClock = answer.ok ? await answer.json() : null;
      if (session === this.#player.location) this.#rtpClock = rtpClock;
    } catch {
      this.#rtpClock = null; // the engine is away, which the player finds out by itself
    } finally {
      this.#asking = false;
    }
  }

  async #measure() {
    const { peer } = this.#player;
    if (!peer) return;
    if (peer !== this.#peer) {
      this.#peer = peer;
      this.#before = null;
      this.#keyFrames = [];
      this.#rtpClock = null;
      this.#clock.start();
    }
    const stats = [...(await peer.getStats()).values()];
    const video = stats.find((s) => s.type === "inbound-rtp" && s.kind === "video");
    if (!video || peer !== this.#player.peer) return;
    const now = { video, atMs: performance.now(), shown: this.#shown };
    const before = this.#before ?? { video: {}, atMs: NaN, shown: 0 };
    this.#before = now;
    if (!this.#rtpClock) this.#askRtpClock();
    this.last = {
      ...lossOf(video, peer),
      ...this.#pace(now, before),
      key_frame_interval_s: rounded(this.#keyFrameInterval(video, now.atMs), 2),
      rtt_ms: rounded(roundTripMs(stats), 1),
      delay_ms: rounded(middle(this.#delays.splice(0)), 1),
      codec: codecOf(stats, video),
      size: [video.frameWidth ?? 0, video.frameHeight ?? 0],
    };
    this.#onReport(this.last);
  }

  /** What has a pace: from one report to the next. */
  #pace(now, before) {
    const seconds = (now.atMs - before.atMs) / 1000;
    const grown = (key) => now.video[key] - (before.video[key] ?? 0);
    return {
      kbps: rounded((grown("bytesReceived") * 8) / 1000 / seconds),
      jitter_buffer_ms: rounded((grown("jitterBufferDelay") / grown("jitterBufferEmittedCount")) * 1000, 1),
      fps: rounded((now.shown - before.shown) / seconds, 1),
      freezes: now.video.freezeCount ?? null,
    };
  }

  /** Mean time between the key frames of the last minute; unknown until there were two. */
  #keyFrameInterval({ keyFramesDecoded: count = 0 }, atMs) {
    const seen = this.#keyFrames;
    if (count !== (seen[seen.length - 1]?.count ?? 0)) seen.push({ count, atMs });
    while (seen.length > 2 && atMs - seen[0].atMs > KEY_FRAMES_KEPT_MS) seen.shift();
    const [first, last] = [seen[0], seen[seen.length - 1]];
    return seen.length < 2 ? NaN : (last.atMs - first.atMs) / 1000 / (last.count - first.count);
  }
}

/**
 * Browsers count a packet as lost although it was sent again on its own stream (RTX, RFC 4588) and came. Some
 * tell how many came so, once one did; without such a stream what came late is taken off the lost ones.
 */
function lossOf(video, peer) {
  const lost = Math.max(video.packetsLost ?? 0, 0);
  const hasRepairs = /^a=ssrc-group:FID /m.test(peer.remoteDescription?.sdp ?? "");
  const tells = video.rtxSsrc !== undefined;
  const repaired = hasRepairs ? video.retransmittedPacketsReceived ?? (tells ? 0 : NaN) : 0;
  return {
    packets_lost: lost,
    packets_unrecovered: lost === 0 ? 0 : rounded(Math.max(lost - repaired, 0)),
    nack: video.nackCount ?? null,
  };
}

function roundTripMs(stats) {
  const chosen = stats.find((s) => s.type === "transport" && s.selectedCandidatePairId)?.selectedCandidatePairId;
  const pair = stats.find((s) => s.type === "candidate-pair" && (chosen ? s.id === chosen : s.selected));
  return (pair?.currentRoundTripTime ?? NaN) * 1000;
}

/** "h264", "vp8"; empty where it is not known yet. */
function codecOf(stats, video) {
  const codec = stats.find((s) => s.id === video.codecId);
  return codec ? codec.mimeType.replace(/^video\//i, "").toLowerCase() : "";
}
