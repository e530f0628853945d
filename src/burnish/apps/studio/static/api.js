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

// A file as it is; `progress` is told the part that is sent.
export function upload(project, file, { kind = "mix", master = false, progress = () => {} } = {}) {
  const query = new URLSearchParams({ name: file.name, kind, master });
  const request = new XMLHttpRequest();
  request.open("POST", `/api/projects/${project}/uploads?${query}`);
  request.responseType = "json";
  request.upload.addEventListener("progress", ({ loaded, total }) => progress(loaded / total));
  return new Promise((done, failed) => {
    request.addEventListener("load", () => {
      if (request.status < 300) done(request.response);
      else failed(new Error(request.response?.sentence ?? `the server says ${request.status}`));
    });
    request.addEventListener("error", () => failed(new Error(`${file.name}: the way to the server broke`)));
    request.send(file);
  });
}
