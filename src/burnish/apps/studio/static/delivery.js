// Deliver an album: where to, the checklist of what was made, how it hangs together, and the zip.

import { catalogue } from "./api.js";
import { button, figure, h, say, telling, when } from "./element.js";

export async function deliveries(work, album) {
  const targets = await catalogue("targets");
  const chosen = h("fieldset", { class: "choices" }, h("legend", {}, "Deliver to"), targets.map(({ name, product }) =>
    h("label", { title: product }, h("input", { type: "checkbox", value: name }), ` ${name}`)));
  const list = h("div", { class: "deliveries" });
  const drawn = new Set();
  const deliver = telling(async () => {
    const to = [...chosen.querySelectorAll("input:checked")].map(({ value }) => value);
    const job = await album.deliver(to);
    say("The album is being mastered and delivered.");
    await work.done(job);
    await show();
    say("The album is there.");
  });
  const show = async () => {
    const told = await work.ask(`/albums/${album.id}`);
    for (const { job, state } of told.deliveries.toReversed()) {
      if (state !== "done" || drawn.has(job)) continue;
      drawn.add(job);
      const { result, ended_at } = await work.ask(`/jobs/${job}`);
      list.prepend(delivered(work, album, job, result, ended_at));
    }
  };
  await show();
  return h("section", { class: "deliver" }, h("h3", {}, "Delivery"), chosen, button("Deliver", deliver, { class: "main" }), list);
}

function delivered(work, album, job, result, ended_at) {
  const { album: whole, deliveries: made, coherence } = result;
  return h("article", {}, h("h4", {}, when(ended_at)),
    h("p", {}, `${figure(whole.integrated_lufs, 1, "LUFS")}, ${figure(whole.true_peak_dbtp, 1, "dBTP")}. `,
      h("a", { href: `/api/projects/${work.id}/albums/${album.id}/deliveries/${job}/zip`, download: "" }, "Download as zip")),
    made.map(product), together(coherence));
}

function product({ target, passed, manifest }) {
  const checks = (manifest?.checks ?? []).filter(({ outcome }) => outcome !== "none");
  return h("details", { open: !passed }, h("summary", {}, `${target}: ${passed ? "passed" : "not passed"}`),
    h("ul", { class: "checks" }, checks.map(({ title, outcome }) => h("li", { class: outcome }, `${title}: ${outcome}`)),
      (manifest?.findings ?? []).filter(({ severity }) => severity !== "info").map(({ title, detail }) => h("li", { class: "warn" }, `${title}: ${detail}`)),
      (manifest?.checklist ?? []).map((one) => h("li", {}, `To do: ${one}`))));
}

function together({ spreads }) {
  if (!spreads?.length) return null;
  return h("table", { class: "figures" }, h("caption", {}, "How far the tracks lie apart"), h("tbody", {},
    h("tr", {}, h("td"), h("th", { scope: "col" }, "Mixes"), h("th", { scope: "col" }, "Masters")),
    spreads.map(({ title, unit, before, after }) => h("tr", {}, h("th", { scope: "row" }, title),
      [before, after].map((one) => h("td", {}, figure(one, 1, unit)))))));
}
