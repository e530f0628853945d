// A project as the server has it, and its jobs as they go on.
//
//     const work = await Work.open(id);
//     const job = await work.done((await work.ask("/versions", { body })).job);
//
// Events: "change" (the project was read again), "job" (detail: the job).

import { ask } from "./api.js";

const ENDED = ["done", "failed", "cancelled"];

export class Work extends EventTarget {
  static async open(id) {
    const work = new Work();
    work.id = id;
    await work.refresh();
    const events = new EventSource(`/api/projects/${id}/events`);
    events.addEventListener("job", ({ data }) => work.#hear(JSON.parse(data)));
    events.addEventListener("open", () => work.#again()); // what was missed meanwhile
    return work;
  }

  jobs = new Map();
  #waiting = new Map();
  #due = null;

  ask(path, asked) {
    return ask(`/projects/${this.id}${path}`, asked);
  }

  async refresh() {
    const row = await this.ask("");
    Object.assign(this, { row, name: row.name, uploads: row.uploads, versions: row.versions, albums: row.albums });
    for (const job of [...row.jobs].reverse()) this.#keep(job);
    this.dispatchEvent(new Event("change"));
  }

  get mixes() {
    return this.uploads.filter(({ kind }) => kind === "mix");
  }

  version(id) {
    return this.versions.find((one) => one.id === id);
  }

  // The newest job of each kind that was asked for of a sound.
  newest(id, ...kinds) {
    const jobs = [...this.jobs.values()].filter(({ of }) => of === id);
    return kinds.map((kind) => jobs.findLast(({ what }) => what === kind)).filter(Boolean);
  }

  // When a job has ended; one that failed or was cancelled is an Error.
  async done(id) {
    const known = this.jobs.get(id);
    const ended = known && ENDED.includes(known.state);
    const job = ended ? known : await new Promise((done) => this.#waiting.set(id, done));
    if (job.state === "done") return job;
    throw new Error(job.failure?.sentence ?? `${job.what}: ${job.state}`);
  }

  #hear(job) {
    this.#keep(job);
    this.dispatchEvent(new CustomEvent("job", { detail: job }));
    if (!ENDED.includes(job.state)) return;
    clearTimeout(this.#due);
    this.#due = setTimeout(() => this.#again(), 100);
  }

  // A server that is away is asked again when its events come back.
  #again() {
    return this.refresh().catch(() => {});
  }

  #keep(job) {
    this.jobs.set(job.job, job);
    if (!ENDED.includes(job.state)) return;
    this.#waiting.get(job.job)?.(job);
    this.#waiting.delete(job.job);
  }
}
