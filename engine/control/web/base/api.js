// Requests to the control API. What is refused is told to the user in one line.

const TIMEOUT_MS = 4000;
const PROBLEM_MS = 6000;

const problem = document.getElementById("problem");
let problemTimer = 0;

/** Tell the user one line, for some seconds. */
export function complain(text) {
  problem.hidden = false;
  problem.textContent = text;
  clearTimeout(problemTimer);
  problemTimer = setTimeout(() => { problem.hidden = true; }, PROBLEM_MS);
}

/**
 * The answer's JSON, or null when the engine refused or did not answer. Without a body it is a GET.
 *
 * @param quiet refusals are not told: an older engine does not know everything that is asked.
 */
export async function ask(path, body, { method = body === undefined ? "GET" : "POST", quiet = false } = {}) {
  // The browser inside some versions of OBS has no signal that times out by itself.
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  const told = quiet ? () => {} : complain;
  try {
    const sent = body === undefined ? {} : {
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    };
    const answer = await fetch(path, { method, ...sent, signal: abort.signal });
    const json = await answer.json();
    if (answer.ok) return json;
    told(json.error);
  } catch {
    told("The engine does not answer.");
  } finally {
    clearTimeout(timer);
  }
  return null;
}
