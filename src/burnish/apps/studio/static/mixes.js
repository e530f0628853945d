// Mixes and references of a project: add, open, take away.

import { ask } from "./api.js";
import { button, dropZone, h, loudness, say, telling } from "./element.js";
import { upload as send } from "./sending.js";

// The page of a project anew, with this mix.
function open(project, mix = null) {
  history.replaceState(null, "", `/?project=${project}${mix ? `&mix=${mix}` : "#mixes"}`);
  location.reload();
}

export async function mixesPanel(element, { work, upload }) {
  const list = h("ul", { class: "rows", "aria-label": "Mixes and references" });
  const bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": "Upload" });
  let first = null; // where there was no mix
  const take = (kind) => telling(async (file) => {
    bar.hidden = false;
    say(`${file.name} is being sent.`);
    try {
      const sent = await send(work.id, file, { kind, master: kind === "mix", progress: (part) => { bar.value = part; } });
      if (!upload && kind === "mix") first ??= sent.id;
      say(`${file.name} is safe; it is being read.`);
    } finally {
      bar.hidden = true;
      await work.refresh();
    }
  });
  const failed = ({ id }) => work.newest(id, "read", "analyse").find(({ state }) => state === "failed");
  const known = (one) => {
    if (one.loudness_lufs !== null) return loudness(one);
    return one.verdict === null ? (failed(one)?.failure.sentence ?? "not measured yet") : "silent";
  };
  const draw = () => {
    const rows = work.uploads.filter(({ kind }) => kind !== "artwork").map((one) => h("li", { class: one.id === upload?.id ? "row current" : "row" },
      one.kind === "mix" ? h("a", { href: `/?project=${work.id}&mix=${one.id}` }, one.name) : h("span", {}, `${one.name}, a reference`),
      h("span", { class: "figure" }, known(one)),
      one.id === upload?.id && !failed(one) ? null : button("Delete", telling(async () => {
        await work.ask(`/uploads/${one.id}`, { method: "DELETE" });
        if (one.id === upload?.id) return open(work.id);
        return work.refresh();
      }), { "aria-label": `Delete ${one.name}` })));
    list.replaceChildren(...rows);
  };
  element.replaceChildren(h("div", { class: "columns" },
    dropZone("Add a mix: drop it, or choose a file", take("mix"), { done: () => first && open(work.id, first) }),
    dropZone("Add a reference to be like", take("reference"))), bar, list);
  work.addEventListener("change", draw);
  draw();
  const picks = await ask("/picks").catch(() => []);
  if (!picks.length) return;
  const options = picks.map(({ pick, folder, name }) => h("option", { value: pick }, `${folder}: ${name}`));
  const choice = h("select", { "aria-label": "A mix from the folders" }, options);
  list.before(h("form", { class: "line", onsubmit: telling(async (event) => {
    event.preventDefault();
    await work.ask("/picks", { body: { pick: choice.value } });
    await work.refresh();
  }) }, choice, h("button", {}, "Take it")));
}
