// The waveform: zoom, playhead, a region to loop, and findings as marks.
//
//     const wave = new Waveform(element, player);
//     wave.show("mix", { samples_per_point, low: [...], high: [...] });   // extremes of all channels
//     wave.mark(findings);                                                // as burnish writes them
//
// A drag selects, a click seeks, the wheel zooms. By keyboard: the playhead and both ends of the
// region are sliders (arrows, with Shift finer, Home, End), marks are buttons, + - 0 zoom.
// Events: "finding" (detail: the finding), "region" (detail: {start, end} in samples, or null).

import { make } from "./meters.js";
import { address } from "./player.js";

const DRAG_PX = 4;
const MARK_PX = 26; // marks closer than this become one
const PEAKS_PER = 256; // samples in a bin
const NARROWEST_S = 0.05;
const DETAIL_SAMPLES = 2 ** 19; // most that is fetched to draw from

export class Waveform extends EventTarget {
  #overviews = new Map();
  #detail = null;
  #findings = [];
  #due = false;

  constructor(element, player) {
    super();
    this.element = element;
    this.player = player;
    this.view = { start: 0, end: player.n_samples };
    this.region = null;
    element.classList.add("wave");
    this.marks = make("div", { class: "marks", role: "group", "aria-label": "Findings" }, element);
    this.stage = make("div", { class: "stage" }, element);
    this.shade = make("div", { class: "region", hidden: "" }, this.stage);
    this.canvas = make("canvas", { "aria-hidden": true }, this.stage);
    this.surface = make("div", { class: "surface", role: "slider", tabindex: 0, "aria-label": "Playhead", "aria-valuemin": 0 }, this.stage);
    this.head = make("div", { class: "head" }, this.stage);
    this.ends = ["start", "end"].map((which) => {
      const attributes = { class: `end ${which}`, role: "slider", tabindex: 0, hidden: "", "aria-label": `Region ${which}`, "aria-valuemin": 0 };
      const end = make("div", attributes, this.stage);
      end.addEventListener("keydown", (event) => this.#nudge(event, which));
      this.#drag(end, (at) => this.select({ ...this.region, [which]: at }));
      return end;
    });
    const zoom = make("div", { class: "zoom", role: "group", "aria-label": "Zoom" }, element);
    for (const [sign, label, act] of [["−", "Zoom out", () => this.zoom(2)], ["+", "Zoom in", () => this.zoom(0.5)], ["All", "Show all", () => this.fit()]]) {
      const button = make("button", { type: "button", "aria-label": label, title: label }, zoom);
      button.textContent = sign;
      button.addEventListener("click", act);
    }
    this.#listen();
    new ResizeObserver(() => this.draw()).observe(this.stage);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    const follow = () => {
      this.#follow();
      requestAnimationFrame(follow);
    };
    follow();
  }

  show(name, overview) {
    this.#overviews.set(name, overview);
    if (this.view.end <= this.view.start) this.fit();
    this.draw();
  }

  // The same, from the server that has the sound.
  async load(name, base, { channels }) {
    const answer = await fetch(address(base, "/peaks", `per=${PEAKS_PER}`));
    if (!answer.ok) return;
    const per = Number(answer.headers.get("x-per")) || PEAKS_PER;
    this.show(name, overviewOfPeaks(await answer.arrayBuffer(), channels, per));
  }

  mark(findings) {
    this.#findings = findings.flatMap((finding) => finding.times_s.map(([start_s, end_s]) => ({ finding, start_s, end_s })));
    this.draw();
  }

  // The region, {start, end} in samples, or null; it is the player's loop where that is on.
  select(region) {
    if (region) {
      const [start, end] = [region.start, region.end].map((at) => Math.round(clamp(at, 0, this.player.n_samples)));
      region = { start: Math.min(start, end), end: Math.max(start, end) };
    }
    this.region = region;
    if (this.player.loop) this.player.loop = region;
    this.dispatchEvent(new CustomEvent("region", { detail: region }));
    this.#place();
  }

  // Loop the region (all that is in view, where there is none), or stop looping.
  toggleLoop() {
    if (!this.region && !this.player.loop) this.select({ ...this.view });
    this.player.loop = this.player.loop ? null : this.region;
  }

  // Zoom

  fit() {
    this.#look(0, this.player.n_samples);
  }

  zoom(factor, about = this.#visible(this.player.position) ? this.player.position : (this.view.start + this.view.end) / 2) {
    const { start, end } = this.view;
    const least = NARROWEST_S * this.player.rate_hz;
    const span = clamp((end - start) * factor, least, this.player.n_samples);
    const from = about - ((about - start) / (end - start)) * span;
    this.#look(from, from + span);
  }

  #look(start, end) {
    const span = Math.min(end - start, this.player.n_samples);
    const from = clamp(start, 0, this.player.n_samples - span);
    this.view = { start: from, end: from + span };
    this.draw();
  }

