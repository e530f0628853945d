// Deliver an album: where to, the checklist of what was made, how it hangs together, and the zip.

import { catalogue } from "./api.js";
import { coherenceView } from "./coherence.js";
import { button, figure, h, say, telling, when } from "./element.js";

const SIGNS = { pass: "✓", open: "", warn: "!", fail: "✕" };
const WORDS = { pass: "passed", open: "for you to say", warn: "with a warning", fail: "not passed" };

export async function deliveries(work, album, made) {
  const targets = await catalogue("targets");
  const chosen = h("fieldset", { class: "choices" }, h("legend", {}, "Deliver to"), targets.map(({ name, product }) =>
    h("label", { title: product }, h("input", { type: "checkbox", value: name }), ` ${name}`)));
  const list = h("div", { class: "deliveries" });
  const drawn = new Set();
  const progress = h("progress", { max: 1, hidden: true, "aria-label": "The album" });
  let asked = null;
  work.addEventListener("job", ({ detail }) => {
    if (detail.job === asked) progress.value = detail.done;
  });
  const run = (wanted) => telling(async () => {
    const to = wanted ?? [...chosen.querySelectorAll("input:checked")].map(({ value }) => value);
    if (wanted === null && !to.length) throw new Error("Choose where it shall be delivered.");
    for (const one of buttons) one.disabled = true;
    try {
      asked = await album.deliver(to);
      progress.hidden = false;
      say(to.length ? "The album is being mastered and delivered." : "The album is being mastered as one body.");
      await work.done(asked);
      await show();
      made();
      say(to.length ? "The album is there." : "The album is mastered: its joins are heard from the masters now.");
    } finally {
      progress.hidden = true;
      for (const one of buttons) one.disabled = false;
    }
  });
  const buttons = [button("Deliver", run(null), { class: "main" }), button("Master only", run([]))];
  const show = async () => {
    const told = await work.ask(`/albums/${album.id}`);
    for (const { job, state } of told.deliveries.toReversed()) {
      if (state !== "done" || drawn.has(job)) continue;
      drawn.add(job);
      const { result, ended_at } = await work.ask(`/jobs/${job}`);
      for (const one of list.children) one.open = false;
      list.prepend(delivered(work, album, job, result, ended_at));
    }
  };
  await show();
  return h("section", { class: "deliver" }, h("h3", {}, "Delivery"), chosen, h("div", { class: "actions" }, buttons, progress), list);
}

function delivered(work, album, job, result, ended_at) {
  const { album: whole, deliveries: made, coherence, plan } = result;
  const facts = [["Loudness", figure(whole.integrated_lufs, 1, "LUFS")], ["Range", figure(whole.range_lu, 1, "LU")], ["True peak", figure(whole.true_peak_dbtp, 1, "dBTP")]];
  const title = made.length ? made.map(({ target }) => target).join(", ") : "Masters";
  return h("details", { class: "delivered", open: true },
    h("summary", {}, h("b", {}, title), " ", h("span", { class: "note" }, when(ended_at))),
    h("div", { class: "facts" }, facts.map(([name, value]) => h("div", {}, h("span", { class: "note" }, name), h("span", { class: "big" }, value))),
      h("a", { class: "button", href: `/api/projects/${work.id}/albums/${album.id}/deliveries/${job}/zip`, download: "" }, "Download as zip")),
    h("div", { class: "products" }, made.map(product)),
    coherenceView(coherence ?? {}), notes(plan));
}

function product({ target, passed, manifest }) {
  const checks = (manifest?.checks ?? []).filter(({ outcome }) => outcome !== "none");
  const good = checks.filter(({ outcome }) => outcome === "pass").length;
  const files = manifest?.files?.length ?? 0;
  return h("article", { class: `product ${passed ? "pass" : "fail"}` },
    h("h4", {}, target, h("span", { class: `stamp ${passed ? "pass" : "fail"}` }, passed ? "passed" : "not passed")),
    h("p", { class: "note" }, `${good} of ${checks.length} checks without a remark${files ? `, ${files} files` : ""}`),
    h("ul", { class: "checklist", "aria-label": `Checks of ${target}` }, checks.map(({ title, outcome, told }) => h("li", { class: outcome },
      h("span", { class: "sign", role: "img", "aria-label": WORDS[outcome] ?? outcome }, SIGNS[outcome] ?? "·"), h("span", {}, title), told ? h("small", {}, told) : null)),
      (manifest?.findings ?? []).filter(({ severity }) => severity !== "info").map(({ title, detail, file }) => h("li", { class: "warn said-more" },
        h("span", { class: "sign", role: "img", "aria-label": WORDS.warn }, SIGNS.warn), h("span", {}, title), h("small", {}, file ? `${file.split("/").at(-1)}: ${detail}` : detail)))),
    manifest?.checklist?.length ? h("details", { class: "todo", open: true }, h("summary", {}, "For you to do"),
      h("ul", { class: "checklist" }, manifest.checklist.map((one) => h("li", {}, h("label", {}, h("input", { type: "checkbox" }), h("span", {}, one)))))) : null);
}

function notes(plan) {
  if (!plan?.notes?.length) return null;
  return h("details", {}, h("summary", {}, "How the songs were placed"), h("ul", { class: "checks" }, plan.notes.map((one) => h("li", {}, one))));
}
