// The studio's API. What it refuses is an Error with its sentence.

export async function ask(path, { method = null, body = undefined } = {}) {
  const answer = await fetch(`/api${path}`, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.status === 204) return null;
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.sentence ?? `the server says ${answer.status}`);
  return told;
}

const asked = new Map();

// What there is to choose from: styles, targets, places, processors, wishes. Asked once.
export function catalogue(what) {
  if (!asked.has(what)) asked.set(what, ask(`/catalogue/${what}`));
  return asked.get(what);
}
