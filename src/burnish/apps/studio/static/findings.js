// Check: what is wrong with the mix, and what is to be known of the master; click one and hear it.

import { button, figure, h } from "./element.js";
import { clock } from "./waveform.js";

const FACTS = [
  ["Loudness", ({ loudness }) => figure(loudness.integrated_lufs, 1, "LUFS")],
  ["Range", ({ loudness }) => figure(loudness.range_lu, 1, "LU")],
  ["True peak", ({ peaks }) => figure(peaks.true_peak_dbtp, 1, "dBTP")],
  ["Peak to loudness", ({ dynamics }) => figure(dynamics.plr_db, 1, "dB")],
  ["Correlation", ({ stereo }) => figure(stereo.correlation, 2)],
  ["Mono costs", ({ stereo }) => figure(stereo.mono_loss_lu, 1, "LU")],
];

export function findingsPanel(element, { work, stage, desk }) {
  let analysis = null;
  let before = "";
  const mine = () => work.uploads.find(({ id }) => id === stage.upload.id);

  const read = async () => {
    const known = mine();
    if (!known?.verdict || analysis) return draw();
    stage.measured(known);
    analysis = (await work.ask(`/uploads/${known.id}`)).analysis;
    return draw();
  };

  const draw = () => {
    const result = desk.version?.result;
    const found = [...(analysis?.findings ?? []), ...(result?.findings ?? []).filter(({ about }) => about === "master")];
    const [job] = work.newest(stage.upload.id, "analyse");
    const failure = job?.failure?.sentence;
    const now = JSON.stringify([desk.version?.id, analysis === null, failure, found.length]);
    if (now === before) return;
    before = now;
    stage.wave.mark(found);
    element.replaceChildren(...[h("p", { class: "lead" }, analysis ? said(analysis) : (failure ?? "The mix is being looked at.")),
      table(analysis?.measured, result?.after, desk.version?.number),
      h("ol", { class: "findings" }, found.map(row)),
      notes(result)].filter(Boolean));
  };

  const row = (finding) => h("li", { class: `finding ${finding.severity}` },
    h("h3", {}, finding.title, finding.about === "master" ? h("small", {}, " in the master") : null),
    h("p", {}, finding.detail), finding.advice ? h("p", { class: "advice" }, finding.advice) : null,
    finding.mended_by ? h("p", { class: "note" }, `burnish eases it: ${finding.mended_by.replaceAll("_", " ")}.`) : null,
    h("p", { class: "times" }, finding.times_s.slice(0, 8).map(([start, end]) =>
      button(`Hear ${clock(start)}`, () => stage.playAt(start, end), { "aria-label": `Hear ${finding.title} at ${clock(start)}` }))));

  work.addEventListener("change", read);
  desk.addEventListener("load", draw);
  return read();
}

function said({ verdict, normal, findings }) {
  const many = findings.filter(({ severity }) => severity !== "info").length;
  const words = {
    pass: "Nothing stands in the way of a master.",
    warn: "There is something to hear before it is mastered.",
    fail: "It should be mixed again before it is mastered.",
  };
  return `${words[verdict]} ${many} of ${findings.length} remarks matter; judged against ${normal}.`;
}

function table(mix, master, number) {
  if (!mix) return null;
  const head = h("tr", {}, h("td"), h("th", { scope: "col" }, "Mix"), master ? h("th", { scope: "col" }, `Version ${number}`) : null);
  return h("table", { class: "figures" }, h("caption", {}, "What it measures"), h("tbody", {}, head,
    FACTS.map(([name, of]) => h("tr", {}, h("th", { scope: "row" }, name),
      h("td", {}, of(mix)), master ? h("td", {}, of(master)) : null))));
}

function notes(result) {
  if (!result?.notes.length) return null;
  return h("details", {}, h("summary", {}, "What was left alone, and why"), h("ul", {}, result.notes.map((one) => h("li", {}, one))));
}
