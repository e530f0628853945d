// Versions: every render with its sheet, note and comments; to hear, compare, go back to, and share.

import { button, h, loudness, telling, when } from "./element.js";
import { label, unitOf } from "./fields.js";
import { sharing } from "./sharing.js";
import { clock } from "./waveform.js";

const MOST = 20; // figures that are compared

export function versionsPanel(element, { work, stage, desk }) {
  const list = h("ol", { class: "rows", "aria-label": "Versions" });
  const compared = h("div", { role: "region", "aria-label": "Comparison", tabindex: 0, class: "wide", hidden: true });
  element.replaceChildren(list, compared);
  const drawn = new Map(); // id -> {key, row}

  const draw = () => {
    const rows = stage.versions.toReversed().map((version) => {
      const name = `v/${version.id}`;
      const key = JSON.stringify([desk.version === null, version.id === desk.version?.id, stage.player.sounds.has(name)]);
      const known = drawn.get(version.id);
      const note = known?.row.querySelector("textarea");
      if (note && note !== document.activeElement) note.value = version.note;
      if (known?.key === key || known?.row.contains(document.activeElement.closest("textarea, input"))) return known.row;
      const made = row(version, name);
      drawn.set(version.id, { key, row: made });
      return made;
    });
    for (const one of [...list.children]) if (!rows.includes(one)) one.remove();
    rows.forEach((one, k) => one !== list.children[k] && list.insertBefore(one, list.children[k] ?? null));
    if (!rows.length) list.replaceChildren(h("li", { class: "empty" }, "There is no version yet; the first master makes one."));
  };
  list.addEventListener("focusout", () => setTimeout(draw)); // a row is not drawn anew while somebody writes in it

  const row = (version, name) => {
    const path = `/versions/${version.id}`;
    const file = (what) => `/api/projects/${work.id}${path}/${what}`;
    const title = `version ${version.number}`;
    const isHeard = stage.player.sounds.has(name);
    const note = h("textarea", { rows: 2, maxlength: 10000, "aria-label": `Note on ${title}`, placeholder: "Note" });
    note.value = version.note;
    note.addEventListener("change", telling(async () => {
      await work.ask(path, { method: "PATCH", body: { note: note.value } });
      await work.refresh();
    }));
    const more = h("details", {}, h("summary", {}, "Comments and links"));
    more.addEventListener("toggle", telling(async () => {
      if (more.open && more.children.length === 1) more.append(await comments(path, version), await sharing(work, path));
    }));
    const isCurrent = version.id === desk.version?.id;
    const listed = telling(async () => (isHeard ? stage.leave(name) : stage.hear(version)));
    const back = telling(() => desk.load(version));
    const away = telling(async () => {
      if (!confirm(`Delete ${title} with its comments and links?`)) return;
      stage.leave(name);
      await work.ask(path, { method: "DELETE" });
      await work.refresh();
    });
    return h("li", { class: isCurrent ? "row current" : "row" },
      h("div", { class: "title" }, h("h3", {}, `Version ${version.number}`), h("span", { class: "figure" }, loudness(version)),
      h("span", { class: "note" }, `${when(version.created_at)}${version.edited ? ", by hand" : ""}`)),
      note,
      h("div", { class: "tools" },
        isCurrent && isHeard ? null : button(isHeard ? "Take from the list" : "Put in the list", listed, { "aria-label": `${isHeard ? "Take" : "Put"} ${title} ${isHeard ? "from" : "in"} the list` }),
        isCurrent ? h("span", { class: "note" }, "is what you change") : button("Go back to this", back, { "aria-label": `Go back to ${title}` }),
        isCurrent || !desk.version ? null : button("Compare", telling(() => compare(version)), { "aria-label": `Compare ${title}` }),
        h("a", { href: file("master"), download: "" }, "Master"), h("a", { href: file("sheet"), download: "" }, "Recall sheet"),
        h("a", { href: file("report"), target: "_blank", rel: "noopener" }, "Report"),
        isCurrent ? null : button("Delete", away, { "aria-label": `Delete ${title}` })),
      more);
  };

  const compare = async (other) => {
    const told = await work.ask(`/compare?a=${desk.version.id}&b=${other.id}`);
    const rows = [
      ...Object.entries(told.settings).map(([name, pair]) => [label(name), pair]),
      ...Object.entries(told.after).filter(([, { a, b }]) => Math.abs(a - b) >= 0.05).slice(0, MOST).map(([name, pair]) => [label(name), pair, unitOf(name)]),
      ...told.steps.map(({ a, b }) => [label((a ?? b).processor), stepsApart(a, b)]),
    ];
    compared.replaceChildren(h("table", { class: "figures" }, h("caption", {}, `Version ${told.a.number} and version ${told.b.number}`),
      h("tbody", {}, h("tr", {}, h("td"), ...["a", "b"].map((one) => h("th", { scope: "col" }, `Version ${told[one].number}`))),
        rows.map(([name, { a, b }, unit = ""]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, plain(a)), h("td", {}, `${plain(b)} ${unit}`))))));
    compared.hidden = false;
    compared.focus();
  };

  const comments = async (path, version) => {
    const rows = h("ul", { class: "comments" });
    const read = async () => {
      const told = await work.ask(`${path}/comments`);
      rows.replaceChildren(...told.map((one) => h("li", {}, at(one), ` ${one.author || (one.by_link ? "A client" : "You")}: ${one.text} `,
        button("×", telling(async () => {
          await work.ask(`${path}/comments/${one.id}`, { method: "DELETE" });
          await read();
        }), { "aria-label": `Delete the comment: ${one.text.slice(0, 40)}` }))));
    };
    const at = ({ at_s }) => button(clock(at_s), () => {
      if (stage.player.sounds.has(`v/${version.id}`)) stage.player.select(`v/${version.id}`);
      stage.playAt(at_s);
    }, { "aria-label": `Hear ${clock(at_s)}` });
    const text = h("input", { type: "text", maxlength: 4000, "aria-label": `Comment on version ${version.number}` });
    const add = telling(async (event) => {
      event.preventDefault();
      if (!text.value.trim()) return;
      const { position, rate_hz } = stage.player;
      await work.ask(`${path}/comments`, { body: { text: text.value, at_s: position / rate_hz } });
      text.value = "";
      await read();
    });
    await read();
    return h("div", {}, rows, h("form", { class: "line", onsubmit: add }, text, h("button", {}, "Comment here")));
  };

  work.addEventListener("change", draw);
  desk.addEventListener("load", draw);
  stage.addEventListener("heard", draw);
  draw();
}

function stepsApart(a, b) {
  if (!a || !b) return { a: a ? "there" : "none", b: b ? "there" : "none" };
  const names = Object.keys(a.settings).filter((name) => JSON.stringify(a.settings[name]) !== JSON.stringify(b.settings[name]));
  const words = (step) => [step.bypass ? "bypassed" : null, ...names.map((name) => `${label(name)} ${plain(step.settings[name])}`)].filter(Boolean).join(", ");
  return a.processor === b.processor ? { a: words(a), b: words(b) } : { a: a.processor, b: b.processor };
}

function plain(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return `${+value.toFixed(2)}`.replace("-", "−");
  if (Array.isArray(value)) return `${value.length} of them`;
  return typeof value === "object" ? Object.values(value).map(plain).join(" ") : String(value);
}
