/** Where a WebSocket of this server is: encrypted where the page is. */
export function socketAddress(path) {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
}
