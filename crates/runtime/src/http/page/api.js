// The admin API, asked with the token of this tab.

const TOKEN = "jobwatch-token";

/** How long an answer may take, in milliseconds: longer than the server takes to give one up. */
const PATIENCE = 35_000;

/** Below this, in milliseconds, the clocks of server and browser count as equal. */
const TOLERANCE = 2_000;

let skew = 0;

/** An answer that is a refusal, with its status. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  /** Whether it is the token that is refused. */
  get isAboutToken() {
    return this.status === 401 || this.status === 403;
  }
}

export const token = {
  get: () => sessionStorage.getItem(TOKEN),
  keep: (text) => sessionStorage.setItem(TOKEN, text),
  forget: () => sessionStorage.removeItem(TOKEN),
};

/** The server's time in milliseconds, as far as its answers tell. */
export function now() {
  return Date.now() + skew;
}

/** Asks, and returns what is answered. Throws `Refused`, or the error of a connection. */
async function ask(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: { authorization: `Bearer ${token.get()}` },
    body: body && JSON.stringify(body),
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE),
  });
  follow(answer.headers.get("date"));
  const text = await answer.text();
  let said;
  try {
    said = JSON.parse(text);
  } catch {
    // Something between answers in its own words.
    throw new Refused(answer.status, `an answer that is no JSON: ${answer.status} ${answer.statusText}`);
  }
  if (!answer.ok) throw new Refused(answer.status, String(said.error ?? answer.statusText));
  return said;
}

function follow(date) {
  const served = Date.parse(date);
  // The header has whole seconds.
  const difference = served + 500 - Date.now();
  if (!Number.isNaN(served)) skew = Math.abs(difference) < TOLERANCE ? 0 : difference;
}

const path = (name, action) => `jobs/${encodeURIComponent(name)}${action}`;

export const list = () => ask("GET", "jobs");
export const detail = (name) => ask("GET", path(name, ""));
export const trigger = (name, reason) => ask("POST", "jobs/trigger", { job_name: name, reason: reason || undefined });
export const pause = (name) => ask("POST", path(name, "/pause"));
export const resume = (name) => ask("POST", path(name, "/resume"));
export const cancel = (name) => ask("POST", path(name, "/cancel"));
