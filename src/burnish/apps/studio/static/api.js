// The studio's API. What it refuses is an Error with its sentence and its code.

import { unsay } from "./element.js";

const AWAY = "the studio does not answer";

// A fetch; where nobody is there the Error `isAway`. What was said of that is taken back by the next answer.
export async function reach(...asked) {
  try {
    const answer = await fetch(...asked);
    unsay(AWAY);
    return answer;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw Object.assign(new Error(AWAY), { isAway: true });
  }
}

export async function ask(path, { method = null, body = undefined } = {}) {
  const answer = await reach(`/api${path}`, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.status === 204) return null;
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(told.sentence ?? `the server says ${answer.status}`), { code: told.code });
  return told;
}

const asked = new Map();

// What there is to choose from: styles, targets, places, processors, wishes. Asked once.
export function catalogue(what) {
  if (!asked.has(what)) asked.set(what, ask(`/catalogue/${what}`));
  return asked.get(what);
}
