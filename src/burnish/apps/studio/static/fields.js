// Fields of settings as they are declared: {name, default, low, high, unit, scale, choices, help}.
//
//     field(row, value, (value, isDone) => ...)    // isDone: let go of, not still moving
//
// A range becomes a slider with its figure, choices a list, a switch a box, anything else a line.

import { button, h } from "./element.js";

const STEPS = 1000; // of a logarithmic slider
const UNITS = /_(db_per_octave|db|dbtp|dbfs|lufs|ms|s|hz|ips|lu)$/;
const CODES = ["isrc", "upc"];
const SHORT = ["psr", "plr", "rms", "dr", "dc"];
const SPOKEN = { db: "dB", dbtp: "dBTP", dbfs: "dBFS", lufs: "LUFS", lu: "LU", hz: "Hz", ms: "ms", s: "s" };
let last_id = 0;

export function label(name) {
  const words = name.split(".").at(-1).replace(UNITS, "").replaceAll("_", " ").trim();
  const [first] = words.split(" ");
  if (CODES.includes(words)) return words.toUpperCase();
  return SHORT.includes(first) ? first.toUpperCase() + words.slice(first.length) : words[0].toUpperCase() + words.slice(1);
}

// The unit that a name ends in, as people write it.
export function unitOf(name) {
  return SPOKEN[name.match(UNITS)?.[1]] ?? "";
}

export function field(row, value, change) {
  if (Array.isArray(row.default)) return listed(row, value ?? row.default, change);
  if (row.choices.length) return chosen(row, value, change);
  if (row.scale === "switch" || typeof row.default === "boolean") return switched(row, value, change);
  if (row.low === null || row.high === null) return written(row, value, change);
  return row.default === null ? numbered(row, value, change) : slid(row, value, change);
}

// All fields of a record, lists of records (`bands[].gain_db`) as boxes of their own.
export function fields(rows, values, change) {
  const own = rows.filter(({ name }) => !name.includes("."));
  return own.map((row) => {
    const inner = rows.filter(({ name }) => name.startsWith(`${row.name}[].`));
    const set = (value, isDone) => {
      values = { ...values, [row.name]: value };
      change(values, isDone);
    };
    if (!inner.length) return field(row, values[row.name] ?? row.default, set);
    const plain = inner.map((one) => ({ ...one, name: one.name.slice(row.name.length + 3) }));
    return records(row, plain, values[row.name] ?? [], set);
  });
}

function records(row, rows, values, change) {
  const box = h("div", { class: "records" });
  const draw = () => {
    const one = label(row.name).replace(/s$/, "");
    const parts = values.map((record, k) => {
      const set = (now, isDone) => change((values = values.with(k, now)), isDone);
      const away = () => {
        change((values = values.toSpliced(k, 1)), true);
        draw();
      };
      const remove = button(`Remove ${one.toLowerCase()} ${k + 1}`, away);
      return h("fieldset", { class: "record" }, h("legend", {}, `${one} ${k + 1}`), fields(rows, record, set), remove);
    });
    const add = () => {
      change((values = [...values, Object.fromEntries(rows.map((inner) => [inner.name, inner.default]))]), true);
      draw();
    };
    box.replaceChildren(...parts, button(`Add a ${one.toLowerCase()}`, add));
  };
  draw();
  return box;
}

function framed(row, control, ...more) {
  const id = (control.id = `field-${++last_id}`);
  control.title = row.help;
  control.dataset.name = row.name;
  return h("div", { class: "field" }, h("label", { for: id, title: row.help }, label(row.name)), control, ...more);
}

function unit(row) {
  return h("span", { class: "unit", "aria-hidden": "true" }, row.unit ?? "");
}

function slid(row, value, change) {
  const log = row.scale === "log" && row.low > 0;
  const step = stepOf(row);
  const toPlace = (at) => (log ? (STEPS * Math.log(at / row.low)) / Math.log(row.high / row.low) : at);
  const toValue = (place) => (log ? +(row.low * (row.high / row.low) ** (place / STEPS)).toPrecision(3) : +(+place).toFixed(4));
  const range = log ? { min: 0, max: STEPS, step: 1 } : { min: row.low, max: row.high, step };
  const slider = h("input", { type: "range", ...range });
  const along = (at) => (toPlace(at) - range.min) / (range.max - range.min || 1);
  slider.style.setProperty("--zero", along(Math.min(row.high, Math.max(row.low, row.default))));
  const called = `${label(row.name)}, figure${row.unit ? ` in ${row.unit}` : ""}`;
  const number = h("input", { type: "number", class: "figure", min: row.low, max: row.high, step: "any", "aria-label": called });
  const show = (now) => {
    slider.value = toPlace(now);
    slider.style.setProperty("--at", along(now));
    slider.setAttribute("aria-valuetext", `${now} ${row.unit ?? ""}`.trim());
    number.value = +now.toFixed(4);
  };
  const moved = (isDone) => () => {
    const now = toValue(slider.value);
    show(now);
    change(now, isDone);
  };
  slider.addEventListener("input", moved(false));
  slider.addEventListener("change", moved(true));
  number.addEventListener("change", () => {
    const asked = number.value === "" ? row.default : Number(number.value);
    const now = Math.min(row.high, Math.max(row.low, asked));
    if (Number.isFinite(now)) {
      show(now);
      change(now, true);
    }
  });
  slider.addEventListener("dblclick", () => {
    show(row.default);
    change(row.default, true);
  });
  show(value ?? row.default);
  return framed(row, slider, number, unit(row));
}

function stepOf({ low, high, unit: of, name }) {
  const span = high - low;
  if (name === "slope_db_per_octave") return 6;
  if (!of && span > 4) return 1;
  return span <= 4 ? 0.01 : span <= 60 ? 0.1 : span <= 200 ? 0.5 : 1;
}

// A number that may be left open: empty is what burnish finds.
function numbered(row, value, change) {
  const input = h("input", { type: "number", class: "figure", min: row.low, max: row.high, step: "any", placeholder: "auto", value });
  input.addEventListener("change", () => change(input.value === "" ? null : Number(input.value), true));
  return framed(row, input, unit(row));
}

function chosen(row, value, change) {
  const now = value ?? row.default;
  const input = h("select", {}, row.choices.map((one) => h("option", { value: one, selected: one === now }, one.replaceAll("_", " "))));
  input.addEventListener("change", () => change(input.value, true));
  return framed(row, input, unit(row));
}

function switched(row, value, change) {
  const input = h("input", { type: "checkbox" });
  input.checked = value ?? row.default;
  input.addEventListener("change", () => change(input.checked, true));
  return framed(row, input);
}

function written(row, value, change) {
  const input = h("input", { type: "text", value: value ?? row.default ?? "", maxlength: 500 });
  input.addEventListener("change", () => change(input.value, true));
  return framed(row, input, unit(row));
}

// A row of numbers, with commas.
function listed(row, value, change) {
  const input = h("input", { type: "text", value: value.join(", ") });
  input.addEventListener("change", () => {
    const parts = input.value.split(/[,\s]+/).filter(Boolean);
    const numbers = parts.map(Number);
    change(numbers.some(Number.isNaN) ? parts : numbers, true);
  });
  return framed(row, input, unit(row));
}
