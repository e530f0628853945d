// How an album hangs together: how far its tracks lie apart, before and after, and who stands apart.

import { figure, h, shape } from "./element.js";

const [WIDTH, HEIGHT] = [240, 18];

export function coherenceView({ spreads, tracks, outliers, improved }) {
  if (!spreads?.length || tracks.length < 2) return null;
  const rows = spreads.filter(({ before, after }) => before !== null && after !== null);
  return h("section", { class: "coherence" }, h("h4", {}, "How it hangs together"),
    h("p", { class: "note" }, improved ? "The masters lie nearer together than the mixes, in all that is aimed at." : "In something that is aimed at the masters do not lie nearer together."),
    h("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Coherence" }, h("table", { class: "figures" },
      h("caption", {}, "How far the tracks lie apart: ", h("span", { class: "key mixes" }, "mixes"), h("span", { class: "key masters" }, "masters"), h("span", { class: "key near" }, "together")),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "In"), h("th", { scope: "col" }, "Mixes"), h("th", { scope: "col" }, "Masters"), h("th", { scope: "col" }, h("span", { class: "unseen" }, "Drawn")))),
      h("tbody", {}, rows.map((row) => h("tr", { class: row.aimed ? "" : "told" }, h("th", { scope: "row" }, row.title),
        h("td", {}, figure(row.before, 1)), h("td", {}, figure(row.after, 1, row.unit)), h("td", { class: "drawn" }, drawn(row))))))),
    h("ul", { class: "checks" }, outliers.map(({ sentence }) => h("li", { class: "warn" }, sentence))));
}

// Two bars from nothing, over what counts as together.
function drawn({ title, unit, before, after, near }) {
  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "spread" });
  const most = Math.max(before, after, 1.5 * near, 1e-9);
  const toX = (value) => ((WIDTH - 4) * value) / most;
  shape("rect", { class: "near", x: 0, y: 0, width: toX(near), height: HEIGHT }, svg);
  shape("rect", { class: "mixes", x: 0, y: 3, width: Math.max(1, toX(before)), height: 4 }, svg);
  shape("rect", { class: "masters", x: 0, y: 10, width: Math.max(1, toX(after)), height: 5 }, svg);
  svg.setAttribute("aria-label", `${title}: ${figure(before, 1)} before, ${figure(after, 1, unit)} after; together within ${figure(near, 1)}`);
  return svg;
}
