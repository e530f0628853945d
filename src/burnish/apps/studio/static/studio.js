// The studio's page: the shelf, or a project with its stage and what can be done there.

import { albumsPanel } from "./albums.js";
import { corridorOf } from "./corridor.js";
import { Desk } from "./desk.js";
import { button, dropNowhereElse, h, say, telling } from "./element.js";
import { findingsPanel } from "./findings.js";
import { quiet } from "./join.js";
import { jobsPanel } from "./jobs.js";
import { mixesPanel } from "./mixes.js";
import { shelf } from "./shelf.js";
import { Stage } from "./stage.js";
import { stepsPanel } from "./steps.js";
import { tabs } from "./tabs.js";
import { throughPanel } from "./through.js";
import { versionsPanel } from "./versions.js";
import { wishesPanel } from "./wishes.js";
import { Work } from "./work.js";

const main = document.querySelector("#main");
const query = new URLSearchParams(location.search);
const TABS = [
  ["change", "Change"],
  ["steps", "Steps"],
  ["through", "Listen as"],
  ["check", "Check"],
  ["versions", "Versions"],
  ["mixes", "Mixes"],
  ["album", "Album"],
  ["jobs", "Jobs"],
];

async function project(id) {
  const work = await Work.open(id);
  const upload = work.mixes.find((one) => one.id === query.get("mix")) ?? work.mixes[0];
  document.title = `${work.name}: burnish studio`;
  const wave = h("div");
  const controls = h("div");
  const meters = h("section", { "aria-label": "Meters" });
  const waiting = h("p", { class: "lead", role: "status" }, upload ? "The mix is being read." : "Add a mix under Mixes.");
  const history = h("div", { class: "history" });
  const line = h("span", { class: "note running" });
  const stageElement = h("div", { class: "stage-room display", hidden: true }, h("div", {}, wave, controls), meters);
  const below = h("div", { class: "below" });
  main.replaceChildren(h("div", { class: "head" }, name(work, upload), line, history), waiting, stageElement, below);
  if (!upload && !location.hash) history.replaceState(null, "", "#mixes");
  const panels = tabs(below, TABS);
  jobsPanel(panels.jobs, { work, line });
  mixesPanel(panels.mixes, { work, upload });
  albumsPanel(panels.album, { work });
  if (!upload) return;
  await ready(work, upload, waiting);
  stageElement.hidden = false;
  const stage = await Stage.open(work, upload, { wave, controls, meters });
  const desk = new Desk(work, stage);
  waiting.remove();
  for (const one of [stage, desk]) one.addEventListener("fault", ({ detail }) => say(detail, true));
  undoing(history, desk);
  work.addEventListener("join", () => stage.player.pause());
  stage.player.addEventListener("state", () => stage.player.playing && quiet());
  for (const type of ["load", "decided", "change"]) desk.addEventListener(type, telling(async () => {
    const { target } = desk;
    const corridor = target ? await corridorOf(work, target) : null;
    if (desk.target === target) stage.meters.corridor = corridor;
  }));
  await Promise.all([
    wishesPanel(panels.change, desk),
    stepsPanel(panels.steps, desk),
    throughPanel(panels.through, { stage }),
    findingsPanel(panels.check, { work, stage, desk }),
    versionsPanel(panels.versions, { work, stage, desk }),
  ]);
  Object.assign(globalThis, { studio: { work, stage, desk, player: stage.player } });
  await newest(work, stage, desk);
  document.documentElement.dataset.ready = "";
}

function name(work, upload) {
  const title = h("input", { class: "name", "aria-label": "Name of the project", maxlength: 200, value: work.name });
  title.addEventListener("change", telling(() => work.ask("", { method: "PATCH", body: { name: title.value } })));
  const songs = h("nav", { "aria-label": "Songs", class: "songs" });
  const list = () => {
    songs.hidden = work.mixes.length < 2;
    songs.replaceChildren(...work.mixes.map((one) =>
      h("a", { href: `/?project=${work.id}&mix=${one.id}`, title: one.name, "aria-current": one.id === upload?.id ? "page" : null }, one.name)));
  };
  work.addEventListener("change", list);
  list();
  return h("div", { class: "title" }, h("h1", { class: "unseen" }, `${work.name}: ${upload?.name ?? "no mix"}`), title, songs);
}

// Until the mix can be heard.
async function ready(work, upload, waiting) {
  while (true) {
    const [read] = work.newest(upload.id, "read");
    if (["failed", "cancelled"].includes(read?.state)) {
      waiting.textContent = read.failure?.sentence ?? "It was not read.";
      throw new Error(waiting.textContent);
    }
    const runs = ["waiting", "running"].includes(read?.state);
    if (!runs && (await fetch(`/api/projects/${work.id}/sounds/${upload.id}`).catch(() => null))?.ok) return;
    await new Promise((done) => {
      const go = () => {
        clearTimeout(timer);
        work.removeEventListener("job", go);
        done();
      };
      const timer = setTimeout(go, 500);
      work.addEventListener("job", go);
    });
  }
}

// Work from the newest version; where there is none, from the first one as soon as it is there; and
// where another window deleted it, from the newest that is left.
async function newest(work, stage, desk) {
  let seen = null;
  const take = async () => {
    for (const one of stage.references) await stage.refer(one);
    for (const one of work.uploads) stage.measured(one);
    const newer = stage.versions.at(-1);
    const isGone = desk.version !== null && !work.version(desk.version.id);
    const isNext = newer && (desk.version === null || isGone);
    if (newer?.id !== seen && (isNext || newer?.parent === null)) await stage.hear(newer);
    seen = newer?.id ?? null;
    if (isNext) {
      if (isGone) say(`Version ${desk.version.number} was deleted; you go on from version ${newer.number}.`);
      await desk.load(newer);
      stage.choose(desk.name);
    }
    stage.forget(desk.name);
  };
  let [isBusy, isDue] = [false, false];
  const look = telling(async () => {
    isDue = true;
    if (isBusy) return;
    isBusy = true;
    try {
      while (isDue) {
        isDue = false;
        await take();
      }
    } finally {
      isBusy = false;
    }
  });
  await look();
  work.addEventListener("change", look);
  const runs = [...work.jobs.values()].some(({ what, of }) => what === "master" && of === stage.upload.id);
  if (!stage.versions.length && !runs && query.has("master")) await telling(() => desk.render("wishes"))();
}

function undoing(element, desk) {
  const undo = button("Undo", () => desk.undo(), { "aria-keyshortcuts": "Control+Z" });
  const redo = button("Redo", () => desk.redo(), { "aria-keyshortcuts": "Control+Shift+Z" });
  element.append(undo, redo);
  const show = () => {
    undo.disabled = !desk.canUndo;
    redo.disabled = !desk.canRedo;
  };
  for (const type of ["load", "edit", "change"]) desk.addEventListener(type, show);
  show();
  document.addEventListener("keydown", (event) => {
    const isText = event.target.matches("textarea, input[type=text], input[type=number], input.name");
    if (isText || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
    event.preventDefault();
    if (event.shiftKey) desk.redo();
    else desk.undo();
  });
}

dropNowhereElse();
try {
  await (query.has("project") ? project(query.get("project")) : shelf(main));
} catch (error) {
  say(error.message, true);
}
