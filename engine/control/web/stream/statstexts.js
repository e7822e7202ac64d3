// A viewer's statistics in words and numbers for people.

const known = (value, text) => (value === null || value === undefined ? "not known here" : text(value));

/** @param stats what StatsMeter reports. */
export function statsTexts(stats) {
  const lost = (count) => {
    if (count === 0) return "0";
    const gone = stats.packets_unrecovered;
    return `${count}, for good: ${gone === null ? "not known here" : gone}`;
  };
  const [width, height] = stats.size;
  return {
    delay: known(stats.delay_ms, (ms) => `${Math.round(ms)} ms`),
    lost: known(stats.packets_lost, lost),
    nack: known(stats.nack, String),
    keyFrames: stats.key_frame_interval_s === null ? "–" : `${stats.key_frame_interval_s.toFixed(1)} s`,
    roundTrip: known(stats.rtt_ms, (ms) => `${ms.toFixed(1)} ms`),
    bitRate: stats.kbps === null ? "–" : `${(stats.kbps / 1000).toFixed(1)} Mbit/s`,
    jitterBuffer: known(stats.jitter_buffer_ms, (ms) => `${Math.round(ms)} ms`),
    pictures: `${width}×${height}, ${stats.fps === null ? "–" : Math.round(stats.fps)} per second, ${stats.codec}`,
    freezes: known(stats.freezes, String),
  };
}
