// A list whose items are put into order: by dragging, with their buttons, or with Alt and an arrow.
//
//     ordered(list, (from, to) => ...);      // the items are the list's children

import { button, h } from "./element.js";

export function ordered(list, move) {
  let held = null;
  const items = () => [...list.children];
  list.addEventListener("dragstart", (event) => {
    held = items().indexOf(event.target.closest("li"));
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  });
  list.addEventListener("dragover", (event) => held !== null && event.preventDefault());
  list.addEventListener("dragend", () => { held = null; });
  list.addEventListener("drop", (event) => {
    const to = items().findIndex((item) => item.contains(event.target));
    if (held === null || to < 0) return;
    event.preventDefault();
    const from = held;
    held = null;
    if (from !== to) move(from, to);
  });
  list.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const from = items().findIndex((item) => item.contains(event.target));
    if (!by || !event.altKey || from < 0 || !list.children[from + by]) return;
    event.preventDefault();
    move(from, from + by);
    list.children[from + by]?.querySelector(".handle, button")?.focus();
  });
}

// The two buttons of an item.
export function movers(list, k, n, name, move) {
  const to = (by) => () => {
    move(k, k + by);
    list.children[k + by]?.querySelector(by < 0 ? ".up:not(:disabled), .down" : ".down:not(:disabled), .up")?.focus();
  };
  return h("span", { class: "movers" },
    button("↑", to(-1), { class: "up", "aria-label": `Move ${name} up`, disabled: k === 0 }),
    button("↓", to(1), { class: "down", "aria-label": `Move ${name} down`, disabled: k === n - 1 }));
}

export function moved(rows, from, to) {
  const rest = rows.toSpliced(from, 1);
  return rest.toSpliced(to, 0, rows[from]);
}
