// The meters of what plays, as it is written: not turned down for the comparison.
//
//     const meters = await Meters.open(player, element, { corridor });
//
// `corridor` is a style's: {name, edges_hz, low_db, high_db}, power per octave relative to the mean of
// 0.8 to 2.5 kHz. `meters.reading` holds the last figures; null is not yet, -Infinity is silence.

import { THIRDS_HZ, relativeTone, thirdOctaves, windowSize } from "./spectrum.js";

const SVG = "http://www.w3.org/2000/svg";
const SMOOTH_S = 3; // of the spectrum on show: long enough to hold against a corridor
const WINDOW_S = 0.2;
const HOLD_MS = 1500;
const SILENT = -144; // under it nothing is said: a filter rings down for long
const [WIDTH, HEIGHT, LEFT, BOTTOM] = [416, 200, 28, 24];
const [LOW_DB, HIGH_DB, GRID_DB] = [-30, 20, 10];
const ROWS = [
  // key, label, unit, lowest and highest of the bar, digits
  ["momentary_lufs", "Momentary", "LUFS", -40, 0, 1],
  ["short_term_lufs", "Short-term", "LUFS", -40, 0, 1],
  ["true_peak_dbtp", "True peak", "dBTP", -40, 3, 1],
  ["correlation", "Correlation", "", -1, 1, 2],
];

export class Meters extends EventTarget {
  static async open(player, element, { corridor = null } = {}) {
    const meters = new Meters();
    await player.context.audioWorklet.addModule(new URL("./meter.js", import.meta.url));
    meters.#start(player, element);
    meters.corridor = corridor;
    return meters;
  }

  reading = {};
  max_true_peak_dbtp = -Infinity;
  spectrum = null; // mean squares {mid, side}, smoothed
  #rows = {};
  #held = { value: -Infinity, until_ms: 0 };

