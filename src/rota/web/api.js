// The REST API, as this page uses it.

const ROOT = "/api/v1";
const AGAIN_MS = 3000;

/** A refusal of the server, in its words; complaints name fields and remedies. */
export class Refusal extends Error {
  constructor(status, body) {
    super(body.error || `the server answered ${status}`);
    this.status = status;
    this.complaints = body.complaints || [];
  }
}

/** Return what the server says at *path*, with *query* behind it. */
export async function get(path, query = {}, options = {}) {
  return unpack(await fetch(address(path, query), options));
}

let asked = null;

/** Who asks, as what, and what only this page knows to send: asked for once. */
export function session() {
  asked ??= get("/session").catch((error) => {
    asked = null;
    throw error;
  });
  return asked;
}

/** Send *body* to *path*.  The header is what another site's page can neither know nor send. */
export async function post(path, body) {
  const { csrf } = await session();
  const answer = await fetch(ROOT + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Rota-Page": csrf ?? "" },
    body: JSON.stringify(body),
  });
  return unpack(answer);
}

/** Ask for *verb* on jobs and tasks, with what else the verb takes. */
export function ask(verb, targets, options = {}) {
  return post(`/jobs/${verb}`, { targets, ...options });
}

/** Read a log as it grows: *take* gets each piece as bytes, until *signal* or the end. */
export async function follow(path, query, take, signal) {
  const answer = await fetch(address(path, query), { signal });
  if (!answer.ok) return unpack(answer);
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return null;
    take(value);
  }
}

/** Listen to summaries of jobs that change, from history line *since* on. */
export function listen(since, told) {
  const { changed, live, lost } = told;
  let seen = since;
  const stream = new EventSource(address("/events", { level: "job", since }));
  // A browser has six lines to a server for all its pages: one that nobody sees lets go of its own.
  const hide = () => {
    if (!document.hidden) return;
    stream.close();
    document.removeEventListener("visibilitychange", hide);
    document.addEventListener("visibilitychange", () => listen(seen, told), { once: true });
  };
  document.addEventListener("visibilitychange", hide);
  stream.addEventListener("open", live);
  stream.addEventListener("error", () => {
    lost();
    // A browser comes back by itself after a broken line, but not after an answer of refusal.
    if (stream.readyState !== EventSource.CLOSED) return;
    document.removeEventListener("visibilitychange", hide);
    setTimeout(() => listen(seen, told), AGAIN_MS);
  });
  stream.addEventListener("job", (event) => {
    seen = event.lastEventId || seen;
    changed(JSON.parse(event.data));
  });
}

/** The address of *path*, for links. */
export function address(path, query = {}) {
  const pairs = Object.entries(query).filter(
    ([, v]) => v !== null && v !== undefined && v !== "" && String(v) !== "",
  );
  const told = new URLSearchParams(pairs).toString();
  return ROOT + path + (told ? `?${told}` : "");
}

async function unpack(answer) {
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, body);
  return body;
}
