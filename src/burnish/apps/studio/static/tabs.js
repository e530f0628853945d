// Tabs, of which one is open; the address remembers which.

import { h } from "./element.js";

export function tabs(parent, names) {
  const bar = h("div", { role: "tablist", "aria-label": "What to do", class: "tabs" });
  const panels = new Map();
  const open = (id) => {
    for (const [name, { tab, panel }] of panels) {
      tab.setAttribute("aria-selected", name === id);
      tab.tabIndex = name === id ? 0 : -1;
      panel.hidden = name !== id;
    }
    const { tab } = panels.get(id);
    bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2; // on a phone
    history.replaceState(null, "", `#${id}`);
  };
  for (const [id, title] of names) {
    const room = h("div");
    const panel = h("div", { role: "tabpanel", id: `panel-${id}`, "aria-labelledby": `tab-${id}`, class: `panel ${id}` }, h("h2", { class: "unseen" }, title), room);
    const tab = h("button", { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": `panel-${id}` }, title);
    tab.addEventListener("click", () => open(id));
    panels.set(id, { tab, panel, room });
    bar.append(tab);
  }
  const ids = [...panels.keys()];
  bar.addEventListener("keydown", (event) => {
    const at = ids.findIndex((id) => panels.get(id).tab === event.target);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: ids.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const id = ids[(to + ids.length) % ids.length];
    open(id);
    panels.get(id).tab.focus();
  });
  parent.append(bar, ...[...panels.values()].map(({ panel }) => panel));
  const asked = location.hash.slice(1);
  open(panels.has(asked) ? asked : ids[0]);
  return Object.fromEntries([...panels].map(([id, { room }]) => [id, room]));
}