  #start(player, element) {
    const { context } = player;
    this.player = player;
    this.node = new AudioWorkletNode(context, "burnish-meter", {
      outputChannelCount: [1],
      channelCount: 2,
      channelCountMode: "explicit",
      processorOptions: { window_size: windowSize(context.sampleRate) },
    });
    player.deck.connect(this.node, 1).connect(context.destination); // silent: it keeps the meter awake
    this.node.port.onmessage = ({ data }) => this.#take(data);
    const tell = () => this.node.port.postMessage({ mono: player.sounds.get(player.selected)?.info.channels === 1 });
    player.addEventListener("select", tell);
    tell();
    if (element) this.#build(element);
  }

  clear() {
    this.node.port.postMessage({ clear: true });
    this.max_true_peak_dbtp = -Infinity;
    this.spectrum = null;
  }

  #take({ window, ...reading }) {
    this.reading = reading;
    this.max_true_peak_dbtp = Math.max(this.max_true_peak_dbtp, reading.true_peak_dbtp);
    if (window) this.#analyse(window);
    if (this.element) this.#draw();
    this.dispatchEvent(new CustomEvent("reading", { detail: reading }));
  }

  #analyse([left, right]) {
    const now = thirdOctaves(left, right, this.player.rate_hz);
    const keep = this.spectrum ? Math.exp(-WINDOW_S / SMOOTH_S) : 0;
    const before = this.spectrum ?? now;
    const mean = (key) => now[key].map((value, k) => keep * before[key][k] + (1 - keep) * value);
    const silent = !now.mid.some((value) => value > 1e-12) && !now.side.some((value) => value > 1e-12);
    if (!silent) this.spectrum = { mid: mean("mid"), side: mean("side") };
    if (this.element && this.spectrum) this.#curve.setAttribute("d", toPath(relativeTone(this.spectrum)));
  }

  // Drawing

  #curve;

  #build(element) {
    this.element = element;
    element.classList.add("meters");
    for (const [key, label, unit, low, high] of ROWS) {
      const row = make("div", { class: `meter ${key}` }, element);
      make("span", { class: "name" }, row).textContent = label;
      const bar = make("div", { class: "bar", role: "meter", "aria-label": label, "aria-valuemin": low, "aria-valuemax": high }, row);
      const fill = make("div", { class: "fill" }, bar);
      const hold = key === "true_peak_dbtp" ? make("div", { class: "hold" }, bar) : null;
      const figure = make("span", { class: "figure", "aria-hidden": true }, row);
      make("span", { class: "unit", "aria-hidden": true }, row).textContent = unit;
      this.#rows[key] = { bar, fill, hold, figure };
    }
    const svg = document.createElementNS(SVG, "svg");
    this.svg = svg;
    svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute("role", "img");
    svg.classList.add("spectrum");
    element.append(svg);
    for (let db = LOW_DB; db <= HIGH_DB; db += GRID_DB) {
      shape("path", { class: "grid", d: `M${LEFT},${toY(db)}H${WIDTH}` }, svg);
      shape("text", { class: "ytick", x: LEFT - 6, y: toY(db) }, svg).textContent = `${db}`.replace("-", "−");
    }
    for (const [hz, word] of [[31.5, "31"], [125, "125"], [500, "500"], [2000, "2k"], [8000, "8k Hz"]])
      shape("text", { class: "xtick", x: toX(hz), y: HEIGHT - 6 }, svg).textContent = word;
    this.#curve = shape("path", { class: "line" }, svg);
    this.legend = make("p", { class: "legend" }, element);
    this.corridor = null;
    this.#draw();
  }

  set corridor(corridor) {
    if (!this.element) return;
    this.svg.querySelector(".corridor")?.remove();
    const name = corridor ? ` against ${corridor.name}` : "";
    this.svg.setAttribute("aria-label", `Spectrum in third octaves${name}, dB, 0 is the mean of 0.8 to 2.5 kHz`);
    const keys = [["key", "last seconds"], ...(corridor ? [["key corridor", corridor.name]] : [])];
    this.legend.replaceChildren(...keys.map(([kind, text]) => Object.assign(make("span", { class: kind }), { textContent: text })));
    if (!corridor) return;
    const { edges_hz, low_db, high_db } = corridor;
    const along = (levels, k) => `${toX(edges_hz[k])},${toY(levels[k])}L${toX(edges_hz[k + 1])},${toY(levels[k])}`;
    const upper = high_db.map((_, k) => along(high_db, k));
    const lower = low_db.map((_, k) => along(low_db, k).split("L").reverse().join("L")).reverse();
    this.svg.prepend(shape("path", { class: "corridor", d: `M${[...upper, ...lower].join("L")}Z` }));
  }

  #draw() {
    const now_ms = performance.now();
    for (const [key, , unit, low, high, digits] of ROWS) {
      const { bar, fill, hold, figure } = this.#rows[key];
      const value = this.reading[key] ?? null;
      const along = value === null ? 0 : clamp((value - low) / (high - low), 0, 1);
      if (key === "correlation") {
        fill.style.left = `${100 * Math.min(along, 0.5)}%`;
        fill.style.width = value === null ? 0 : `${100 * Math.abs(along - 0.5)}%`;
      } else fill.style.width = `${100 * along}%`;
      if (hold) {
        if (value !== null && (value >= this.#held.value || now_ms > this.#held.until_ms))
          this.#held = { value, until_ms: now_ms + HOLD_MS };
        hold.style.left = `${100 * clamp((this.#held.value - low) / (high - low), 0, 1)}%`;
        bar.classList.toggle("over", this.max_true_peak_dbtp > 0);
      }
      const text = said(hold && value !== null ? Math.max(value, this.#held.value) : value, digits);
      if (figure.textContent === text) continue;
      figure.textContent = text;
      bar.setAttribute("aria-valuenow", clamp(value ?? low, low, high).toFixed(digits));
      bar.setAttribute("aria-valuetext", text === "–" ? "nothing yet" : `${text} ${unit}`);
    }
  }
}

function said(value, digits) {
  if (value === null || Number.isNaN(value)) return "–";
  if (value < SILENT) return "−∞";
  return value.toFixed(digits).replace("-", "−");
}

function toX(hz) {
  return +(LEFT + ((WIDTH - LEFT) * Math.log(hz / 25)) / Math.log(800)).toFixed(1);
}

function toY(db) {
  return +(((HIGH_DB - clamp(db, LOW_DB, HIGH_DB)) / (HIGH_DB - LOW_DB)) * (HEIGHT - BOTTOM - 8) + 8).toFixed(1);
}

function toPath(levels_db) {
  const known = THIRDS_HZ.map((hz, k) => [toX(hz), levels_db[k]]).filter(([, db]) => db !== null);
  return known.length ? `M${known.map(([x, db]) => `${x},${toY(db)}`).join("L")}` : "";
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

export function make(tag, attributes = {}, parent = null) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent?.append(element);
  return element;
}

function shape(tag, attributes, parent = null) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent?.append(element);
  return element;
}
