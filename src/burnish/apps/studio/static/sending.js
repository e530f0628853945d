// Files to the studio, in pieces. What breaks off is gone on with where it was: after a while, with
// longer and longer pauses; also when the page was closed, once the same file is given again.
//
//     const mix = await upload(project, file, { master: true, progress: (part) => {} });

import { ask } from "./api.js";

const PIECE = 4 * 2 ** 20; // bytes in one request
const MOST_TRIES = 12; // in a row without a byte that came through
const FIRST_MS = 500;
const LONGEST_MS = 20_000;
const PASSING = [0, 408, 409, 429, 500, 502, 503, 504]; // 0: the way to the server broke

export async function upload(project, file, { kind = "mix", master = false, progress = () => {} } = {}) {
  if (!file.size) throw new Error(`${file.name}: is empty`);
  const asked = { name: file.name, bytes: file.size, kind, master };
  let at = (await begunBefore(project, file, kind)) ?? (await begin(project, file, asked));
  for (let tries = 0; !at.upload;) {
    try {
      const told = (sent) => progress((at.offset + sent) / file.size);
      const next = await send(project, at, file, told);
      tries = next.offset > at.offset || next.upload ? 0 : tries + 1;
      at = next;
    } catch (error) {
      tries += 1;
      if (!error.isPassing) forget(file, kind);
      if (!error.isPassing || tries > MOST_TRIES) throw error;
      await pause(tries);
      const before = at.offset;
      at = (await where(project, at)) ?? (await begin(project, file, asked).catch(() => at));
      if (at.offset > before) tries = 0;
    }
  }
  forget(file, kind);
  progress(1);
  return at.upload;
}

// The project where this file broke off, if it can be gone on with.
export async function brokenOff(file, kind = "mix") {
  const { project = null } = noted(file, kind);
  return project && (await begunBefore(project, file, kind)) ? project : null;
}

async function begin(project, file, asked) {
  const at = await ask(`/projects/${project}/transfers`, { body: asked });
  try {
    localStorage.setItem(key(file, asked.kind), JSON.stringify({ project, transfer: at.transfer }));
  } catch { /* a browser that keeps nothing */ }
  return at;
}

async function begunBefore(project, file, kind) {
  const before = noted(file, kind);
  if (before.project !== project) return null;
  const at = await ask(`/projects/${project}/transfers/${before.transfer}`).catch(() => null);
  return at && !at.upload && at.bytes === file.size ? at : null;
}

// How far it is; null: it is not there any more. A server that is away leaves it as it was.
async function where(project, at) {
  const answer = await fetch(`/api/projects/${project}/transfers/${at.transfer}`).catch(() => null);
  if (answer?.status === 404) return null;
  return answer?.ok ? answer.json() : at;
}

function send(project, { transfer, offset }, file, told) {
  const request = new XMLHttpRequest();
  request.open("PATCH", `/api/projects/${project}/transfers/${transfer}?offset=${offset}`);
  request.responseType = "json";
  request.upload.addEventListener("progress", ({ loaded }) => told(loaded));
  return new Promise((done, failed) => {
    const fail = (sentence) => failed(Object.assign(new Error(sentence), { isPassing: PASSING.includes(request.status) }));
    request.addEventListener("load", () => {
      if (request.status < 300) done(request.response);
      else fail(request.response?.sentence ?? `the server says ${request.status}`);
    });
    request.addEventListener("error", () => fail(`${file.name}: the way to the server broke; drop it again to go on`));
    request.send(file.slice(offset, offset + PIECE));
  });
}

function pause(tries) {
  const ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** (tries - 1));
  return new Promise((over) => setTimeout(over, ms * (0.75 + Math.random() / 2)));
}

function key({ name, size, lastModified }, kind) {
  return `transfer/${kind}/${size}/${lastModified}/${name}`;
}

function noted(file, kind) {
  try {
    return JSON.parse(localStorage.getItem(key(file, kind))) ?? {};
  } catch {
    return {};
  }
}

function forget(file, kind) {
  try {
    localStorage.removeItem(key(file, kind));
  } catch { /* as above */ }
}
