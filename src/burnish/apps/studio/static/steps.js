// Every step of the plan with its settings: moved, left out, put into another order, heard at once.

import { catalogue } from "./api.js";
import { button, h, redrawn, say, telling } from "./element.js";
import { fields, label } from "./fields.js";
import { moved, movers, ordered } from "./order.js";

const LEAD = "A moved slider is heard at once, on the loop where there is one. Keep it as a version when it is right.";

export async function stepsPanel(element, desk) {
  const processors = new Map((await catalogue("processors")).map((one) => [one.name, one]));
  const open = new Set();
  const list = h("ol", { class: "steps", "aria-label": "Steps, in their order" });
  const put = (steps) => {
    open.clear();
    desk.edit({ steps });
    desk.redraw();
  };
  const move = (from, to) => put(moved(desk.steps, from, to));
  ordered(list, move);
  const bar = h("div", { class: "actions" });
  const lead = h("p", { class: "lead" });
  element.replaceChildren(lead, list, bar);

  const item = (step, k, n) => {
    const known = processors.get(step.processor);
    const name = label(step.processor);
    const set = (part, isDone) => desk.edit({ steps: desk.steps.with(k, { ...desk.steps[k], ...part }) }, isDone);
    const details = h("details", { open: open.has(k) });
    details.addEventListener("toggle", () => (details.open ? open.add(k) : open.delete(k)));
    const bypass = h("button", { type: "button", class: "bypass", "aria-pressed": String(step.bypass) }, "Bypass");
    bypass.setAttribute("aria-label", `Bypass ${name}`);
    bypass.addEventListener("click", () => {
      const off = !desk.steps[k].bypass;
      bypass.setAttribute("aria-pressed", off);
      row.classList.toggle("out", off);
      set({ bypass: off });
    });
    const alone = () => desk.hearDelta(desk.delta === k ? null : k);
    const delta = button("Hear what it takes", alone, { "aria-pressed": String(desk.delta === k), "aria-label": `Hear what ${name} takes away`, "data-delta": k });
    const away = button("Remove", () => put(desk.steps.toSpliced(k, 1)), { "aria-label": `Remove ${name}` });
    details.append(h("summary", {}, h("b", {}, name), ` ${step.reason || known?.about || ""}`),
      h("div", { class: "columns" }, fields(known?.settings ?? [], step.settings, (settings, isDone) => set({ settings }, isDone))), away);
    const row = h("li", { class: step.bypass ? "step out" : "step", draggable: "true" },
      details, h("div", { class: "tools" }, movers(list, k, n, name, move), bypass, delta));
    // A slider is dragged, not the step that it stands in.
    row.addEventListener("pointerdown", (event) => { row.draggable = !event.target.closest("input, select, .columns"); });
    return row;
  };

  const draw = () => {
    const { steps } = desk;
    lead.textContent = desk.version ? LEAD : "Steps are here when there is a master.";
    list.replaceChildren(...steps.map((step, k) => item(step, k, steps.length)));
    bar.replaceChildren(...(desk.version ? tools() : []));
    show();
  };

  const tools = () => {
    const choice = h("select", { "aria-label": "Step to add" }, [...processors.keys()].map((name) => h("option", { value: name }, label(name))));
    const add = button("Add", () => {
      const own = processors.get(choice.value).settings.filter(({ name }) => !name.includes("."));
      const settings = Object.fromEntries(own.map((row) => [row.name, row.default]));
      const before = desk.steps.findIndex(({ processor }) => ["clipper", "limiter"].includes(processor));
      const at = before < 0 ? desk.steps.length : before;
      put(desk.steps.toSpliced(at, 0, { processor: choice.value, settings, on: "stereo", bypass: false, reason: "Added by hand.", evidence: {} }));
      open.add(at);
      desk.redraw();
    });
    const keep = button("Keep as a version", telling(async () => {
      say("A new version is being rendered.");
      const made = await desk.render();
      if (made) say(`Version ${made.number} is there.`);
    }), { class: "main keep" });
    return [keep, choice, add];
  };

  const show = () => {
    const keep = bar.querySelector(".keep");
    if (keep) keep.disabled = !desk.isEdited;
    for (const one of list.querySelectorAll("[data-delta]")) one.setAttribute("aria-pressed", desk.delta === Number(one.dataset.delta));
  };
  for (const type of ["load", "change"]) desk.addEventListener(type, () => redrawn(element, draw));
  desk.addEventListener("decided", () => (element.hidden || !desk.isMoving) && redrawn(element, draw));
  desk.addEventListener("edit", show);
  draw();
}