  #visible(sample) {
    return this.view.start <= sample && sample <= this.view.end;
  }

  #toX(sample) {
    return ((sample - this.view.start) / (this.view.end - this.view.start)) * this.width;
  }

  #toSample(event) {
    const along = (event.clientX - this.stage.getBoundingClientRect().left) / this.width;
    return clamp(this.view.start + along * (this.view.end - this.view.start), 0, this.player.n_samples);
  }

  // Hands

  #listen() {
    let from = null;
    this.#drag(this.surface, (at, event) => {
      if (Math.abs(event.clientX - from.x) > DRAG_PX) this.select({ start: from.at, end: at });
    }, (event) => { from = { at: this.#toSample(event), x: event.clientX }; }, (event) => {
      if (Math.abs(event.clientX - from.x) <= DRAG_PX) this.player.seek(from.at);
    });
    this.stage.addEventListener("wheel", (event) => {
      event.preventDefault();
      const { start, end } = this.view;
      const along = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
      if (along) this.#look(start + (along / this.width) * (end - start), end + (along / this.width) * (end - start));
      else this.zoom(2 ** (clamp(event.deltaY, -100, 100) / 200), this.#toSample(event));
    }, { passive: false });
    this.surface.addEventListener("keydown", (event) => {
      const to = this.#moved(event, this.player.position);
      if (to === null) return;
      this.player.seek(to);
      consume(event);
    });
    this.player.addEventListener("loop", () => this.#place());
    this.player.addEventListener("select", () => this.draw());
  }

  #drag(element, move, down = () => {}, up = () => {}) {
    let held = false;
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      held = true;
      element.setPointerCapture(event.pointerId);
      down(event);
    });
    element.addEventListener("pointermove", (event) => held && move(this.#toSample(event), event));
    element.addEventListener("pointerup", (event) => held && up(event));
    for (const type of ["pointerup", "pointercancel"]) element.addEventListener(type, () => { held = false; });
  }

  // Where a key moves a position to; null for other keys. A step is 1/50 of the view, or 10 ms.
  #moved(event, position) {
    const step = event.shiftKey ? 0.01 * this.player.rate_hz : (this.view.end - this.view.start) / 50;
    const to = { ArrowLeft: position - step, ArrowRight: position + step, Home: 0, End: this.player.n_samples }[event.key];
    return to === undefined || event.ctrlKey || event.metaKey || event.altKey ? null : clamp(to, 0, this.player.n_samples);
  }

  #nudge(event, which) {
    const to = this.#moved(event, this.region[which]);
    if (to === null) return;
    const { start, end } = this.region;
    this.select(which === "start" ? { start: Math.min(to, end), end } : { start, end: Math.max(to, start) });
    consume(event);
  }

  // Drawing

  get width() {
    return this.stage.clientWidth;
  }

  draw() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#paint();
      this.#place();
      this.#placeMarks();
      this.#sharpen();
    });
  }

  #paint() {
    const ratio = devicePixelRatio || 1;
    const { canvas, width } = this;
    const height = this.stage.clientHeight;
    if (!width) return;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const style = getComputedStyle(this.element);
    const colour = (token) => style.getPropertyValue(token).trim();
    const floor = height - 20;
    this.#paintTime(pen, colour, floor);
    const [first] = this.#overviews.keys();
    const selected = this.player.blind ? first : this.player.selected;
    // The first, the mix, lies as a pale core in what was made of it.
    for (const name of new Set([selected, first])) {
      const overview = this.#overviews.get(name);
      if (!overview) continue;
      const core = name !== selected;
      pen.fillStyle = colour(core ? "--paper" : name === first ? "--before" : "--after");
      pen.globalAlpha = core ? 0.38 : 1;
      this.#paintWave(pen, this.#fine(name) ?? overview, floor / 2);
    }
  }

  #paintWave(pen, { samples_per_point, low, high, start = 0 }, middle) {
    const per_px = (this.view.end - this.view.start) / this.width;
    for (let x = 0; x < this.width; x++) {
      const from = (this.view.start + x * per_px - start) / samples_per_point;
      const to = Math.max(from + 1, from + per_px / samples_per_point);
      let [top, bottom] = [-Infinity, Infinity];
      for (let k = Math.max(0, Math.floor(from)); k < Math.min(to, high.length); k++) {
        top = Math.max(top, high[k]);
        bottom = Math.min(bottom, low[k]);
      }
      if (top < bottom) continue;
      const reach = middle - 4;
      pen.fillRect(x, middle - top * reach, 1, Math.max(1, (top - bottom) * reach));
    }
  }

  #paintTime(pen, colour, floor) {
    const { rate_hz } = this.player;
    const span_s = (this.view.end - this.view.start) / rate_hz;
    const steps_s = [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600];
    const step_s = steps_s.find((one) => (one / span_s) * this.width >= 72) ?? 1800;
    pen.font = `11px ${getComputedStyle(this.element).fontFamily}`;
    pen.strokeStyle = colour("--rule");
    pen.fillStyle = colour("--quiet");
    for (let k = Math.ceil(this.view.start / rate_hz / step_s); k * step_s * rate_hz <= this.view.end; k++) {
      const x = Math.round(this.#toX(k * step_s * rate_hz)) + 0.5;
      pen.beginPath();
      pen.moveTo(x, 0);
      pen.lineTo(x, floor + 4);
      pen.stroke();
      pen.textAlign = x < 14 ? "left" : "center";
      if (x < this.width - 14) pen.fillText(clock(k * step_s, step_s < 1 ? 2 : 0), Math.max(0, x), floor + 16);
    }
  }

  #place() {
    const total_s = this.player.n_samples / this.player.rate_hz;
    this.shade.hidden = !this.region;
    this.shade.classList.toggle("looped", this.player.loop !== null);
    const [from, to] = this.region ? [this.#toX(this.region.start), this.#toX(this.region.end)] : [0, 0];
    const [left, right] = [clamp(from, 0, this.width), clamp(to, 0, this.width)];
    Object.assign(this.shade.style, { left: `${left}px`, width: `${right - left}px` });
    this.ends.forEach((end, k) => {
      const x = [from, to][k];
      end.hidden = !this.region || x < -1 || x > this.width + 1;
      if (end.hidden) return;
      end.style.left = `${x}px`;
      say(end, this.region[k ? "end" : "start"] / this.player.rate_hz, total_s, 2);
    });
  }

  #follow() {
    const { position, playing, n_samples, rate_hz } = this.player;
    const x = this.#toX(position);
    this.head.hidden = !this.#visible(position);
    this.head.style.transform = `translateX(${x}px)`;
    if (Math.floor(position / rate_hz) !== this.second) {
      this.second = Math.floor(position / rate_hz);
      say(this.surface, position / rate_hz, n_samples / rate_hz, 0);
    }
    if (playing && position > this.view.end && this.view.end < n_samples && !this.player.loop)
      this.#look(this.view.end, 2 * this.view.end - this.view.start); // turn the page
  }

  #placeMarks() {
    const { rate_hz } = this.player;
    const groups = [];
    for (const mark of [...this.#findings].sort((a, b) => a.start_s - b.start_s)) {
      const x = this.#toX(mark.start_s * rate_hz);
      const last = groups.at(-1);
      if (!this.#visible(mark.start_s * rate_hz)) continue;
      if (last && x - last.x < MARK_PX) last.marks.push(mark);
      else groups.push({ x, marks: [mark] });
    }
    const focused = [...this.marks.children].indexOf(document.activeElement);
    this.marks.replaceChildren(...groups.map((group) => this.#markButton(group)));
    this.marks.children[focused]?.focus();
  }

  #markButton({ x, marks }) {
    const worst = ["fail", "warn", "info"].find((one) => marks.some(({ finding }) => finding.severity === one));
    const words = marks.map(({ finding, start_s }) => `${finding.title} at ${clock(start_s)}`).join("; ");
    const button = make("button", { type: "button", class: `mark ${worst}`, title: words, "aria-label": words });
    button.textContent = marks.length > 1 ? marks.length : { fail: "!", warn: "!", info: "i" }[worst];
    button.style.left = `${clamp(x, 12, this.width - 12)}px`;
    let next = 0; // a mark of several goes through them
    button.addEventListener("click", () => {
      const { finding, start_s, end_s } = marks[next++ % marks.length];
      this.select({ start: start_s * this.player.rate_hz, end: Math.max(end_s, start_s + 1) * this.player.rate_hz });
      this.player.seek(start_s * this.player.rate_hz);
      this.dispatchEvent(new CustomEvent("finding", { detail: finding }));
    });
    return button;
  }

  // Closer than the overview goes, the samples themselves are drawn.
  #fine(name) {
    const detail = this.#detail;
    const fits = detail?.name === name && detail.start <= this.view.start && this.view.end <= detail.start + detail.count;
    return fits && this.view.end - this.view.start <= DETAIL_SAMPLES ? detail : null;
  }

  async #sharpen() {
    const name = this.player.blind ? [...this.#overviews.keys()][0] : this.player.selected;
    const overview = this.#overviews.get(name);
    const span = this.view.end - this.view.start;
    if (!overview || span / this.width >= overview.samples_per_point || span > DETAIL_SAMPLES || this.#fine(name)) return;
    const start = Math.max(0, Math.floor(this.view.start - (DETAIL_SAMPLES - span) / 2));
    const count = Math.min(DETAIL_SAMPLES, this.player.n_samples - start);
    this.#detail = { name, start: 0, count: 0 };
    try {
      const channels = await this.player.samples(name, start, count);
      this.#detail = { name, start, count, ...overviewOf(channels, 1) };
      this.draw();
    } catch {
      this.#detail = null; // the overview stays
    }
  }
}

// The extremes of all channels together, point by point.
export function overviewOf(channels, samples_per_point) {
  const n_points = Math.ceil(channels[0].length / samples_per_point);
  const [low, high] = [new Float32Array(n_points).fill(Infinity), new Float32Array(n_points).fill(-Infinity)];
  for (const channel of channels)
    channel.forEach((value, i) => {
      const k = Math.floor(i / samples_per_point);
      if (value < low[k]) low[k] = value;
      if (value > high[k]) high[k] = value;
    });
  return { samples_per_point, low, high };
}

// The server's peaks: for each bin and channel the lowest and the highest sample, 16 bits.
export function overviewOfPeaks(buffer, channels, samples_per_point) {
  const values = new Int16Array(buffer);
  const n_points = Math.floor(values.length / (2 * channels));
  const [low, high] = [new Float32Array(n_points), new Float32Array(n_points)];
  for (let k = 0, i = 0; k < n_points; k++)
    for (let c = 0; c < channels; c++, i += 2) {
      low[k] = c ? Math.min(low[k], values[i] / 32767) : values[i] / 32767;
      high[k] = c ? Math.max(high[k], values[i + 1] / 32767) : values[i + 1] / 32767;
    }
  return { samples_per_point, low, high };
}

export function clock(time_s, digits = 0) {
  const whole = Math.floor(time_s / 60 + 1e-9);
  const rest = Math.max(0, time_s - 60 * whole);
  const shown = digits ? rest.toFixed(digits) : `${Math.floor(rest + 1e-6)}`;
  return `${whole}:${shown.padStart(digits ? 3 + digits : 2, "0")}`;
}

function say(slider, value_s, total_s, digits) {
  slider.setAttribute("aria-valuemax", total_s.toFixed(digits));
  slider.setAttribute("aria-valuenow", value_s.toFixed(digits));
  slider.setAttribute("aria-valuetext", `${clock(value_s, digits)} of ${clock(total_s)}`);
}

function consume(event) {
  event.preventDefault();
  event.stopPropagation();
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
