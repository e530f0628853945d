// Jobs: what is being done, how far it is, and away with it.

import { button, h, telling } from "./element.js";

const WORDS = { read: "Read", analyse: "Look at the mix", master: "Master", render: "Render the steps", through: "Play it elsewhere", album: "Album" };
const MOST = 30;
const STALLED_S = 30; // a job that does not move for so long is said to

export function jobsPanel(element, { work, line }) {
  const list = h("ul", { class: "rows jobs", "aria-label": "Jobs" });
  element.replaceChildren(list);
  const rows = new Map();

  const draw = () => {
    const jobs = [...work.jobs.values()].sort((a, b) => b.submitted_at.localeCompare(a.submitted_at)).slice(0, MOST);
    list.replaceChildren(...jobs.map((job) => shown(job)));
    if (!jobs.length) list.replaceChildren(h("li", { class: "empty" }, "Nothing was asked yet."));
    told();
  };

  const shown = (job) => {
    let row = rows.get(job.job);
    if (!row) rows.set(job.job, (row = made(job)));
    const place = `${job.state} ${job.stage} ${job.done}`;
    if (row.place !== place) Object.assign(row, { place, since: Date.now() });
    row.job = job;
    call(row, `${job.draft ? "Draft" : (WORDS[job.what] ?? job.what)}${nameOf(work, job)}`);
    const runs = ["waiting", "running"].includes(job.state);
    row.bar.hidden = row.cancel.hidden = !runs;
    row.bar.value = job.done;
    const words = runs ? (job.stage ? `${job.stage}, ${Math.round(100 * job.done)} %` : "waits") : job.state;
    const still_s = Math.round((Date.now() - row.since) / 1000);
    const isStalled = job.state === "running" && still_s >= STALLED_S;
    const stalled = isStalled ? `; has not moved for ${still_s} s. It is ended when its time is over; or cancel it` : "";
    const text = job.failure ? `${words}: ${job.failure.sentence}` : words + stalled;
    row.element.toggleAttribute("data-stalled", isStalled);
    if (row.state.textContent !== text) row.state.textContent = text;
    row.element.dataset.state = job.state;
    return row.element;
  };

  const made = (job) => {
    const name = h("span");
    const bar = h("progress", { max: 1 });
    const state = h("span", { class: "note state" });
    const stop = telling(() => work.ask(`/jobs/${job.job}/cancel`, { method: "POST" }));
    const cancel = button("Cancel", stop);
    return { name, bar, state, cancel, element: h("li", { class: "job" }, name, bar, state, cancel) };
  };

  // What it is of may come to be known later.
  const call = ({ name, bar, cancel }, text) => {
    if (name.textContent === text) return;
    name.textContent = text;
    bar.setAttribute("aria-label", text);
    cancel.setAttribute("aria-label", `Cancel: ${text}`);
  };

  // The line in the header: what runs now.
  const told = () => {
    const running = [...work.jobs.values()].filter(({ state }) => state === "running");
    const [first] = running;
    const text = first ? `${WORDS[first.what] ?? first.what} ${Math.round(100 * first.done)} %${running.length > 1 ? `, and ${running.length - 1} more` : ""}` : "";
    if (line.textContent !== text) line.textContent = text;
  };

  work.addEventListener("job", ({ detail }) => {
    if (!rows.has(detail.job)) draw();
    else {
      shown(detail);
      told();
    }
  });
  work.addEventListener("change", draw);
  setInterval(() => {
    for (const { job } of rows.values()) if (job?.state === "running") shown(job);
  }, 1000);
  draw();
}

function nameOf(work, { of }) {
  const upload = work.uploads.find(({ id }) => id === of);
  const version = work.versions.find(({ id }) => id === of);
  const album = work.albums.find(({ id }) => id === of);
  const name = upload?.name ?? (version ? `version ${version.number}` : album?.title);
  return name ? `: ${name}` : "";
}
