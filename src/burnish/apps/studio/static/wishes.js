// Change its mind: what is asked of the master, and the loudness along its curve. It is decided anew
// from the mix, and heard, at once; a version of it is rendered.

import { catalogue } from "./api.js";
import { curve } from "./curve.js";
import { button, figure, h, redrawn, say, telling } from "./element.js";
import { field, label } from "./fields.js";

const FIRST = ["intensity", "low_db", "mid_db", "high_db", "width", "warmth"];
const BEHIND = ["for_", "style", "reference", "match", "loudness_lufs", "stop"];

export async function wishesPanel(element, desk) {
  const [wishes, styles, targets] = await Promise.all(["wishes", "styles", "targets"].map(catalogue));
  const rows = wishes.master;
  const row = (name) => rows.find((one) => one.name === name);
  const set = (name) => (value, isDone) => desk.edit({ wishes: { ...desk.wishes, [name]: value } }, isDone);
  const bar = actions(desk);
  const lead = h("p", { class: "lead" });
  let isOpen = false;
  const draw = () => {
    const asked = desk.wishes;
    lead.textContent = about(desk);
    const own = (one) => field(one, asked[one.name] ?? one.default, set(one.name));
    const style = field({ ...row("style"), choices: ["auto", ...styles.map(({ name }) => name)] }, asked.style ?? "auto", set("style"));
    const none = { ...row("for_"), name: "target", default: "", choices: ["", ...targets.map(({ name }) => name)] };
    const target = field(none, asked.for_?.[0] ?? "", (value, isDone) => set("for_")(value ? [value] : null, isDone));
    target.querySelector("option").textContent = "anywhere";
    const more = rows.filter(({ name, default: plain }) => ![...FIRST, ...BEHIND].includes(name) && !Array.isArray(plain));
    element.replaceChildren(
      lead,
      h("div", { class: "columns" },
        h("section", {}, h("h3", {}, "Aim"), style, target, references(desk, asked, set), loudness(desk, set)),
        h("section", {}, h("h3", {}, "Sound"), FIRST.map((name) => own(row(name))))),
      h("details", { open: isOpen, ontoggle: ({ target }) => { isOpen = target.open; } },
        h("summary", {}, "More wishes"), h("div", { class: "columns" }, more.map(own), own(row("stop")))),
      bar);
  };
  for (const type of ["load", "change"]) desk.addEventListener(type, () => redrawn(element, draw));
  let n_likes = likes(desk).length;
  desk.work.addEventListener("change", () => {
    if (lead.textContent !== about(desk)) lead.textContent = about(desk);
    if (likes(desk).length !== n_likes) redrawn(element, draw);
    n_likes = likes(desk).length;
  });
  draw();
}

function likes({ work }) {
  return work.uploads.filter(({ kind }) => kind === "reference");
}

function about({ version, work, stage }) {
  const [first] = work.newest(stage.upload.id, "master");
  if (!version && ["failed", "cancelled"].includes(first?.state)) return `There is no master yet. ${first.failure?.sentence ?? "It was cancelled."}`;
  if (!version) return "The first master is on its way; it will be here when it is done.";
  const { style, loudness_lufs, ceiling_dbtp } = version.plan.target;
  const aimed = `Version ${version.number} aims at ${style ?? "its own"}, ${figure(loudness_lufs, 1, "LUFS")}, ${figure(ceiling_dbtp, 1, "dBTP")}.`;
  return version.stopped_by ? `${aimed} ${version.stopped_by.sentence}` : aimed;
}

// What it shall be like: sounds of the project.
function references(desk, asked, set) {
  const others = likes(desk);
  if (!others.length) return h("p", { class: "note" }, "Add a reference under Mixes to be like it.");
  const box = h("fieldset", { class: "choices" }, h("legend", {}, "Like"));
  for (const one of others) {
    const input = h("input", { type: "checkbox", value: one.id });
    input.checked = (asked.reference ?? []).includes(one.id);
    input.addEventListener("change", () => {
      const chosen = [...box.querySelectorAll("input:checked")].map(({ value }) => value);
      set("reference")(chosen.length ? chosen : null, true);
    });
    box.append(h("label", {}, input, ` ${one.name}`));
  }
  return box;
}

function loudness(desk, set) {
  const points = desk.version?.plan.target.tradeoff ?? [];
  const box = h("div", { class: "loudness" });
  const known = points.length > 1;
  const [low, high] = known ? [points[0].loudness_lufs, points.at(-1).loudness_lufs] : [-24, -6];
  const aim = desk.version?.plan.target.loudness_lufs ?? -14;
  const is = () => desk.wishes.loudness_lufs;
  const show = () => {
    const lufs = typeof is() === "number" ? is() : aim;
    const point = points.find((one) => one.loudness_lufs >= lufs - 0.05);
    const told = point ? `Peak to loudness ${figure(point.plr_db, 1, "dB")}${point.stopped_by ? `; held back by ${point.stopped_by}` : ""}.` : "";
    picture.replaceChildren(known ? curve(points, lufs) : "");
    note.textContent = is() === null || is() === undefined ? `As burnish decides: ${figure(aim, 1, "LUFS")}. ${told}` : told;
  };
  const picture = h("div");
  const note = h("p", { class: "note" });
  const range = { low: Math.floor(low), high: Math.ceil(high), unit: "LUFS", scale: "linear" };
  const row = { name: "loudness_lufs", default: aim, ...range, choices: [], help: "Integrated loudness to reach." };
  const slider = field(row, typeof is() === "number" ? is() : aim, (value, isDone) => {
    set("loudness_lufs")(value, isDone);
    show();
  });
  const decide = button("As burnish decides", () => {
    set("loudness_lufs")(null, true);
    desk.redraw();
  });
  show();
  box.append(picture, slider, note, decide);
  return box;
}

// How near to the master it is what is heard.
function heardAs(desk) {
  if (desk.isDrafted) return "It is rendered, and kept at once.";
  const { loudness_lufs, held_by } = desk.sketch ?? {};
  if (desk.now.isDue || desk.now.by !== "wishes" || loudness_lufs === undefined) return "";
  const held = held_by ? `, held back by ${held_by}` : "";
  return `You hear about ${figure(loudness_lufs, 1, "LUFS")}${held}; the exact loudness is found when it is rendered.`;
}

function actions(desk) {
  const master = button("Make this master", telling(async () => {
    say("A new master is being made.");
    const made = await desk.render("wishes");
    if (made) say(`Version ${made.number} is there.`);
  }), { class: "main" });
  const asked = h("p", { class: "note" });
  const show = () => {
    const names = Object.keys(desk.wishes).filter((name) => JSON.stringify(desk.wishes[name]) !== JSON.stringify(desk.version?.settings?.[name]));
    asked.textContent = desk.hasWishes ? `Changed: ${names.map(label).join(", ").toLowerCase()}. ${heardAs(desk)}` : "";
  };
  for (const type of ["load", "change", "edit", "decided", "drafted"]) desk.addEventListener(type, show);
  show();
  return h("div", { class: "actions" }, master, asked);
}
