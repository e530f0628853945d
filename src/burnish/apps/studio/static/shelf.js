// The first page: drop a mix, or pick one of the folders, or open a project again.

import { ask } from "./api.js";
import { button, dropZone, h, say, shape, telling, when } from "./element.js";
import { brokenOff, upload } from "./sending.js";

const LONGEST_NAME = 200;

export async function shelf(main) {
  const [projects, picks] = await Promise.all([ask("/projects"), ask("/picks")]);
  const bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": "Upload" });
  let first = null; // of several songs of one drop, which become one project
  const take = telling(async (file) => {
    const id = first?.project ?? (await brokenOff(file)) ?? (await ask("/projects", { body: { name: plainName(file.name) } })).id;
    bar.hidden = false;
    say(`${file.name} is being sent.`);
    try {
      const mix = await upload(id, file, { master: true, progress: (part) => { bar.value = part; } });
      first ??= { project: id, mix: mix.id };
    } catch (error) {
      bar.hidden = true;
      // What broke off is gone on with when it is dropped again; what was refused is not.
      if (!error.isPassing && !first) await ask(`/projects/${id}`, { method: "DELETE" }).catch(() => {});
      throw error;
    }
  });
  const drop = dropZone("Drop a mix here, or choose a file", take, { done: () => first && go(first.project, first.mix) });
  drop.classList.add("large");
  drop.prepend(glyph());
  main.replaceChildren(h("div", { class: "shelf" },
    h("h1", {}, "Drop a mix, hear a master"), drop, bar,
    picks.length ? picked(picks) : null,
    h("section", { "aria-labelledby": "projects" }, h("h2", { id: "projects" }, "Projects"),
      projects.length ? h("ul", { class: "rows" }, projects.map(project)) : h("p", { class: "empty" }, "None yet. A project holds a song’s mix, its versions, references and album; it is kept until you delete it."))));
}

// A mix, and what becomes of it.
function glyph() {
  const svg = shape("svg", { viewBox: "0 0 208 72", class: "glyph", "aria-hidden": "true" });
  for (let k = 0; k < 26; k++) {
    const swing = 0.35 + 0.65 * Math.abs(Math.sin(k * 1.9) * Math.sin(k * 0.37 + 0.4));
    const made = k / 25;
    const tall = 66 * (swing * (1 - made) + (0.62 + 0.38 * swing) * made);
    shape("rect", { class: k < 13 ? "rough" : "made", x: 8 * k + 1, y: 36 - tall / 2, width: 5, height: tall, rx: 2.5 }, svg);
  }
  return svg;
}

function project({ id, name, changed_at }) {
  const row = h("li", { class: "row" }, h("a", { href: `/?project=${id}` }, name),
    h("span", { class: "note" }, when(changed_at)),
    button("Delete", telling(async () => {
      if (!confirm(`Delete ${name}, with its mixes and versions?`)) return;
      await ask(`/projects/${id}`, { method: "DELETE" });
      row.remove();
    }), { "aria-label": `Delete ${name}` }));
  return row;
}

function picked(picks) {
  const options = picks.map(({ pick, folder, name }) => h("option", { value: pick }, `${folder}: ${name}`));
  const choice = h("select", { "aria-label": "A mix from the folders" }, options);
  const take = telling(async (event) => {
    event.preventDefault();
    const { name } = picks.find(({ pick }) => pick === choice.value);
    const { id } = await ask("/projects", { body: { name: plainName(name.split("/").at(-1)) } });
    const mix = await ask(`/projects/${id}/picks`, { body: { pick: choice.value } });
    go(id, mix.id, "&master=1");
  });
  return h("form", { class: "line", onsubmit: take }, choice, h("button", {}, "Take it"));
}

function go(project, mix, more = "") {
  location.assign(`/?project=${project}&mix=${mix}${more}`);
}

function plainName(name) {
  return [...(name.replace(/\.[^.]*$/, "") || name)].slice(0, LONGEST_NAME).join("");
}
